#if os(Linux)
  import Testing

  private let files = """
    mkdir new old
    for m in 0644 0755 0600 0444 0777 0666 0400 1644 2755 4755 6777 0611 2644 0640; do
    echo $m >m$m; chmod $m m$m; echo old >old/m$m; done
    chmod 600 old/m0644 old/m0755 old/m4755; chmod 777 old/m0600 old/m0400; chmod 6755 old/m0611 old/m0777
    """

  private let umasks = ["000", "022", "077", "027", "002", "777", "200", "177"]

  private let fileModes = umasks.flatMap { umask in
    [
      Case("new files, umask \(umask)", files, "umask \(umask); cp m* new"),
      Case("new files, umask \(umask), -p", files, "umask \(umask); cp -p m* new"),
      Case(
        "new files, umask \(umask), --no-preserve=mode", files, "umask \(umask); cp --no-preserve=mode m* new"
      ),
    ]
  }

  private let options =
    [
      "", "-p", "-a", "--preserve=mode", "--preserve=ownership", "--preserve=mode,ownership",
      "--preserve=timestamps",
      "--preserve=all", "--no-preserve=mode", "-p --no-preserve=mode", "-a --no-preserve=mode",
      "--no-preserve=mode -p", "-p --no-preserve=ownership", "-p --no-preserve=all", "-f",
      "--remove-destination",
      "--remove-destination -p", "--attributes-only", "--attributes-only -p",
      "--attributes-only --no-preserve=mode",
      "--reflink=never", "--sparse=always", "-l", "-b", "-b --preserve=mode",
    ].flatMap { option in
      [
        Case("new files, \(option)", files, "umask 027; cp \(option) m* new"),
        Case("existing files, \(option)", files, "umask 027; cp \(option) m* old"),
      ]
    }

  private let tree = """
    for m in 0755 0700 0777 1777 2755 3777 4755 0711 0555 0500; do
    mkdir -p t/$m; echo $m >t/$m/f; chmod 640 t/$m/f; mkdir t/$m/in; done
    for m in 0755 0700 0777 1777 2755 3777 4755 0711 0555 0500; do chmod $m t/$m/in t/$m; done
    """

  private let treeModes = ["000", "022", "077", "027", "777", "700", "300"].flatMap { umask in
    ["-r", "-rp", "-r --no-preserve=mode", "-a"].map { option in
      Case("a tree, umask \(umask), \(option)", tree, "umask \(umask); cp \(option) t new")
    }
  }

  private let inherited = [
    Case(
      "into a set-group-ID directory", "mkdir -m 2777 d; echo a >a; mkdir t; echo x >t/x",
      "cp a d; cp -r t d; cp -rp t d/p"),
    Case(
      "into a set-group-ID directory of another group",
      "mkdir d; chown :1234 d; chmod 2777 d; echo a >a; mkdir -m 750 t; echo x >t/x; chmod 6755 t/x",
      "cp a d; cp -p a d/p; cp -r t d; cp -rp t d/q; cp -a t d/a", as: .root),
    Case(
      "into another's set-group-ID directory",
      "mkdir d; chown :1234 d; chmod 2777 d; echo a >a; chown 65534 a; mkdir t; echo x >t/x; chmod 2755 t/x; chown -R 65534 t",
      "u='setpriv --reuid=65534 --regid=65534 --clear-groups'; $u cp a d; $u cp -p a d/p; $u cp -r t d; $u cp -a t d/a",
      as: .root),
    Case(
      "set-ID bits of what is written to",
      "echo new >a; for m in 4755 2755 6711 2644; do echo old >b$m; chmod $m b$m; done",
      "for f in b*; do cp a $f; done"),
    Case(
      "set-ID bits of what is written to with nothing",
      ": >a; for m in 4755 2755; do echo old >b$m; chmod $m b$m; done", "for f in b*; do cp a $f; done"),
    Case(
      "an unreadable source", "echo a >a; chmod 0 a; mkdir d; echo b >b", "cp a d; cp a b; cp a new",
      as: .ordinary),
    Case(
      "an unreadable source, as root", "echo a >a; chmod 0 a; mkdir d; echo b >b",
      "cp a d; cp -p a d/p; cp a b"),
    Case("a write-only destination", "echo a >a; echo b >b; chmod 200 b", "cp a b"),
    Case("a write-only source", "echo a >a; chmod 200 a", "cp a b"),
    Case(
      "the mode of a private file's copy while it is made", "mkfifo -m 600 p",
      "umask 0; echo x >p & cp --copy-contents -Rp p new; wait"),
    Case(
      "--no-preserve=mode of an executable", "echo a >a; chmod 755 a", "umask 022; cp --no-preserve=mode a b"),
    Case(
      "--no-preserve=mode of a FIFO and a directory", "mkfifo -m 777 p; mkdir -m 777 t",
      "umask 027; cp -r --no-preserve=mode p t new; mkdir d; cp -r --no-preserve=mode p t d"),
    Case("-p of a directory over another", "mkdir -m 2711 t; mkdir -m 755 d; echo x >t/x", "cp -rpT t d"),
    Case(
      "--preserve=mode of a directory over another", "mkdir -m 1777 t; mkdir -m 700 d; echo x >t/x",
      "cp -rT --preserve=mode t d"),
    Case(
      "a read-only directory over another", "mkdir t d; echo x >t/x; chmod 555 t", "cp -rT t d; cp -rpT t d"),
    Case("into a read-only directory", "mkdir -m 555 d; echo a >a", "cp a d", as: .ordinary),
    Case(
      "a tree into a read-only directory", "mkdir t; echo x >t/x; mkdir -m 555 d", "cp -r t d", as: .ordinary),
    Case(
      "over a file in a read-only directory", "mkdir d; echo a >a; echo b >d/a; chmod 555 d",
      "cp a d; cp -f a d; cp --remove-destination a d; cp -b a d", as: .ordinary),
    Case(
      "over a read-only directory of a tree", "mkdir -p t/s d/t/s; echo x >t/s/x; chmod 555 d/t/s",
      "cp -r t d", as: .ordinary),
  ]

  extension ConformanceTests {
    @Test("Modes, the umask and special bits", arguments: Ground.available) func modeTable(_ ground: Ground)
      throws
    {
      try agrees(fileModes + options + treeModes + inherited.everywhere(), on: ground)
    }
  }
#endif
