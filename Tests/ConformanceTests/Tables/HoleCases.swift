#if os(Linux)
  import TestFixtures
  import Testing

  /// Data and holes in units of 64 KiB, and the end.
  private let shapes = [
    ("no data", "truncate -s 1M a"),
    ("zeros", "head -c 1048576 /dev/zero >a"),
    ("zeros that end within a block", "head -c 1000001 /dev/zero >a"),
    ("few zeros", "head -c 5000 /dev/zero >a"),
    ("data, then a hole", "seq 10000 >a; truncate -s 1M a"),
    ("a hole, then data", "truncate -s 512K a; seq 10000 >>a"),
    ("data at both ends", "yes | head -c 65536 >a; truncate -s 2M a; yes | head -c 65536 >>a"),
    (
      "islands",
      "for i in 1 5 9 20; do yes $i | head -c 65536 | dd of=a bs=64K seek=$i conv=notrunc status=none; done"
    ),
    (
      "small islands",
      "for i in 3 50 51 90; do yes $i | head -c 4096 | dd of=a bs=4K seek=$i conv=notrunc status=none; done"
    ),
    ("zeros among data", "yes | head -c 262144 >a; head -c 524288 /dev/zero >>a; yes | head -c 262144 >>a"),
    ("few zeros among data", "yes | head -c 10000 >a; head -c 9000 /dev/zero >>a; yes | head -c 10000 >>a"),
    ("zeros at the end", "yes | head -c 262144 >a; head -c 524288 /dev/zero >>a"),
    (
      "a hole at the end and zeros before it",
      "yes | head -c 65536 >a; head -c 262144 /dev/zero >>a; truncate -s 1M a"
    ),
    ("one byte at the end of a hole", "truncate -s 1048575 a; printf x >>a"),
    ("blocks beyond the end", "seq 100 >a; fallocate -n -l 1M a"),
    // Which of these are holes changes where they are read; the source is gone before anybody looks.
    ("blocks that were never written", "seq 100 >a; fallocate -l 1M a"),
    ("a large hole", "truncate -s 64G a; printf x >>a"),
    ("no bytes", ": >a"),
  ]

  private let options = [
    "", "--sparse=auto", "--sparse=always", "--sparse=never", "--reflink=never",
    "--sparse=always --reflink=never",
  ]

  private let sparse =
    shapes.flatMap { name, setUp in
      options.compactMap { option -> Case? in
        // Nobody has 64 GiB of zeros.
        if name == "a large hole" && option == "--sparse=never" { return nil }
        let rest = name == "blocks that were never written" ? "; rm a" : ""
        return Case("\(name), \(option)", setUp, "cp \(option) a b\(rest)")
      }
    } + [
      Case("over a file with data", "truncate -s 1M a; seq 200000 >b", "cp a b; cp --sparse=always a b"),
      Case(
        "over a file with data, --reflink=never", "truncate -s 1M a; seq 200000 >b",
        "cp --reflink=never a b; cp --sparse=always a b"),
      Case("over a file with holes", "seq 100000 >a; truncate -s 2M b", "cp --sparse=never a b"),
      Case(
        "to a pipe", "yes | head -c 65536 >a; truncate -s 1M a",
        "cp --sparse=always a /dev/stdout | cksum; cp a /dev/stdout | cksum; cp --sparse=never a /dev/stdout | cksum"
      ),
      Case(
        "from a pipe", "",
        "head -c 1000000 /dev/zero | cp --sparse=always /dev/stdin b; head -c 1000000 /dev/zero | cp /dev/stdin c"
      ),
      Case(
        "a tree",
        "mkdir t; truncate -s 1M t/a; seq 1000 >t/b; truncate -s 1M t/b; head -c 200000 /dev/zero >t/c",
        "cp -r t d; cp -r --sparse=always t e; cp -r --sparse=never t f"),
      Case(
        "-a and --sparse", "truncate -s 300K a; seq 10 >>a",
        "cp -a --sparse=always a b; cp -a --sparse=never a c; cp --archive --sparse=auto a d"),
    ]

  private let cloning = [
    Case("--reflink", "seq 100000 >a; echo b >b", "cp --reflink a new; cp --reflink=always a b"),
    Case("--reflink=auto", "seq 100000 >a; echo b >b", "cp --reflink=auto a new; cp --reflink=auto a b"),
    Case("--reflink=never", "seq 100000 >a; echo b >b", "cp --reflink=never a new; cp --reflink=never a b"),
    Case("--reflink=always of a small file", "echo a >a", "cp --reflink=always a new"),
    Case(
      "--reflink=always of an empty file", ": >a; echo b >b",
      "cp --reflink=always a new; cp --reflink=always a b"),
    Case(
      "--reflink=always of a sparse file", "truncate -s 1M a; echo x >>a; truncate -s 3M a",
      "cp --reflink=always a new"),
    Case("--reflink=always over a longer file", "seq 1000 >a; seq 100000 >b", "cp --reflink=always a b"),
    Case(
      "--reflink=always of a tree", "mkdir t; seq 10000 >t/a; echo b >t/b; : >t/c; ln -s a t/l; mkfifo t/p",
      "cp -r --reflink=always t new; cp -a --reflink=always t new2"),
    Case("--reflink=always onto a device", "seq 1000 >a", "cp --reflink=always a /dev/null"),
    Case("--reflink=always of a device", "", "cp --reflink=always /dev/null new")
      .departing(.removesWhatFailed, leaving: "[ ! -e new ]"),
    Case("--reflink=always of /proc", "", "cp --reflink=always /proc/version new")
      .departing(.removesWhatFailed, leaving: "[ ! -e new ]"),
    Case("--reflink=always -l and -s", "echo a >a", "cp -l --reflink=always a l; cp -s --reflink=always a s"),
    Case(
      "--reflink=always with modes", "seq 1000 >a; chmod 4751 a; echo b >b; chmod 600 b",
      "umask 077; cp --reflink=always a new; cp -p --reflink=always a new2; cp --reflink=always a b"),
    Case(
      "--reflink=always of a read-only file over one", "seq 1000 >a; chmod 444 a; echo b >b; chmod 444 b",
      "cp -f --reflink=always a b"),
    Case(
      "a pair of clones shares all", "seq 200000 >a; sync a",
      "cp a b; cp --reflink=always a c; cp --reflink=never a d; cp -r a e; for f in b c d e; do sync $f; filefrag -v $f | grep -q shared && echo $f shared; done",
      on: .only([.xfs, .btrfs])),
  ]

  /// What is refused leaves no file in uringcp's case.
  private let refusedCloning = [
    Case("--reflink=always where it cannot be", "seq 1000 >a", "cp --reflink=always a new")
      .departing(.removesWhatFailed, leaving: "[ ! -e new ]"),
    Case(
      "--reflink=always over a file where it cannot be", "seq 1000 >a; echo b >b", "cp --reflink=always a b"),
    Case(
      "--reflink=always of a tree where it cannot be", "mkdir t; seq 1000 >t/a; echo b >t/b; mkdir t/s",
      "cp -r --reflink=always t new"
    )
    .departing(.removesWhatFailed, leaving: "[ -d new/s ]; [ ! -e new/a ]; [ ! -e new/b ]"),
  ].map {
    var changed = $0
    changed.place = .only([.ext4, .tmpfs])
    return changed
  }

  extension ConformanceTests {
    @Test("--sparse and holes", arguments: Ground.available) func holeTable(_ ground: Ground) throws {
      try agrees(sparse.everywhere().afresh(), on: ground)
    }

    @Test("--reflink", arguments: Ground.available) func cloneTable(_ ground: Ground) throws {
      let canClone = ground.fileSystem == .xfs || ground.fileSystem == .btrfs
      try agrees(canClone ? cloning.everywhere().afresh() : [], on: ground)
      try agrees(refusedCloning, on: ground)
    }
  }
#endif
