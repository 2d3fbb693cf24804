#if os(Linux)
  import Testing

  private let tree = """
    mkdir -p t/sub/deep t/empty d
    echo x >t/x; echo y >t/sub/y; echo z >t/sub/deep/z; : >t/none
    ln -s x t/link; ln -s nowhere t/dangling; ln -s sub t/dirlink; ln -s ../x t/sub/up; mkfifo t/fifo
    chmod 750 t/sub; chmod 600 t/x; chmod 711 t/empty; echo f >f
    """

  private let operands = [
    "cp -r t new", "cp -R t new", "cp --recursive t new", "cp -a t new", "cp --archive t new", "cp -rp t new",
    "cp -dR t new", "cp -rP t new", "cp -r t d", "cp -r t d/", "cp -r t/ d", "cp -r t/ new", "cp -r t/ new/",
    "cp -r t new/", "cp -r t/. d", "cp -r t/. new", "cp -r t/./ new", "cp -rT t d", "cp -rT t new",
    "cp -rt d t",
    "cp -r t f d", "cp -r f t d", "cp -r t missing d", "cp -r missing t d", "cp -r t missing/new",
    "cp -r t missing/new/x",
    "cp -r t f", "cp -rT t f", "cp -rf t f", "cp -rT --remove-destination t f", "cp -r t f/new",
    "cp -r t/x t/sub d",
    "cp -r t d && cp -r t d", "cp -r t d; cp -rv t d", "cp -a t d && cp -a t d",
    "cp -rT t new && cp -rT t new",
    "cd t; cp -r . ../new", "cd t; cp -r . ../d", "cd t; cp -r ./. ../new", "cd t/sub; cp -r .. ../../new",
    "cd t/sub; cp -r .. ../../d", "cp -r t/sub/.. new", "cp -r t/sub/.. d", "cp -r t/sub/../sub d",
    #"cp -r "$PWD/t" "$PWD/new""#, "cp -r t//sub///deep d", "cp -rv t new", "cp -av t d", "cp -rv t/ d",
    "cp -rv t/. d",
    "cp -rv t//sub/ d//", "cp -rv ./t ./d/.", "cp -rv f t d",
    // Onto themselves and into themselves.
    "cp -rT t t",
    "cp -r t/. t", "cp -rT t/. t", "cp -rT t t/.", "cp -r t .", "cp -r t/sub t", "cp -r t/sub/ t",
    "cp -r t/sub/. t",
    "cp -r . .",
    "ln -s t s; cp -rT t s", "ln -s t s; cp -rT s t", "ln -s t s; cp -rT s/ t",
    "cp -r t/sub d d/..",
    "mkdir d/t; cp -r d/t d", "mkdir -p d/t/t; cp -rT d/t/t d/t",
    // With other options.
    "cp -rl t new", "cp -rs t new", #"cp -rs "$PWD/t" new"#, #"cp -rs "$PWD/t" "$PWD/new""#, "cp -rn t new",
    "cp -ru t new", "cp -rf t new", "cp -ri t new </dev/null", "cp -rb t new",
    "cp -r --remove-destination t new",
    "cp -r --attributes-only t new", "cp -r --sparse=always t new", "cp -r --reflink=never t new",
    "cp -rx t new", "cp -r --no-preserve=mode t new", "cp -r --preserve=timestamps t new",
    "cp -r --strip-trailing-slashes t/ new", "umask 077; cp -r t new", "umask 027; cp -r t new",
    "umask 0; cp -r t new",
    "umask 0777; cp -r t new", "umask 0777; cp -a t new", "umask 0277; cp -rv t new", "umask 0377; cp -r t d",
  ].map { Case($0, "", $0) }.after(tree)

  /// Where cp finds its own copy by another name, it says that it makes no hard link to a directory.
  private let intoItselfMessages = [
    "ln -s t s; cp -r s/ t": ["cp: cannot copy a directory, 's/', into itself, 't/s'"],
    "ln -s t/sub s; cp -r t s/new": ["cp: cannot copy a directory, 't', into itself, 's/new'"],
  ]

  /// A directory into itself, the directory, and where its copy is in it.
  private let intoItself = [
    ("cp -r t t", "t", "t"), ("cp -r t t/", "t", "t"), ("cp -r t ./t", "t", "t"),
    ("cp -r t t/new", "t", "new"),
    ("cp -a t t/new", "t", "new"), ("cp -rT t t/new", "t", "new"), ("cp -r t t/sub", "t", "sub/t"),
    ("cp -r t t/sub/deep", "t", "sub/deep/t"), ("cp -r t t/sub/new", "t", "sub/new"),
    ("cp -r t/. t/sub", "t", "sub"),
    ("cp -r . d", ".", "d"), ("cp -r . new", ".", "new"), ("cp -rT . d", ".", "d"), ("cp -r ./ d", ".", "d"),
    ("cp -r \"$PWD/t\" t/sub", "t", "sub/t"),
    ("ln -s t/sub s; cp -r t s", "t", "sub/t"), ("ln -s t/sub s; cp -r t s/new", "t", "sub/new"),
    ("ln -s t s; cp -r s/. t/sub", "t", "sub"), ("ln -s t s; cp -r s/ t", "t", "s"),
    ("mkdir t/t; cp -r t t/t", "t", "t/t"),
    ("cp -rlP t t/new", "t", "new"), ("cp -rb t t/new", "t", "new"), ("cp -rp t t/new", "t", "new"),
    ("cp -r --attributes-only t t/new", "t", "new"), ("cp --parents -r t t", "t", "t"),
    ("cp --parents -r . d", ".", "d"),
    ("cp --parents -r t/sub t/sub", "t/sub", "t/sub"), ("cp -rx . new", ".", "new"),
  ].map { command, source, copy in
    Case(command, "", command).departing(
      .copiesAllButItself,
      errors: intoItselfMessages[command],
      leaving: """
        list() { find . -path ./\(copy) -prune -o -print | sort; }
        mkdir lists; (cd \(source); list) | grep -v lists >lists/source
        (cd \(source)/\(copy); list) >lists/copy
        [ -z "$(comm -23 lists/source lists/copy)" ]; [ -z "$(ls -A \(source)/\(copy)/\(copy) 2>/dev/null)" ]
        """)
  }.after(tree)

  /// A tree over one that is there.
  private let merges = [
    Case(
      "files of the same names", "echo old >d/t/x; echo old >d/t/sub/y; echo other >d/t/other", "cp -r t d"),
    Case("files of the same names, told", "echo old >d/t/x; echo old >d/t/sub/y", "cp -rv t d"),
    Case("a directory where a file is to go", "mkdir d/t/x", "cp -r t d"),
    Case("a full directory where a file is to go", "mkdir -p d/t/x/full", "cp -rf --remove-destination t d"),
    Case("a directory where a file is to go, -b", "mkdir d/t/x", "cp -rb t d"),
    Case("a directory where a link is to go", "mkdir d/t/link", "cp -r t d"),
    Case("a directory where a FIFO is to go", "mkdir d/t/fifo", "cp -r t d"),
    Case("a file where a directory is to go", "rmdir d/t/sub; echo f >d/t/sub", "cp -r t d"),
    Case("a file where a directory is to go, -f", "rmdir d/t/sub; echo f >d/t/sub", "cp -rf t d"),
    Case("a file where a directory is to go, -b", "rmdir d/t/sub; echo f >d/t/sub", "cp -rb t d"),
    Case(
      "a file where a directory is to go, --remove-destination", "rmdir d/t/sub; echo f >d/t/sub",
      "cp -r --remove-destination t d"),
    Case("a FIFO where a directory is to go", "rmdir d/t/sub; mkfifo d/t/sub", "cp -r t d"),
    Case("a link to a directory where a directory is to go", "rmdir d/t/sub; ln -s .. d/t/sub", "cp -r t d"),
    Case(
      "a link to a directory where a directory is to go, -b", "rmdir d/t/sub; ln -s .. d/t/sub", "cp -rb t d"),
    Case("a link to nowhere where a directory is to go", "rmdir d/t/sub; ln -s no d/t/sub", "cp -r t d"),
    Case("a link to a directory in the place of the tree", "rm -r d/t; mkdir e; ln -s ../e d/t", "cp -r t d"),
    Case("a link to a directory, -T", "rm -r d/t; mkdir e; ln -s ../e d/t", "cp -rT t d/t"),
    Case("a link to a directory, -T and a slash", "rm -r d/t; mkdir e; ln -s ../e d/t", "cp -rT t d/t/"),
    Case("a link where a file is to go", "echo old >old; ln -s ../../old d/t/x", "cp -r t d"),
    Case("a link where a file is to go, -a", "echo old >old; ln -s ../../old d/t/x", "cp -a t d"),
    Case(
      "a link where a file is to go, --remove-destination", "echo o >o; ln -s ../../o d/t/x",
      "cp -r --rem t d"),
    Case("a link to nowhere where a file is to go", "ln -s nowhere d/t/x", "cp -r t d"),
    Case("a link to nowhere where a file is to go, -f", "ln -s nowhere d/t/x", "cp -rf t d"),
    Case("a link to itself where a file is to go", "ln -s x d/t/x", "cp -r t d"),
    Case("a link where a link is to go", "ln -s elsewhere d/t/link", "cp -r t d"),
    Case("the same link where a link is to go", "ln -s x d/t/link", "cp -r t d"),
    Case("a file where a link is to go", "echo f >d/t/link", "cp -r t d"),
    Case("a file where a FIFO is to go", "echo f >d/t/fifo", "cp -r t d"),
    Case("a FIFO where a FIFO is to go", "mkfifo -m 600 d/t/fifo", "cp -r t d"),
    Case("a FIFO where a link is to go", "mkfifo d/t/link", "cp -r t d"),
    Case(
      "a FIFO where a file is to go, --remove-destination", "mkfifo d/t/x", "cp -r --remove-destination t d"),
    Case(
      "hard links to a file to go", "cp -p t/x t/none; echo old >o; ln o d/t/x; ln o d/t/none", "cp -r t d"),
    Case(
      "hard links to a file to go, -a", "cp -p t/x t/none; echo old >o; ln o d/t/x; ln o d/t/none",
      "cp -a t d"),
    Case("hard links to the source", "ln t/x d/t/x", "cp -r t d"),
    Case("hard links to the source, -l", "ln t/x d/t/x; ln t/none d/t/none", "cp -rl t d"),
    Case("hard links to the source, -f", "ln t/x d/t/x", "cp -rf t d"),
    Case("hard links to the source, --remove-destination", "ln t/x d/t/x", "cp -r --remove-destination t d"),
    Case("directories of other modes", "chmod 700 d/t/sub; chmod 2755 d/t", "cp -r t d"),
    Case("directories of other modes, -p", "chmod 700 d/t/sub; chmod 2755 d/t", "cp -rp t d"),
    Case("-n", "echo old >d/t/x; ln -s nowhere d/t/link; ln -s no d/t/none", "cp -rn t d"),
    Case("-nv", "echo old >d/t/x", "cp -rnv t d"),
    Case(
      "-u, some older and some newer",
      "echo o >d/t/x; echo o >d/t/none; touch -d @1 d/t/x; touch -d @5000000000 d/t/none", "cp -ru t d"),
    Case(
      "-uv", "echo o >d/t/x; echo o >d/t/none; touch -d @1 d/t/x; touch -d @5000000000 d/t/none",
      "cp -ruv t d"),
    Case("-b", "echo old >d/t/x; echo old >d/t/sub/y; ln -s no d/t/link; mkfifo d/t/fifo", "cp -rb t d"),
    Case("-bv", "echo old >d/t/x; echo old >d/t/sub/y; ln -s no d/t/link; mkfifo d/t/fifo", "cp -rbv t d"),
    Case("--backup=numbered twice", "", "cp -r --backup=numbered t d; cp -r --backup=numbered t d"),
    Case("-i with no answer", "echo old >d/t/x", "cp -ri t d </dev/null"),
    Case("-i with a yes", "echo old >d/t/x", "echo y | cp -ri t d"),
    Case("-l", "echo old >d/t/x", "cp -rl t d"),
    Case("-lf", "echo old >d/t/x; mkfifo d/t/fifo", "cp -rlf t d"),
    Case("-s", "echo old >d/t/x", #"cp -rs "$PWD/t" d"#),
    Case("-sf", "echo old >d/t/x; ln -s no d/t/link", #"cp -rsf "$PWD/t" d"#),
    Case("--attributes-only", "echo old >d/t/x; chmod 644 d/t/x", "cp -a --attributes-only t d"),
    Case(
      "--remove-destination -v", "echo old >d/t/x; ln -s no d/t/link", "cp -r --remove-destination -v t d"),
    Case("from two trees", "mkdir -p u/t/sub; echo u >u/t/x; echo u >u/t/sub/u", "cp -r t u/t d"),
    Case(
      "from two trees, told", "mkdir -p u/t/sub u/t/new; echo u >u/t/u; echo u >u/t/sub/u", "cp -rv t u/t d"),
    Case("an existing tree with a slash", "", "cp -r t/ d/t/"),
    Case("an existing read-only file, -f", "echo old >d/t/x; chmod 0 d/t/x", "cp -rf t d"),
  ].after(tree + "\nmkdir -p d/t/sub")

  private let shapes = [
    Case(
      "a deep tree", "mkdir -p $(printf 't/%.0s' $(seq 200)); echo x >$(printf 't/%.0s' $(seq 200))x",
      "cp -r t new"),
    Case("a wide tree", "mkdir t; cd t; for i in $(seq 300); do echo $i >f$i; done", "cp -r t new"),
    Case(
      "a wide tree, -a", "mkdir t; cd t; for i in $(seq 300); do echo $i >f$i; done; chmod 600 f1*",
      "cp -a t new"),
    Case(
      "many directories", "mkdir t; cd t; for i in $(seq 60); do mkdir -p $i/$i; echo $i >$i/$i/f; done",
      "cp -rv t new"),
    Case(
      "files of all sizes",
      "mkdir t; cd t; for i in 0 1 4095 4096 70000 131073 300000 1100000; do yes x$i | head -c $i >$i; done",
      "cp -a t new"),
    Case(
      "odd names",
      #"mkdir t; cd t; for n in '\n' 'a\377' ' ' -r "it's" '\033' '*'; do f=$(printf -- "$n/"); f=${f%/}; mkdir "./$f"; echo x >"./$f/$f"; done"#,
      "cp -rv t new"),
    Case("an empty directory", "mkdir t", "cp -r t new"),
    Case("a directory without a name for others", "mkdir -m 700 t; echo x >t/x", "cp -r t new"),
    Case(
      "sockets",
      "mkdir t; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"t/s\")' || exit 77",
      "cp -r t new; cp -a t again"),
    Case(
      "a socket without -r",
      "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")' || exit 77", "cp s new"),
    Case("a FIFO", "mkfifo -m 640 p", "cp -r p new; cp -a p again; umask 077; cp -R p d"),
    Case("a FIFO over a file", "mkfifo p; echo f >f", "cp -r p f"),
    Case("a FIFO over a link", "mkfifo p; echo f >f; ln -s f l", "cp -r p l"),
    Case("a FIFO over a directory", "mkfifo p; mkdir d", "cp -rT p d"),
    Case("a FIFO, -l and -s", "mkfifo p", "cp -rl p l; cp -s p s; cp -rs p s2"),
    Case("--copy-contents of a FIFO", "mkfifo p", "seq 50000 >p & cp -r --copy-contents p new; wait"),
    Case(
      "--copy-contents of a FIFO in a tree", "mkdir t; mkfifo t/p; echo x >t/x",
      "seq 3 >t/p & cp -R --copy-contents t new; wait"),
    Case("--copy-contents with -a", "mkfifo -m 640 p", "seq 3 >p & cp -a --copy-contents p new; wait"),
    Case("--copy-contents of a device", "mkdir t", "cp -r --copy-contents /dev/null new"),
    Case("a device, as an ordinary user", "", "cp -r /dev/null new", as: .ordinary),
    Case(
      "a device in a list, as an ordinary user", "mkdir d; echo a >a", "cp -a /dev/null a d", as: .ordinary),
    Case(
      "a character device", "", "cp -r /dev/null new; umask 027; cp -r /dev/zero two; cp -a /dev/full three",
      as: .root),
    Case("a block device", "mknod -m 640 b b 7 200", "cp -r b new; cp -a b again", as: .root),
    Case("a device over a file", "echo f >f", "cp -r /dev/null f", as: .root),
    Case(
      "devices in a tree", "mkdir t; mknod t/null c 1 3; mknod -m 600 t/b b 7 201; chown 5:6 t/null",
      "cp -r t new; cp -a t again", as: .root),
    Case("a device with -l and with -s", "mknod n c 1 3", "cp -rl n l; cp -rs n s", as: .root),
    Case("over a device", "mknod n c 1 3; echo a >a", "cp a n; cp -r a n; cp -f a n; cp -a a n", as: .root),
    Case(
      "over a device, --remove-destination", "mknod n c 1 3; echo a >a", "cp --remove-destination a n",
      as: .root),
    Case("a tree over a device", "mknod n c 1 3; mkdir t", "cp -rT t n", as: .root),
  ]

  extension ConformanceTests {
    @Test("Trees", arguments: Ground.available) func treeTable(_ ground: Ground) throws {
      try agrees(operands + intoItself, on: ground)
    }

    @Test("Trees over others", arguments: Ground.available) func mergeTable(_ ground: Ground) throws {
      try agrees(merges, on: ground)
    }

    @Test("Trees of all shapes, and special files", arguments: Ground.available)
    func shapeTable(_ ground: Ground) throws {
      try agrees(
        (shapes + [
          Case(
            "deeper than any path",
            """
            python3 -c '
            import os
            for name in ["t"] + ["%050d" % number for number in range(120)]: os.mkdir(name); os.chdir(name)
            open("end", "w").write("x")' || exit 77
            """,
            "cp -r t new"
          ).departing(
            .copiesDeepTrees, status: 0, errors: [], output: [],
            leaving: """
              python3 -c '
              import os
              for name in ["new"] + ["%050d" % number for number in range(120)]: os.chdir(name)
              assert open("end").read() == "x"'
              """)
        ]).everywhere(), on: ground)
    }
  }
#endif
