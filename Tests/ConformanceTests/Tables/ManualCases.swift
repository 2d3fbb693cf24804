#if os(Linux)
  import Testing

  private let files =
    "echo a >a; echo b >b; mkdir d t; echo x >t/x; ln -s nowhere l; touch -d @5 b; echo n >n; touch -d @5000000000 n"

  private func manual(
    _ name: String, _ command: String, status: Int32 = 0, errors: [String] = [], output: [String] = [],
    leaving check: String
  ) -> Case {
    Case(name, files, command)
      .departing(.newerOption, status: status, errors: errors, output: output, leaving: check)
  }

  private let hint = "Try 'cp --help' for more information."

  /// What coreutils 9.1 does not have, by the manual of 9.7.
  private let cases = [
    manual("--update=all", "cp --update=all a n", leaving: "cmp a n"),
    manual("--update=all after -u", "cp -u --update=all a n", leaving: "cmp a n"),
    manual("--update=older over a newer file", "cp --update=older a n", leaving: "[ $(cat n) = n ]"),
    manual("--update=older over an older file", "cp --update=older a b", leaving: "cmp a b"),
    manual("--update=older of a new file", "cp --update=older a new", leaving: "cmp a new"),
    manual("--update=none over a file", "cp --update=none a b", leaving: "[ $(cat b) = b ]"),
    manual(
      "--update=none is silent with -v", "cp -v --update=none a b new d", status: 1,
      errors: ["cp: cannot stat 'new': No such file or directory"], output: ["'a' -> 'd/a'", "'b' -> 'd/b'"],
      leaving: "cmp a d/a"),
    manual("--update=none of a new file", "cp --update=none a new", leaving: "cmp a new"),
    manual(
      "--update=none over a link to nowhere", "cp --update=none a l", status: 1,
      errors: ["cp: not writing through dangling symlink 'l'"], leaving: "[ -L l ]; [ ! -e nowhere ]"),
    manual(
      "--update=none in trees", "mkdir d/t; echo o >d/t/x; echo y >t/y; cp -r --update=none t d",
      leaving: "[ $(cat d/t/x) = o ]; cmp t/y d/t/y"),
    manual(
      "--update=none-fail over a file", "cp --update=none-fail a b", status: 1,
      errors: ["cp: not replacing 'b'"],
      leaving: "[ $(cat b) = b ]"),
    manual(
      "--update=none-fail goes on", "echo o >d/a; cp --update=none-fail a b d", status: 1,
      errors: ["cp: not replacing 'd/a'"], leaving: "[ $(cat d/a) = o ]; cmp b d/b"),
    manual("--update=none-fail of a new file", "cp --update=none-fail a new", leaving: "cmp a new"),
    manual(
      "--update=none-fail in trees", "mkdir d/t; echo o >d/t/x; echo y >t/y; cp -r --update=none-fail t d",
      status: 1,
      errors: ["cp: not replacing 'd/t/x'"], leaving: "[ $(cat d/t/x) = o ]; cmp t/y d/t/y"),
    manual("--update abbreviated", "cp --upd=ol a n", leaving: "[ $(cat n) = n ]"),
    manual(
      "--update without a value is older", "cp --update a n; cp --update a b",
      leaving: "[ $(cat n) = n ]; cmp a b"),
    manual(
      "--update=foo", "cp --update=foo a b", status: 1,
      errors: [
        "cp: invalid argument 'foo' for '--update'", "Valid arguments are:", "  - 'all'", "  - 'none'",
        "  - 'none-fail'",
        "  - 'older'", hint,
      ], leaving: "[ $(cat b) = b ]"),
    manual(
      "--update=non is two", "cp --update=non a b 2>&1 | head -n 1",
      output: ["cp: ambiguous argument 'non' for '--update'"],
      leaving: "[ $(cat b) = b ]"),
    manual(
      "--update= is all", "cp --update= a b 2>&1 | head -n 1",
      output: ["cp: ambiguous argument '' for '--update'"],
      leaving: "[ $(cat b) = b ]"),
    manual(
      "--update=none-fail and a backup", "cp --backup --update=none-fail a b 2>/dev/null", status: 1,
      leaving: "[ $(cat b) = b ]; [ ! -e b~ ]"),
    manual(
      "--update=older and a backup", "cp --backup --update=older a b", leaving: "cmp a b; [ $(cat b~) = b ]"),
    manual(
      "the last --update counts", "cp --update=none --update=all a b; cp --update=all --update=none a n",
      leaving: "cmp a b; [ $(cat n) = n ]"),
    manual(
      "--debug tells of the copy", "cp --debug a new >out",
      leaving: "[ \"$(head -n 1 out)\" = \"'a' -> 'new'\" ]; cmp a new"),
    manual(
      "--debug tells how", "cp --debug a new >out",
      leaving: "grep -Eqx 'copy offload: [a-z ]+, reflink: [a-z ]+, sparse detection: [a-zA-Z_ +]+' out"),
    manual(
      "--debug of a file that is left alone", "cp --debug --update=none a b >out",
      leaving: "grep -qx \"skipped 'b'\" out"),
    manual(
      "--keep-directory-symlink", "mkdir e; ln -s ../e d/t; cp -r --keep-directory-symlink t d",
      leaving: "cmp t/x e/x; [ -L d/t ]"),
    manual(
      "--keep-directory-symlink below",
      "mkdir -p t/s d/t e; echo y >t/s/y; ln -s ../../e d/t/s; cp -r --keep-directory-symlink t d",
      leaving: "cmp t/s/y e/y; [ -L d/t/s ]"),
    manual(
      "--keep-directory-symlink and -T", "ln -s d dl; cp -rT --keep-directory-symlink t dl",
      leaving: "cmp t/x d/x; [ -L dl ]"),
    manual(
      "--keep-directory-symlink and a link to a file", "ln -s ../a d/t; cp -r --keep-directory-symlink t d",
      status: 1,
      errors: ["cp: cannot overwrite non-directory 'd/t' with directory 't'"],
      leaving: "[ -L d/t ]; [ $(cat a) = a ]"),
    manual("--keep-directory-symlink without -r", "cp --keep-directory-symlink a new", leaving: "cmp a new"),
    manual(
      "--no without an end is still ambiguous", "cp --no a b 2>&1 | sed -n 1p",
      output: [
        "cp: option '--no' is ambiguous; possibilities: '--no-clobber' '--no-dereference' '--no-preserve' '--no-target-directory'"
      ],
      leaving: ":"),
    manual(
      "options of uringcp's own make no abbreviation ambiguous", "cp --st t/ d -r; cp --at a new",
      leaving: "cmp t/x d/t/x; [ ! -s new ]"),
    manual(
      "options that are not there yet are refused",
      "cp --atomic a new 2>/dev/null; [ $? = 1 ] && [ ! -e new ]", leaving: "[ ! -e new ]"),
  ]

  extension ConformanceTests {
    @Test("Options that are newer than the system's cp, by the manual", arguments: Ground.available)
    func manualTable(_ ground: Ground) throws {
      try agrees(cases, on: ground)
    }
  }
#endif
