#if os(Linux)
  import Testing

  private let controls = [
    "none", "off", "simple", "never", "existing", "nil", "numbered", "t", "sim", "num", "exist",
  ]

  private let states = [
    ("none yet", ""), ("a simple one", "echo o >b~"), ("a numbered one", "echo o >b.~1~"),
    ("both", "echo o >b~; echo o >b.~1~"), ("a gap", "echo o >b.~1~; echo o >b.~9~"),
    ("nine and ten", "echo o >b.~9~; echo o >b.~10~"),
    (
      "odd ones",
      "echo o >b.~07~; echo o >b.~~; echo o >b.~x~; echo o >b.~3; echo o >b.~2~x; echo o >.~8~; echo o >bb.~8~"
    ),
    ("a large number", "echo o >b.~99999999999999999999~"), ("a directory", "mkdir b~"),
    ("a numbered directory", "mkdir b.~4~"),
    ("links", "ln -s no b~; ln -s no b.~2~"), ("all nines", "echo o >b.~999~"),
  ]

  private let numbering = states.flatMap { name, setUp in
    controls.map {
      Case(
        "--backup=\($0), \(name)", "echo a >a; echo b >b; \(setUp)",
        "cp --backup=\($0) a b; cp --backup=\($0) a b")
    }
  }

  private let environment = [
    "VERSION_CONTROL=numbered cp -b a b", "VERSION_CONTROL=numbered cp --backup a b",
    "VERSION_CONTROL=none cp -b a b",
    "VERSION_CONTROL=off cp --backup a b", "VERSION_CONTROL=simple cp -b a b",
    "VERSION_CONTROL=foo cp -b a b",
    "VERSION_CONTROL=foo cp a b", "VERSION_CONTROL=n cp -b a b", "VERSION_CONTROL= cp -b a b",
    "VERSION_CONTROL=t cp -b a b",
    "VERSION_CONTROL=numbered cp --backup=simple a b", "VERSION_CONTROL=foo cp --backup=simple a b",
    "VERSION_CONTROL=numbered cp -S .x a b", "VERSION_CONTROL=numbered cp a b",
    "SIMPLE_BACKUP_SUFFIX=.bak cp -b a b", "SIMPLE_BACKUP_SUFFIX=.bak cp --backup=numbered a b",
    "SIMPLE_BACKUP_SUFFIX= cp -b a b", "SIMPLE_BACKUP_SUFFIX=x/y cp -b a b",
    "SIMPLE_BACKUP_SUFFIX=/ cp -b a b",
    "SIMPLE_BACKUP_SUFFIX=.bak cp -b -S .x a b", "SIMPLE_BACKUP_SUFFIX=.bak cp a b",
    "SIMPLE_BACKUP_SUFFIX=.b cp -S '' -b a b",
    "cp -S .x a b", "cp -S.x a b", "cp --suffix=.x a b", "cp --suffix .x a b", "cp -b -S .x a b",
    "cp -S .x --backup=numbered a b",
    "cp -S .x --backup=none a b", "cp -b -S '' a b", "cp --suffix= a b", "cp -b -S a/b a b", "cp -b -S / a b",
    "cp -b -S . a b",
    "cp -b -S ~ a b", "cp -b -S . a d/b", "cp -S .x -S .y a b", "cp --backup=none -b a b",
    "cp -b --backup=none a b",
    "cp --backup=simple --backup=numbered a b", "cp --backup=numbered -b a b", "cp -b --backup a b",
    "cp --backup --suffix=.x a new", "cp -bS .x a d",
  ].map {
    Case(
      $0,
      "echo a >a; echo b >b; mkdir d; echo o >d/a; echo o >d/b; unset VERSION_CONTROL SIMPLE_BACKUP_SUFFIX",
      $0)
  }

  private let files =
    "echo a >a; echo b >b; mkdir -p d t; echo o >d/a; echo x >t/x; ln -s b lb; ln -s no ln; ln -s d ld; mkfifo p; ln b hb"

  private let commands = [
    "cp -b a b", "cp -bv a b", "cp -b a new", "cp -bv a new", "cp -b a d", "cp -bv a d", "cp -b a b d",
    "cp -bT a d",
    "cp -b a lb", "cp -b a ln", "cp -b a ld", "cp -bT a ld", "cp -b a p", "cp -b lb a", "cp -bP lb a",
    "cp -bP ln b",
    "cp -bi a b </dev/null", "echo y | cp -bi a b", "cp -bu a b", "cp -bf a b",
    "cp -b --remove-destination a b",
    "cp -bv --remove-destination a b", "cp -bl a b", "cp -bs a b", "cp -bp a b", "cp -ab a b",
    "cp -b --attributes-only a b",
    "cp -b a a", "cp -b a ./a", "cp -bf a a", "cp -bf a ./a", "cp -bfv a a",
    "cp -f --backup=numbered a a; cp -f --backup=numbered a a",
    "cp -f --suffix=.x a a", "cp -fb d/a d", "cp -fb d/a d/a", "cp -fb missing missing", "cp -fb d d",
    "cp -fb lb lb",
    "cp -fbP lb lb", "cp -fb b lb", "cp -fb b hb", "cp -b b hb", "cp --backup=none -f a a",
    "VERSION_CONTROL=none cp -fb a a",
    "cp -fbT a a", "cp -fb a a d", "cp -fb -t . a", "cp -fbl a a", "cp -fbs a a", "cp -fbp a a",
    "cp -fbi a a </dev/null",
    "cp -f --backup a/ a", "cp -fb a .", "cp -fbu a a",
    // The source is the backup.
    "cp -p b b~; cp -b b~ b", "cp -p b b~; cp --backup=simple b~ b", "cp -p b b~; cp --backup=simple ./b~ b",
    "cp -p b b~; cp --backup=numbered b~ b",
    "cp -p b b.~1~; cp --backup=numbered b.~1~ b", "cp -p b b.x; cp -S .x b.x b",
    "cp -p b b~; cp -bv b~ b; cp -f --backup=simple b~ b",
    "mkdir e; cp -p b b~; ln b~ e/b~; cp --backup=simple e/b~ b",
    "cp -p b d/b; cp -p b d/b~; cp --backup=simple d/b~ d/b", "cp -p b b~; cp --backup=simple a b~",
    "cp -p b b~; cp -P --backup=simple b~ b",
    "mkdir x x~; cp -rT --backup=simple x~ x",
    "cp -p b b~; cp -n b~ b; cp --backup=simple b~ b d",
    // Trees.
    "cp -rb t d; cp -rb t d", "cp -rbT t d; cp -rbvT t d", "cp -rbv t d; cp -rbv t d",
    "cp -ab t d; cp -ab t d", "cp -rb t a", "cp -rbT t a",
    "cp -rb --backup=numbered t d; cp -rb --backup=numbered t d; cp -rb --backup=numbered t d", "cp -rbT t t",
    "cp -rbT t ld",
    "cp -rb t ld; cp -rb t ld", "cp -rbT d t; cp -rbT t d", "cp --parents -b d/a t; cp --parents -bv d/a t",
    "mkdir -p u/x; cp -rbT u t", "mkdir -p t2/x; cp -rbT t t2",
    // Just created.
    "cp -b a d/a t", "cp --backup=numbered a d/a t", "cp --backup=simple a d/a t", "cp -bv a a t",
    "cp --backup=numbered a a t", "cp --backup=t a d/a a d/a t",
    "cp -rb --backup=numbered a d/a t",
  ].map { Case($0, files, $0) }

  private let refused = [
    Case("a source that leads to the backup", "echo o >b~; echo b >b; ln -s b~ l", "cp --backup=simple l b")
      .departing(
        .keepsTheSource, status: 0, errors: [], leaving: "[ \"$(cat b)\" = o ]; [ \"$(cat b~)\" = b ]"),
    Case(
      "a backup in a directory that cannot be written to", "mkdir d; echo a >a; echo o >d/a; chmod 555 d",
      "cp -b a d", as: .ordinary),
    Case(
      "a backup that is a full directory", "echo a >a; echo b >b; mkdir -p b~/x", "cp --backup=simple a b"),
    Case(
      "a backup of a file that cannot be written to", "echo a >a; echo b >b; chmod 444 b",
      "cp -b a b; cp -bv a b"),
    Case(
      "a backup of an immutable file", "echo a >a; echo b >b",
      "chattr +i b || exit 0; cp -b a b; s=$?; chattr -i b; exit $s", as: .root,
      on: .only([.ext4, .xfs, .btrfs])),
    Case(
      "a backup for a copy that cannot be made", "mkdir d; echo b >b",
      "cp -b d b; cp -b missing b; cp -bs d/missing b; cp -bl d b"),
    Case("a backup for a relative link elsewhere", "mkdir d; echo a >a; echo o >d/a", "cp -bs a d"),
    Case(
      "a backup with no name left", "echo a >a; echo b >b; : >b.~9223372036854775807~",
      "cp --backup=numbered a b"),
    Case(
      "a link's backup", "echo a >a; echo b >b; ln -s b l; ln -s a d", "cp -bs a l; cp -bP d l; cp -bl a l"),
    Case(
      "a backup of another's file", "mkdir -m 777 d; echo o >d/a; chmod 644 d/a; echo a >a",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -b a d", as: .root),
    Case(
      "a backup of another's file in a sticky directory", "mkdir -m 1777 d; echo o >d/a; echo a >a",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -b a d", as: .root),
    Case(
      "a backup for a source that cannot be read", "echo a >a; echo b >b; chmod 0 a",
      "cp -b a b; cp -bv a b; cp -b --remove-destination a b", as: .ordinary
    ).departing(.readsSourceFirst, output: ["'a' -> 'b'"], leaving: "[ \"$(cat b)\" = b ]; [ ! -e b~ ]"),
    Case(
      "a numbered backup where the directory cannot be read",
      "mkdir d; echo a >a; echo o >d/a; echo o >d/a.~1~; chmod 333 d",
      "cp --backup=existing a d; cp --backup=numbered a d", as: .ordinary
    ).departing(
      .keepsBackupsInPlace, status: 1, errors: ["cp: cannot backup 'd/a': File exists"],
      leaving: "[ \"$(cat d/a)\" = a ]; [ \"$(cat d/a~)\" = o ]; [ ! -e a~ ]"),
  ]

  extension ConformanceTests {
    @Test("--backup", arguments: Ground.available) func backupTable(_ ground: Ground) throws {
      try agrees(numbering + environment + commands + refused, on: ground)
    }
  }
#endif
