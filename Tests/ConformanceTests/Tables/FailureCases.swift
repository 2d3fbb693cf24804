#if os(Linux)
  import Foundation
  import Testing

  private let permissions = [
    Case(
      "a source that cannot be read", "echo a >a; chmod 0 a; echo b >b; mkdir d",
      "cp a new; cp a b; cp a b d; cp -v a b d"),
    Case(
      "files of a tree that cannot be read", "mkdir t; for i in 1 2 3; do echo $i >t/$i; done; chmod 0 t/2",
      "cp -r t new; cp -a t new2; cp -rv t new3"),
    Case(
      "a directory of a tree that cannot be read", "mkdir -p t/s; echo x >t/s/x; echo y >t/y; chmod 0 t/s",
      "cp -r t new"),
    Case(
      "a directory of a tree that cannot be read, -a",
      "mkdir -p t/s; echo x >t/s/x; echo y >t/y; chmod 311 t/s", "cp -a t new"),
    Case(
      "a directory of a tree that cannot be searched",
      "mkdir -p t/s; echo x >t/s/x; echo y >t/y; chmod 644 t/s", "cp -r t new"),
    Case("a tree that cannot be read", "mkdir t; echo x >t/x; chmod 0 t", "cp -r t new; cp -a t new2"),
    Case(
      "a source below what cannot be searched", "mkdir t; echo x >t/x; chmod 600 t; mkdir d",
      "cp t/x new; cp t/x d; cp -r t/x d"),
    Case(
      "a destination below what cannot be searched", "mkdir d; echo x >d/x; chmod 600 d; echo a >a",
      "cp a d/x; cp a d; cp a d/new; cp -f a d/x; cp a a d; cp -t d a"),
    Case(
      "a destination that cannot be written to", "echo a >a; echo b >b; chmod 444 b",
      "cp a b; cp -v a b; cp -p a b; cp -u a b"),
    Case(
      "a tree over files that cannot be written to",
      "mkdir -p t d/t; for i in 1 2 3; do echo $i >t/$i; echo o >d/t/$i; done; chmod 444 d/t/2", "cp -r t d"),
    Case(
      "a tree over files that cannot be written to, -f",
      "mkdir -p t d/t; for i in 1 2 3; do echo $i >t/$i; echo o >d/t/$i; done; chmod 444 d/t/2",
      "cp -rf t d; cp -rfv t d"),
    Case(
      "a tree into a directory that cannot be written to",
      "mkdir -p t/s d/t/s; echo x >t/s/x; echo y >t/y; chmod 555 d/t", "cp -r t d"),
    Case(
      "a tree into a directory that cannot be searched",
      "mkdir -p t/s d/t/s; echo x >t/s/x; echo y >t/y; chmod 600 d/t", "cp -r t d"),
    Case(
      "a read-only directory of a tree", "mkdir -p t/s; echo x >t/s/x; chmod 555 t/s t",
      "cp -r t new; cp -a t new2"),
    Case(
      "links and FIFOs into a directory that cannot be written to",
      "mkdir t d; ln -s x t/l; mkfifo t/p; mkdir t/s; chmod 555 d",
      "cp -r t/l t/p t/s d; cp -l t/p d; cp -s \"$PWD/t/p\" d"),
    Case(
      "an unreadable link's target", "mkdir t; echo x >t/x; ln -s t/x l; chmod 0 t",
      "cp l new; cp -P l new2; cp -rL l new3"),
  ].map { unprivileged in
    var changed = unprivileged
    changed.actor = .ordinary
    return changed
  }

  private let space = [
    Case(
      "no space for a file", "mkdir m; head -c 300000 /dev/zero | tr '\\0' x >a",
      "unshare -m sh -c 'mount -t tmpfs -o size=128k tmpfs m; cp a m; echo $?; ls m | wc -l; cp a m/b; echo $?; ls m | wc -l'",
      as: .root
    )
    .departing(.removesWhatFailed, status: 0, output: ["1", "0", "1", "0"], leaving: ":"),
    Case(
      "no space for files of a tree",
      "mkdir m t; for i in 1 2 3; do head -c 50000 /dev/zero | tr '\\0' x >t/$i; done",
      "unshare -m sh -c 'mount -t tmpfs -o size=128k tmpfs m; cp -r t m 2>/dev/null; echo $?; cmp t/1 m/t/1 2>&1; cmp t/2 m/t/2 2>&1; cmp t/3 m/t/3 2>&1' | sort -u | wc -l",
      as: .root),
    Case(
      "no space over a file", "mkdir m; head -c 300000 /dev/zero | tr '\\0' x >a",
      "unshare -m sh -c 'mount -t tmpfs -o size=128k tmpfs m; echo o >m/b; cp a m/b; echo $?; cmp -s a m/b; echo $?'",
      as: .root),
    Case(
      "no inodes", "mkdir m t; for i in 1 2 3 4 5; do echo $i >t/$i; done; mkdir t/s; ln -s x t/l",
      "unshare -m sh -c 'mount -t tmpfs -o nr_inodes=1 tmpfs m; cp t/1 m; cp -r t m; cp -P t/l m; cp -r t/s m; ls m'",
      as: .root),
    Case(
      "a read-only file system", "mkdir -p m t/s; echo a >a; echo x >t/x; echo o >m/o",
      "unshare -m sh -c 'mount -t tmpfs -o size=1m tmpfs m; echo o >m/o; mkdir -p m/t/s; echo o >m/t/x; mount -o remount,ro m; cp a m; cp a m/o; cp -f a m/o; cp --remove-destination a m/o; cp -b a m/o; cp -p a m/new; cp -r t m; cp -r t m/new; cp -l m/o new; cp m/o new; cp -P t m; ln -s x l; cp -P l m; cp -s \"$PWD/a\" m; cp --attributes-only -p a m/o; cp a m/missing/x; cp -u a m/o; cp --parents t/x m'",
      as: .root),
    Case(
      "a limit of the size of files", "head -c 300000 /dev/zero | tr '\\0' x >a",
      "ulimit -f 100; trap '' XFSZ; cp a b"
    )
    .departing(.removesWhatFailed, errors: ["cp: error writing 'b': File too large"], leaving: "[ ! -e b ]"),
    Case(
      "a limit of the size of files, which kills cp",
      "head -c 300000 /dev/zero | tr '\\0' x >a",
      "ulimit -f 100; cp a b"
    ).departing(
      .removesWhatFailed, status: 1, errors: ["cp: error writing 'b': File too large"], leaving: "[ ! -e b ]"),
    Case(
      "few descriptors", "mkdir t; cd t; for i in $(seq 40); do mkdir -p $i/$i; echo $i >$i/$i/f; done",
      "ulimit -n 20; cp -r t new"),
    Case(
      "into another file system", "mkdir m t; echo a >a; ln -s x t/l; seq 50000 >t/x; chmod 600 t/x",
      "unshare -m sh -c 'mount -t tmpfs -o size=4m tmpfs m; cp a m; cp -a t m; cp -l a m/l; cp -rl t m/lt; cp -s \"$PWD/a\" m/s; cmp t/x m/t/x; stat -c \"%a %s\" m/a m/t/x; stat -c %Y m/t m/t/x; cp -a m back'",
      as: .root),
    Case(
      "--reflink=always into another file system", "mkdir m; echo a >a",
      "unshare -m sh -c 'mount -t tmpfs -o size=4m tmpfs m; cp --reflink=always a m; echo $?; echo o >m/o; cp --reflink=always a m/o; echo $?; cat m/o'",
      as: .root),
  ]

  private let boundaries = [
    "cp -rx t new", "cp -rx t/ new", "cp -rx t/m new", "cp -rx t/m/. new", "cp -ax t new",
    "cp --one-file-system -r t new", "cp -r t new", "cp -rx t t/m new2", "mkdir new2; cp -rx t t/m/x new2",
    "cp -rxL t new", "cp -rvx t new",
    "mkdir -p new/m; echo o >new/m/o; cp -rxT t new",
    "cp -rx --parents t/m new2; mkdir new2; cp -rx --parents t new2; cp -rxv --parents t/m/s new2",
    "echo m >new; cp -rxT t new",
    "cp -rxl t new", "cp -rxp t new", "cp -x t/m/x new", "umask 077; cp -rx t new",
  ].map {
    Case(
      "a mounted directory, \($0)",
      "mkdir -p t/m t/s/m; echo x >t/x; ln -s m/x t/l; ln -s m t/lm",
      "unshare -m sh -c 'mount -t tmpfs -o mode=711 tmpfs t/m; echo x >t/m/x; mkdir -p t/m/s; echo y >t/m/s/y; mount -t tmpfs -o mode=2750 tmpfs t/s/m; echo z >t/s/m/z; touch -d @5.5 t/m t/s/m; \($0.replacingOccurrences(of: "'", with: "\\'"))'",
      as: .root)
  }

  private let others = [
    Case(
      "a mounted file", "echo a >a; echo b >b; mkdir t; echo x >t/x",
      "unshare -m sh -c 'mount --bind a b; cp a b; cp -f b a; cp --remove-destination t/x b; mount --bind a t/x; cp -rx t new; cp -r t new2'",
      as: .root),
    Case(
      "over a directory that is mounted on", "mkdir -p t/m s/t/m; echo x >s/t/m/x",
      "unshare -m sh -c 'mount -t tmpfs tmpfs t/m; cp -r s/t .; ls t/m'", as: .root),
    Case(
      "a tree that is mounted twice", "mkdir t u; echo x >t/x",
      "unshare -m sh -c 'mount --bind t u; cp -rT t u; cp t/x u; cp -f t/x u/x; cp -l t/x u/y'; ls t",
      as: .root),
    Case(
      "a loop of links on the way", "ln -s loop loop; echo a >a",
      "cp loop/x new; cp a loop/x; cp a loop; cp -r loop/ new; cp -t loop a"),
    Case(
      "a file on the way", "echo a >a; echo b >b",
      "cp a/x new; cp b a/x; cp -r b a/x/y; cp -t a/x b; cp -T b a/x; cp --parents a/x ."),
    Case(
      "a working directory that is gone", "mkdir d; echo a >a; p=$PWD; echo \"$p\" >where",
      "p=$PWD; cd d; rmdir \"$p/d\"; cp \"$p/a\" new; cp ../a new; cp \"$p/a\" \"$p/new\""),
    Case(
      "a source that is removed between", "mkdir t; echo x >t/x; ln -s x t/y",
      "rm t/x; cp t/y new; cp -r t new2"),
    Case("nothing but missing sources", "mkdir d", "cp a b c d; cp -r a b d; cp -v a b d"),
    Case(
      "the exit status of the second of three", "echo a >a; echo c >c; mkdir d",
      "cp a b c d; echo $?; cp -r a b c d; echo $?"),
  ]

  extension ConformanceTests {
    @Test("What may not be done", arguments: Ground.available) func permissionTable(_ ground: Ground) throws {
      try agrees(permissions, on: ground)
    }

    @Test("Full, read-only and other file systems", arguments: Ground.available) func spaceTable(
      _ ground: Ground
    ) throws {
      try agrees(space + others, on: ground)
    }

    @Test("-x", arguments: Ground.available) func boundaryTable(_ ground: Ground) throws {
      try agrees(boundaries, on: ground)
    }
  }
#endif
