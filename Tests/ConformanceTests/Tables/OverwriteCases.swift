#if os(Linux)
  import Testing

  private let files = """
    echo a >a; echo b >b; mkdir -p d/full; echo x >d/full/x; echo o >d/a; ln b h
    ln -s b lb; ln -s no ln; ln -s missing/no lm; ln -s loop loop; ln -s d ld; mkfifo p; ln -s p lp; echo r >r; chmod 444 r; ln -s r lr
    """

  private let destinations = [
    "b", "h", "lb", "ln", "lm", "loop", "ld", "d", "r", "lr", "new", "ln/", "lb/", "ld/", "loop/", "d/a",
  ]

  private let ways = [
    "", "-f", "-n", "-u", "--remove-destination", "-f --remove-destination", "-i", "-p", "-P", "-l", "-lf",
    "-s", "-sf", "-T",
    "-fT", "-T --remove-destination", "--attributes-only", "-b", "-r", "-rf", "-a", "-v", "-fv",
    "-v --remove-destination", "-nv", "-uv",
  ]

  /// One file over everything that can be there, one command each.
  private let everything =
    ways.map { overEverything($0) }
    + ["", "-f", "-n", "--remove-destination", "-P", "-sf", "-b", "-r", "-a"].map {
      overEverything($0, first: "export POSIXLY_CORRECT=1; ")
    }

  private func overEverything(_ way: String, first: String = "") -> Case {
    Case(
      "over everything, \(way)\(first.isEmpty ? "" : ", POSIXLY_CORRECT")", files,
      """
      \(first)for d in \(destinations.joined(separator: " ")); do echo "$d"; cp \(way) a $d </dev/null 2>&1; echo $?; done
      """)
  }

  private let commands = [
    // Links to nowhere.
    "cp a ln", "cp -f a ln", "POSIXLY_CORRECT=1 cp a ln", "POSIXLY_CORRECT=1 cp -f a ln",
    "POSIXLY_CORRECT=1 cp a lm", "cp a ln/", "cp -T a ln",
    "cp --remove-destination a ln", "cp -d a ln", "cp -P lb ln", "cp -b a ln", "cp -n a ln", "cp -u a ln",
    "cp -i a ln </dev/null", "echo y | cp -i a ln",
    "POSIXLY_CORRECT=1 cp -p a ln", "POSIXLY_CORRECT=1 cp -r a ln", "POSIXLY_CORRECT=1 cp -l a ln",
    "POSIXLY_CORRECT=1 cp -s a ln", "cp a loop", "cp -f a loop",
    "cp --remove-destination a loop", "POSIXLY_CORRECT=1 cp a loop", "cp -r d ln", "cp -rT d ln",
    "cp -rT d loop", "cp -r d/full ld", "cp -rT d/full ld",
    "cp -rT d/full ln", "cp -rf d/full ln", "cp -rT --remove-destination d/full ln",
    "POSIXLY_CORRECT=1 cp -rT d/full ln", "cp a ln ln",
    // Asking.
    "cp -i a b </dev/null", "echo y | cp -i a b", "echo n | cp -i a b", "echo Y | cp -i a b",
    "echo yes | cp -i a b", "echo no | cp -i a b", "echo yno | cp -i a b",
    "echo ' y' | cp -i a b", "echo ja | cp -i a b", "printf y | cp -i a b", "printf '\\ny\\n' | cp -i a b",
    "echo '' | cp -i a b", "printf 'y\\nn\\n' | cp -i a b d",
    "printf 'n\\ny\\n' | cp -i a r d; printf 'n\\ny\\n' | cp -i a b d", "cp -i a new </dev/null",
    "echo y | cp -iv a b", "echo n | cp -iv a b",
    "echo y | cp --interactive a b", "echo y | cp -i a r", "echo n | cp -i a r", "echo y | cp -if a r",
    "echo y | cp -i a lr", "echo y | cp -i a lb", "echo n | cp -i a ln",
    "echo y | cp -i a d", "echo n | cp -i a d", "echo y | cp -iT a d", "echo y | cp -i d/full b",
    "echo y | cp -ri d/full b", "echo y | cp -i missing b",
    "echo y | cp -i a a", "echo n | cp -i a a", "echo y | cp -i b h",
    "echo y | cp -i --remove-destination a b", "echo y | cp -iu a b", "echo n | cp -in a b",
    "echo y | cp -ni a b",
    "echo y | cp -in a b", "echo n | cp -ib a b", "echo y | cp -ib a b", "echo n | cp -il a b",
    "echo n | cp -is a b", "echo n | cp -ip a b", "echo n | cp -i --attributes-only a b",
    "LC_ALL=C.UTF-8 sh -c 'echo y | cp -i a b'", "printf 'y\\ny\\ny\\n' | cp -i a a b d",

    "chmod 000 b; echo n | cp -i a b; echo y | cp -i a b", "chmod 4555 b; echo n | cp -i a b",
    "chmod 222 b; echo n | cp -i a b", "chmod 1444 b; echo n | cp -if a b",
    "echo n | cp -i a \"$(printf 'new\\nline')\"; cp a \"$(printf 'new\\nline')\"; echo n | cp -i a \"$(printf 'new\\nline')\"",
    // Leaving alone.
    "cp -n a b", "cp -n a new", "cp --no-clobber a b", "cp -n a d", "cp -n a b d", "cp -nv a b",
    "cp -nv a b d", "cp -n missing b", "cp -n a a", "cp -n d/full b", "cp -nr d/full b",
    "cp -nr d new; cp -nr d new", "cp -nT a d", "cp -n a r", "cp -n a loop", "cp -n a ld", "cp -nT a ld",
    "cp -nu a b", "cp -n --remove-destination a b", "cp -nl a b", "cp -ns a b", "cp -np a b",
    // Removing.
    "cp --remove-destination a b", "cp --remove-destination a h", "cp --remove-destination a lb",
    "cp --remove-destination a d", "cp -T --remove-destination a d",
    "cp --remove-destination a p", "cp --remove-destination a lp", "cp --remove-destination a r",
    "cp --remove-destination a b/", "cp --remove-destination a lb/", "cp --remove-destination a a",
    "cp --remove-destination b h", "cp --remove-destination lb b", "cp --remove-destination b lb",
    "cp -v --remove-destination a b", "cp -v --remove-destination a new", "cp --remove-destination missing b",
    "cp --remove-destination d/full b", "cp -r --remove-destination d/full b",
    "cp --remove-destination a b d", "cp -p --remove-destination a b", "cp -d --remove-destination lb b",
    // Force.
    "cp -f a b", "cp -f a r", "cp -fv a r", "cp -f a lr", "cp -f a d", "cp -fT a d", "cp -f a lb",
    "cp -f a new/", "cp -f a b/", "cp -f a missing/new", "cp -f a b/new", "cp -f d/full b", "cp -fr d/full b",
    "cp -f missing b", "cp -fp a r", "cp -fb a r", "cp -fn a r", "cp -fu a r", "cp a r", "cp -v a r",
    "cp -u a r", "cp -p a r", "cp -d lb r", "cp -r p r", "cp --attributes-only a r",
    "cp --attributes-only -p a r",
    "cp -f --attributes-only a r",
    "chmod 0 b; cp a b; cp -f a b", "chmod 0 b; cp -fv a h",
    // Over other kinds.
    "cp -f a p & cat p >/dev/null; wait", "cp -rT d/full a", "cp -T a d/full", "cp -r p b", "cp -rv p b",
    "cp -P lb b", "cp -Pv lb h", "cp -a lb b", "cp -P ln d/a", "cp -d lb p", "cp -r p lb", "cp -r p ln",
    "cp -a p r",
  ].map { Case($0, files, $0) }

  private let ages = """
    for n in older newer equal; do echo $n >$n; done; echo a >a; touch -d @1000000000.5 a; touch -d @999999999.5 older; touch -d @1000000000.500000001 newer
    touch -d @1000000000.5 equal; mkdir d; ln -s newer ln; ln -s older lo; ln -s no lx; touch -hd @1 ln; touch -hd @1200000000 lo lx
    """

  private let updates = [
    "cp -u a older", "cp -u a newer", "cp -u a equal", "cp -u a new", "cp -u a d; cp -u a d",
    "cp -up a older; cp -upv a older", "cp -uv a older; cp -uv a newer",
    "cp --update a older", "cp -u a ln", "cp -u a lo", "cp -u a lx", "cp -ui a older </dev/null",
    "cp -ui a newer </dev/null", "cp -un a older", "cp -nu a older",
    "cp -uf a newer", "cp -ub a older", "cp -ub a newer", "cp -ul a older", "cp -ul a newer",
    "cp -us a older", "cp -us a newer", "cp -u --remove-destination a newer",
    "cp -u --remove-destination a older", "cp -u --attributes-only a older", "cp -u a a",
    "cp -u missing older", "cp -uT a d", "cp -u older newer equal d; cp -uv a newer older d",
    "cp -ur d new; cp -ur d new", "cp -u -d ln older; cp -u -d ln newer", "cp -u -P lo newer",
    "mkdir t; cp -p a t; cp -ru t new; cp -ruv t new; touch -d @5 new/t/a; echo more >t/a; cp -ruv t new",
    "cp -p newer a2; cp -u older a2; cp -u newer a2",
    "touch -d @1000000000 whole; cp -u a whole; cp -u whole a",
    "mkfifo p; touch -d @1 p; cp -ru p older; cp -ru p newer",
    "cp -au a newer older equal d; cp -auv a newer older equal d",
  ].map { Case($0, ages, $0) }

  private let single = [
    Case("-i and nothing to read an answer from", "echo a >a; echo b >b", "cp -i a b <&-; cp -i a new <&-"),
    Case(
      "--attributes-only of a new file", "echo a >a; chmod 751 a",
      "cp --attributes-only a b; cp -p --attributes-only a c; umask 077; cp --attributes-only a e"),
    Case(
      "--attributes-only over a file", "echo a >a; chmod 751 a; seq 100 >b; chmod 600 b",
      "cp --attributes-only a b; cp -p --attributes-only a b"),
    Case(
      "--attributes-only over a link", "echo a >a; echo b >b; ln -s b l; ln -s no n",
      "cp -p --attributes-only a l; cp --attributes-only a n"),
    Case(
      "--attributes-only of a directory", "mkdir -m 750 t; echo x >t/x",
      "cp --attributes-only t d; cp -r --attributes-only t d; cp -a --attributes-only t e"),
    Case(
      "--attributes-only of a link", "ln -s no l; echo o >o",
      "cp -d --attributes-only l m; cp -dp --attributes-only l o; cp -d --attributes-only l o"),
    Case(
      "--attributes-only of a FIFO", "mkfifo -m 640 p",
      "cp -r --attributes-only p q; cp -a --attributes-only p q"),
    Case(
      "--attributes-only with -v, -b, -u, -n, -i and -f", "echo a >a; echo b >b",
      "cp -v --attributes-only a b; cp -b --attributes-only a b; cp -u --attributes-only a b; cp -n --attributes-only a b; cp -i --attributes-only a b </dev/null; cp -f --attributes-only a b"
    ),
    Case(
      "--attributes-only of a file that cannot be read", "echo a >a; chmod 0 a; echo b >b",
      "cp --attributes-only a new; cp -p --attributes-only a b", as: .ordinary),
    Case(
      "--attributes-only of a large file", "seq 100000 >a",
      "cp -p --attributes-only a b; cp --attributes-only --sparse=always a c"),
    Case(
      "-f over a file in a directory of others", "mkdir -m 755 d; echo o >d/a; echo a >a",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -f a d", as: .root),
    Case(
      "-f over others' file in one's own directory",
      "mkdir d; chown 65534 d; echo o >d/a; chmod 600 d/a; echo a >a",
      "u='setpriv --reuid=65534 --regid=65534 --clear-groups'; $u cp a d; $u cp -i a d </dev/null; $u cp -fv a d",
      as: .root),
    Case(
      "-f over others' file in a sticky directory", "mkdir -m 1777 d; echo o >d/a; chmod 600 d/a; echo a >a",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -f a d; setpriv --reuid=65534 --regid=65534 --clear-groups cp --remove-destination a d",
      as: .root),
    Case(
      "over a program that runs", "cp /bin/sleep s; cp /bin/sleep n; echo a >a",
      "./s 50 & p=$!; until [ \"$(readlink /proc/$p/exe)\" = \"$PWD/s\" ]; do :; done; cp a s; echo $?; cp -f a s; echo $?; kill $p"
    ),
    Case(
      "over a program that runs, --remove-destination", "cp /bin/sleep s; echo a >a",
      "./s 50 & p=$!; until [ \"$(readlink /proc/$p/exe)\" = \"$PWD/s\" ]; do :; done; cp -v --remove-destination a s; echo $?; kill $p"
    ),
    Case(
      "over an immutable file", "echo a >a; echo b >b",
      "chattr +i b || exit 0; cp a b; cp -f a b; cp -fv a b; cp --remove-destination a b; cp -p --attributes-only a b; chattr -i b",
      as: .root, on: .only([.ext4, .xfs, .btrfs])),
    Case(
      "over a file that is only appended to", "echo a >a; echo b >b",
      "chattr +a b || exit 0; cp a b; cp -f a b; chattr -a b", as: .root, on: .only([.ext4, .xfs, .btrfs])),
    Case(
      "an unreadable source, --remove-destination", "echo a >a; echo b >b; chmod 0 a",
      "cp --remove-destination a b", as: .ordinary
    )
    .departing(.readsSourceFirst, leaving: "[ \"$(cat b)\" = b ]"),
    Case(
      "an unreadable source, -f", "echo a >a; echo b >b; chmod 0 a; chmod 444 b", "cp -f a b; cat b",
      as: .ordinary),
    Case(
      "an unreadable source over a link to nowhere", "echo a >a; ln -s no l; chmod 0 a", "cp a l; cp -f a l",
      as: .ordinary),
  ]

  extension ConformanceTests {
    @Test("Over everything", arguments: Ground.available) func overEverythingTable(_ ground: Ground) throws {
      try agrees(everything, on: ground)
    }

    @Test("-f, -i, -n, --remove-destination and links to nowhere", arguments: Ground.available)
    func overwriteTable(_ ground: Ground) throws {
      try agrees(commands + single, on: ground)
    }

    @Test("-u", arguments: Ground.available) func updateTable(_ ground: Ground) throws {
      try agrees(updates, on: ground)
    }
  }
#endif
