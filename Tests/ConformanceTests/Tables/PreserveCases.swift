#if os(Linux)
  import Testing

  /// A tree with everything that can be preserved.
  private let tree = """
    command -v setfattr setfacl >/dev/null || exit 77
    mkdir -p t/d old/t; echo x >t/x; ln t/x t/d/x2; chmod 6751 t/x
    echo y >t/y; chmod 440 t/y; echo z >t/d/z; ln -s x t/link; mkfifo -m 640 t/fifo; chmod 2750 t/d
    chmod 640 t/y; setfattr -n user.color -v red t/y 2>/dev/null || exit 77
    setfattr -n user.empty t/y; setfattr -n user.bytes -v 0x00ff0a t/d/z; setfattr -n user.directory -v 1 t/d; chmod 440 t/y
    setfacl -m u:1:r,g:2:rwx t/d/z; setfacl -d -m u:3:rwx,g:4:r t/d; setfacl -m u:5:rx t/d
    touch -d @1111111111.123456789 t/y; touch -hd @999999999.987654321 t/link; touch -d @-5.5 t/d/z
    echo old >old/t/y; setfattr -n user.color -v blue old/t/y; setfattr -n user.other -v kept old/t/y
    setfacl -m u:9:rw old/t/y; mkdir old/t/d; setfattr -n user.old -v 1 old/t/d; setfacl -m u:8:r old/t/d
    """

  private let owned =
    tree + """

      chown 1000:1001 t/y; chown -h 1002:1003 t/link; chown 1004:1005 t/d; chown 1006:1007 t/fifo; chown 1008 t/x; chmod 6751 t/x
      chmod 440 t/y; setfattr -n trusted.secret -v s t/d/z; setfattr -n trusted.link -h -v s t/link; chmod 2750 t/d
      echo c >t/cap; setcap cap_net_raw+ep t/cap; mknod t/null c 1 3; chown 7:8 t/null; chmod 620 t/null
      """

  private let options = [
    "-p", "--preserve", "--preserve=mode", "--preserve=ownership", "--preserve=timestamps",
    "--preserve=links",
    "--preserve=xattr", "--preserve=all", "--preserve=mode,timestamps", "--preserve=ownership,timestamps",
    "--preserve=mode,xattr", "-d", "-dp", "-a", "-a --no-preserve=timestamps", "-a --no-preserve=mode",
    "-a --no-preserve=ownership", "-a --no-preserve=links", "-a --no-preserve=xattr", "-a --no-preserve=all",
    "-a --no-preserve=mode,ownership", "-p --no-preserve=ownership", "--no-preserve=all -p",
    "--no-preserve=mode --preserve=mode", "--preserve=xattr --no-preserve=xattr", "-p --preserve=links,xattr",
    "-a --preserve=xattr", "-aL", "-aH", "-l", "-a --attributes-only", "-a --remove-destination", "-ab",
    "-au", "-an",
    "", "--attributes-only", "-pL", "-a --no-preserve=context", "-a --sparse=never --reflink=never",
  ]

  private let everything = options.flatMap { option in
    [
      Case("everything, \(option)", tree, "umask 027; cp -r \(option) t new", as: .ordinary),
      Case("everything over another, \(option)", tree, "umask 027; cp -r \(option) t old", as: .ordinary),
      Case("everything, \(option), as root", owned, "umask 027; cp -r \(option) t new", as: .root),
      Case(
        "everything over another, \(option), as root", owned, "umask 027; cp -r \(option) t old", as: .root),
    ]
  }

  private let times = [
    Case(
      "times of a file", "echo a >a; touch -d @1234567890.000000001 a",
      "cp -p a b; cp --preserve=timestamps a c; cp a d"),
    Case(
      "times before 1970 and after 2106",
      "echo a >a; echo b >b; touch -d @-100000.25 a; touch -d @5000000000.75 b", "mkdir d; cp -p a b d"),
    Case(
      "times of access and of change that differ", "echo a >a; touch -ad @1000.5 a; touch -md @2000.25 a",
      "cp -p a b; echo old >c; cp -p a c"),
    Case(
      "times of links", "ln -s nowhere l; touch -hd @1234567890.123456789 l",
      "cp -a l b; cp -Pp l c; cp -P l d; cp -d --preserve=timestamps l e"),
    Case(
      "times of directories", "mkdir -p t/s/u; echo x >t/s/u/x; touch -d @1000000000.5 t/s/u t/s t",
      "cp -a t new; cp -r t other"),
    Case(
      "times of directories that are gone on in",
      "mkdir -p t/s d/t/s; echo x >t/s/x; touch -d @1000000000.5 t/s t; touch -d @3 d/t/s d/t d", "cp -a t d"),
    Case("times of FIFOs", "mkfifo p; touch -d @1000000000.5 p", "cp -a p new; cp -r p other"),
    Case(
      "times of another's file", "echo a >a; chown 12:13 a; chmod 666 a",
      "setpriv --reuid=65534 --regid=65534 --clear-groups true || exit; chmod 777 .; setpriv --reuid=65534 --regid=65534 --clear-groups cp -p a b",
      as: .root),
    Case(
      "times onto another's file",
      "echo a >a; chown 65534 a; touch -d @1000000000.5 a; echo b >b; chmod 666 b",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -p a b; echo $?; setpriv --reuid=65534 --regid=65534 --clear-groups cp --preserve=timestamps a b; echo $?; setpriv --reuid=65534 --regid=65534 --clear-groups cp --preserve=mode a b; echo $?",
      as: .root),
    Case("times of a large file", "seq 300000 >a; touch -d @1000000000.5 a", "cp -p a b"),
    Case(
      "times of an empty file", ": >a; touch -d @1000000000.5 a", "cp -p a b; cp --attributes-only -p a c"),
    Case(
      "times with --parents", "mkdir -p a/b; echo x >a/b/x; touch -d @1000000000.5 a/b/x a/b a; mkdir d",
      "cp -p --parents a/b/x d"),
  ]

  private let owners = [
    Case(
      "owners of files",
      "for i in 1 2 3; do echo $i >f$i; chown $i:$((i+10)) f$i; chmod 7755 f$i; done; mkdir d e f",
      "cp f* d; cp -p f* e; cp --preserve=ownership f* f", as: .root),
    Case(
      "owners of existing files",
      "echo a >a; chown 1:2 a; chmod 4711 a; for f in b c d e; do echo o >$f; chown 3:4 $f; chmod 6755 $f; done",
      "cp a b; cp -p a c; cp --preserve=ownership a d; cp -f a e", as: .root),
    Case(
      "owners of links", "ln -s x l; chown -h 5:6 l",
      "cp -P l a; cp -a l b; cp -Pp --no-preserve=ownership l c", as: .root),
    Case(
      "owners of a tree", "mkdir -p t/s; echo x >t/s/x; chown -R 5:6 t; chown 7 t/s",
      "cp -r t a; cp -rp t b; cp -a --no-preserve=ownership t c", as: .root),
    Case(
      "others' files, as an ordinary user",
      "echo a >a; chmod 6755 a; chown 1:2 a; chmod 6755 a; mkdir -m 777 d",
      "u='setpriv --reuid=65534 --regid=65534 --clear-groups'; $u cp -p a d; $u cp -a a d/b; $u cp --preserve=ownership a d/c; $u cp --preserve=mode a d/e",
      as: .root),
    Case(
      "others' files, as one of their group", "echo a >a; chown 1:2 a; chmod 6750 a; mkdir -m 777 d",
      "u='setpriv --reuid=65534 --regid=65534 --groups=2'; $u cp -p a d; $u cp -a a d/b; $u cp --preserve=ownership a d/c; $u cp a d/e",
      as: .root),
    Case(
      "others' trees, as an ordinary user",
      "mkdir -p t/s; echo x >t/s/x; ln -s x t/l; mkfifo t/p; chown -hR 1:2 t; chmod 2755 t/s; mkdir -m 777 d",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -a t d", as: .root),
    Case(
      "others' set-ID programs with -p, over one's own",
      "echo a >a; chown 1:2 a; chmod 6755 a; echo b >b; chown 65534:65534 b",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -p a b", as: .root),
    Case(
      "root without the right to chown", "echo a >a; chown 1:2 a; chmod 6755 a",
      "setpriv --bounding-set=-chown --inh-caps=-chown cp -p a b; echo $?; setpriv --bounding-set=-chown --inh-caps=-chown cp -a a c; echo $?",
      as: .root),
    Case(
      "a group that one is in", "echo a >a; chown 65534:3 a; mkdir -m 777 d",
      "setpriv --reuid=65534 --regid=65534 --groups=3,4 cp -p a d", as: .root),
  ]

  private let links = [
    Case(
      "names of one file, across operands", "echo a >a; ln a b; ln a c; mkdir d",
      "cp --preserve=links a b c d"),
    Case("names of one file, -d", "echo a >a; ln a b; mkdir d", "cp -d a b d"),
    Case("names of one file, -a", "echo a >a; ln a b; mkdir d", "cp -a a b d"),
    Case("names of one file, -p", "echo a >a; ln a b; mkdir d", "cp -p a b d"),
    Case(
      "names of one file, -a --no-preserve=links", "echo a >a; ln a b; mkdir d",
      "cp -a --no-preserve=links a b d"),
    Case(
      "names of one file within and across trees",
      "mkdir -p t/s u; echo x >t/x; ln t/x t/s/x; ln t/x u/x; mkdir d", "cp -a t u d"),
    Case("names of one file, told", "mkdir t; echo x >t/x; ln t/x t/y; ln t/x t/z", "cp -av t d"),
    Case("names of one link", "ln -s nowhere l; ln l m; mkdir d", "cp -a l m d; mkdir e; cp -P l m e"),
    Case("names of one FIFO", "mkfifo p; ln p q; mkdir d", "cp -a p q d; mkdir e; cp -r p q e"),
    Case("a file and a link to it, -L", "echo a >a; ln -s a l; mkdir d", "cp -L --preserve=links a l d"),
    Case(
      "a file and links to it in a tree, -aL", "mkdir t; echo a >t/a; ln -s a t/l; ln t/a t/h", "cp -aL t d"),
    Case(
      "a link to a directory and the directory, -aL", "mkdir -p t/s; echo a >t/s/a; ln -s s t/l", "cp -aL t d"
    ),
    Case(
      "over files that are there",
      "mkdir t d; echo x >t/x; ln t/x t/y; mkdir d/t; echo o >d/t/x; echo o >d/t/y", "cp -a t/x t/y d/t"),
    Case(
      "over names of one file that is there",
      "mkdir t d; echo x >t/x; echo y >t/y; mkdir d/t; echo o >d/t/x; ln d/t/x d/t/y", "cp -a t/x t/y d/t"),
    Case(
      "over names of one file, -p", "echo x >x; echo y >y; mkdir d; echo o >d/x; ln d/x d/y", "cp -p x y d"),
    Case(
      "over names of one file, --preserve=links", "echo x >x; echo y >y; mkdir d; echo o >d/x; ln d/x d/y",
      "cp --preserve=links x y d"),
    Case("with --backup", "echo a >a; ln a b; mkdir d; echo o >d/a; echo o >d/b", "cp -ab a b d"),
    Case(
      "with -u, one of them older",
      "echo a >a; ln a b; mkdir d; echo o >d/a; touch -d @5000000000 d/a; echo o >d/b; touch -d @5 d/b",
      "cp -au a b d"),
    Case("with -n", "echo a >a; ln a b; mkdir d; echo o >d/a", "cp -an a b d"),
    Case("over its own names", "echo a >a; mkdir d; ln a d/a", "cp -a a d; cp -au a d; cp -al a d"),
    Case("with --parents", "mkdir s; echo a >s/a; ln s/a b; mkdir d", "cp -a --parents s/a b d"),
    Case("where the first copy fails", "echo a >a; chmod 0 a; ln a b; mkdir d", "cp -a a b d", as: .ordinary),
    Case("with --attributes-only", "echo a >a; ln a b; mkdir d", "cp -a --attributes-only a b d"),
    Case("hard links to links to directories", "mkdir s d; ln -s s l; ln l m", "cp -aL l m d"),
  ]

  private let attributes = [
    Case(
      "attributes of a file", "setfattr -n user.a -v 1 a",
      "cp --preserve=xattr a b; cp -p a c; cp -a a e; cp a f; cp --preserve=all a g"),
    Case(
      "attributes over others",
      "setfattr -n user.a -v 1 a; echo b >b; setfattr -n user.a -v 2 b; setfattr -n user.b -v 3 b",
      "cp --preserve=xattr a b"),
    Case(
      "no attributes over others", "echo b >b; setfattr -n user.b -v 3 b",
      "cp a b; cp -p a b; cp -a a b; cp --preserve=xattr a b"),
    Case(
      "attributes over others, --remove-destination",
      "setfattr -n user.a -v 1 a; echo b >b; setfattr -n user.b -v 3 b", "cp -a --remove-destination a b"),
    Case(
      "attributes of a read-only file", "setfattr -n user.a -v 1 a; chmod 444 a",
      "cp --preserve=xattr a b; cp -a a c; cp --preserve=xattr,mode a e"),
    Case(
      "attributes with a umask of 777", "setfattr -n user.a -v 1 a", "umask 777; cp --preserve=xattr a b",
      as: .root),
    Case(
      "attributes with a umask of 777, as an ordinary user", "setfattr -n user.a -v 1 a",
      "umask 777; cp --preserve=xattr a b",
      as: .ordinary
    ).departing(.namesTheFile, errors: ["cp: setting attribute 'user.a' for 'b': Permission denied"]),
    Case(
      "attributes onto a read-only file", "setfattr -n user.a -v 1 a; echo b >b; chmod 444 b",
      "cp --preserve=xattr a b; cp -a a b; cp -f --preserve=xattr a b"),
    Case(
      "attributes of a directory", "mkdir t; setfattr -n user.a -v 1 t; echo x >t/x",
      "cp -a t b; cp -r --preserve=xattr t c; cp -r t e"),
    Case(
      "attributes of a read-only directory", "mkdir t; setfattr -n user.a -v 1 t; echo x >t/x; chmod 555 t",
      "cp -a t b; cp -r --preserve=xattr t c"),
    Case(
      "attributes of directories that are gone on in",
      "mkdir -p t d/t; setfattr -n user.a -v 1 t; setfattr -n user.b -v 2 d/t", "cp -a t d"),
    Case(
      "many attributes and long ones",
      "for i in $(seq 20); do setfattr -n user.a$i -v $i a; done; setfattr -n user.long -v $(printf '%01500d' 0) a",
      "cp -a a b"),
    Case(
      "attributes with odd names",
      "setfattr -n 'user.a b' -v 1 a; setfattr -n user.$(printf '\\303\\274') -v 2 a; setfattr -n user.$(printf '%0200d' 0) -v 3 a",
      "cp -a a b"),
    Case(
      "trusted attributes", "setfattr -n trusted.a -v 1 a; ln -s x l; setfattr -hn trusted.l -v 2 l",
      "cp -a a b; cp -p a c; cp -a l m; cp --preserve=xattr a e", as: .root),
    Case(
      "trusted attributes, as an ordinary user", "setfattr -n trusted.a -v 1 a; mkdir -m 777 d",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -a a d", as: .root),
    Case(
      "capabilities", "setcap cap_net_raw+ep a; echo b >b; echo c >c; setcap cap_chown+ep c",
      "cp a n1; cp -p a n2; cp -a a n3; cp --preserve=xattr a n4; cp -a a b; cp a c; cp --preserve=all a n5; cp -a --no-preserve=xattr a n6",
      as: .root),
    Case(
      "capabilities of another's file", "setcap cap_net_raw+ep a; chown 1:2 a; setcap cap_net_raw+ep a",
      "cp -a a b; cp -p --preserve=xattr a c; cp --preserve=xattr a e", as: .root),
    Case(
      "capabilities, as an ordinary user", "setcap cap_net_raw+ep a; mkdir -m 777 d",
      "u='setpriv --reuid=65534 --regid=65534 --clear-groups'; $u cp -a a d; echo $?; $u cp --preserve=xattr a d/b; echo $?; $u cp --preserve=all a d/c; echo $?",
      as: .root
    ).departing(
      .namesTheFile,
      errors: ["d/b", "d/c"].map {
        "cp: setting attribute 'security.capability' for '\($0)': Operation not permitted"
      }),
    Case(
      "capabilities in a tree",
      "mkdir t; cp a t/a; setcap cap_net_raw+ep t/a; chown 1:2 t/a; setcap cap_net_raw+ep t/a",
      "cp -a t d; cp -rp t e", as: .root),
    Case(
      "where there are no attributes",
      "setfattr -n user.a -v 1 a; mkdir r; mkdir t; setfattr -n user.t -v 1 t",
      "unshare -m sh -c 'mount -t ramfs ramfs r; cp -a a r; echo $?; cp --preserve=xattr a r/b; echo $?; cp -p a r/c; echo $?; cp --preserve=all a r/d; echo $?; cp -a t r; echo $?; cp -r --preserve=xattr t r/u; echo $?; cp -a --preserve=xattr a r/e; echo $?; find r ! -type d -printf \"%p %m %s\\n\" | sort'",
      as: .root),
    Case(
      "from where there are no attributes", "mkdir r",
      "unshare -m sh -c 'mount -t ramfs ramfs r; echo x >r/x; cp -a r/x b; echo $?; cp --preserve=xattr r/x c; echo $?'",
      as: .root),
    Case(
      "attributes with --attributes-only", "setfattr -n user.a -v 1 a; echo b >b",
      "cp --attributes-only --preserve=xattr a b; cp -a --attributes-only a c; cp --attributes-only a e"),
    Case(
      "attributes with --parents",
      "mkdir -p p/q d; setfattr -n user.a -v 1 p; setfattr -n user.b -v 1 p/q; cp a p/q",
      "cp -a --parents p/q/a d"),
    Case("attributes with -l and -s", "setfattr -n user.a -v 1 a", "cp -al a b; cp -as a c"),
    Case("attributes of a large file", "seq 200000 >b; setfattr -n user.a -v 1 b", "cp -a b c"),
    Case("attributes of a FIFO", "mkfifo p; setfattr -n trusted.a -v 1 p", "cp -a p q", as: .root),
  ].after(
    "command -v setfattr >/dev/null || exit 77; echo a >a; setfattr -n user.try a 2>/dev/null || exit 77; setfattr -x user.try a"
  )

  private let lists = [
    Case(
      "a list of a file", "setfacl -m u:1:rw,g:2:r a",
      "umask 022; cp a b; cp -p a c; cp --preserve=mode a e; cp -a a f; cp --preserve=xattr a g; cp --no-preserve=mode a h"
    ),
    Case("a list with a small mask", "setfacl -m u:1:rwx,m::r a", "umask 0; cp a b; cp -p a c"),
    Case("a list and a umask of 077", "setfacl -m u:1:rwx,g::rwx a", "umask 077; cp a b; cp -p a c"),
    Case(
      "a list over another", "setfacl -m u:1:rw a; echo b >b; setfacl -m u:2:r,g:3:rwx b; cp -p b c",
      "cp a b; cp -p a c"),
    Case(
      "no list over one", "chmod 640 a; echo b >b; setfacl -m u:2:r,g:3:rwx b; cp -p b c; cp -p b e",
      "cp a b; cp -p a c; cp -a a e"),
    Case("a list over none", "setfacl -m u:1:rw a; echo b >b; echo c >c", "cp a b; cp -p a c"),
    Case(
      "into a directory with a default list", "mkdir d; setfacl -d -m u:1:rwx,g:2:r d; chmod 755 a",
      "umask 077; cp a d; cp -p a d/p; cp --no-preserve=mode a d/n; cp -a a d/a2"),
    Case(
      "into a directory with a small default list", "mkdir d; setfacl -d -m u::rw,g::-,o::- d; chmod 755 a",
      "umask 0; cp a d; cp -p a d/p; cp --no-preserve=mode a d/n"),
    Case(
      "a file with a list into a directory with a default list",
      "mkdir d; setfacl -d -m u:1:rwx d; setfacl -m u:2:r a", "cp a d; cp -p a d/p"),
    Case(
      "a tree into a directory with a default list",
      "mkdir -p d t/s; setfacl -d -m u:1:rwx,g:2:r d; echo x >t/s/x; chmod 700 t/s; mkfifo t/p; ln -s x t/l",
      "umask 027; cp -r t d; cp -rp t d/p; cp -a t d/a; cp -r --no-preserve=mode t d/n"),
    Case(
      "a tree with default lists",
      "mkdir -p t/s; setfacl -d -m u:1:rwx,g:2:r t; echo x >t/x; mkdir t/in; setfacl -m u:3:x t/s",
      "cp -r t a2; cp -rp t b; cp -a t c; cp -r --preserve=xattr t e"),
    Case(
      "a tree over one with default lists",
      "mkdir -p t/s d/t/s; setfacl -d -m u:1:rwx d/t; setfacl -m u:7:x d/t/s; echo x >t/s/x; echo y >t/y; cp -p a t",
      "cp -r t d; cp -rp t d"),
    Case(
      "-p of a plain directory over one with lists",
      "mkdir -p t d; setfacl -m u:1:x d; setfacl -d -m u:1:x d", "cp -rpT t d"),
    Case(
      "--attributes-only", "setfacl -m u:1:rw a; echo b >b; setfacl -m u:2:r b",
      "cp --attributes-only a b; cp --attributes-only -p a c; cp --attributes-only -p a b"),
    Case("set-ID bits and a list", "chmod 6755 a; setfacl -m u:1:rw a", "cp -p a b; cp a c"),
    Case(
      "lists as another", "setfacl -m u:1:rw a; chmod 644 a; mkdir -m 777 d",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -p a d; setpriv --reuid=65534 --regid=65534 --clear-groups cp -a a d/b",
      as: .root),
    Case(
      "where there are no lists", "setfacl -m u:1:rw a; mkdir r",
      "unshare -m sh -c 'mount -t ramfs ramfs r; cp -a a r; echo $?; cp -p a r/b; echo $?; cp --preserve=mode a r/c; echo $?; cp a r/d; echo $?; find r -type f -printf \"%p %m\\n\" | sort'",
      as: .root),
    Case(
      "--parents with lists", "mkdir -p p/q d; setfacl -m u:1:x p; setfacl -d -m u:2:x p/q; cp a p/q",
      "cp -p --parents p/q/a d; cp --parents p/q/a d"),
  ].after(
    "command -v setfacl >/dev/null || exit 77; echo a >a; setfacl -m u:1:r a 2>/dev/null || exit 77; setfacl -b a"
  )

  extension ConformanceTests {
    @Test("--preserve and --no-preserve of each kind", arguments: Ground.available)
    func preserveTable(_ ground: Ground) throws {
      try agrees(everything, on: ground)
    }

    @Test("Times and owners", arguments: Ground.available) func timeTable(_ ground: Ground) throws {
      try agrees((times + owners).everywhere(), on: ground)
    }

    @Test("Hard links", arguments: Ground.available) func hardLinkTable(_ ground: Ground) throws {
      try agrees(links, on: ground)
    }

    @Test("Extended attributes and capabilities", arguments: Ground.available)
    func attributeTable(_ ground: Ground) throws {
      try agrees(attributes.everywhere(), on: ground)
    }

    @Test("Access control lists", arguments: Ground.available) func listTable(_ ground: Ground) throws {
      try agrees(lists.everywhere(), on: ground)
    }
  }
#endif
