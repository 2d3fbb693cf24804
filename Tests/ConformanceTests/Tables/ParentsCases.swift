#if os(Linux)
  import Testing

  private let files = """
    mkdir -p a/b/c d e; echo f >a/b/c/f; echo g >a/g; ln -s a l; ln -s b a/lb; ln -s f a/b/c/lf; chmod 750 a; chmod 711 a/b; chmod 2705 a/b/c; echo h >h
    """

  private let commands = [
    "cp --parents a/b/c/f d", "cp --parents a/b/c/f d/", "cp --parents -v a/b/c/f d",
    "cp --parents -p a/b/c/f d", "cp --parents -pv a/b/c/f d", "cp --parents -a a/b/c/f d",
    "cp --parents --no-preserve=mode a/b/c/f d", "cp --parents --preserve=mode a/b/c/f d",
    "cp --parents --preserve=timestamps a/b/c/f d", "cp --parents ./a/b/c/f d", "cp --parents a//b/c///f d",
    "cp --parents -v a//b/./c/f d", "cp --parents a/../a/b/c/f d", "cp --parents a/b/../g d",
    "cp --parents ../$(basename \"$PWD\")/h d",
    #"cp --parents "$PWD/a/b/c/f" d; mv "d$PWD" d/found; rm -r d/[!f]*; ls d"#,
    "cp --parents -r a/b d", "cp --parents -r a/b/ d", "cp --parents -rv a/b/c/ d", "cp --parents -r a/b/. d",
    "cp --parents -r a d", "cp --parents -r a/ d",
    "cp --parents h d",
    "cp --parents -t d a/b/c/f", "cp --parents a/b/c/f a/g d", "cp --parents -v a/b/c/f a/g h d",
    "cp --parents a/b/c/f a/b/c/f d", "cp --parents a/b/c/missing d", "cp --parents missing/f d",
    "cp --parents a/g/f d",
    "cp --parents a/b d", "cp --parents a/b/ d", "cp --parents a/b/c/f missing", "cp --parents a/b/c/f h",
    "cp --parents a/b/c/f d/new", "cp --parents -T a/b/c/f d", "cp --parents a/b/c/f ''",
    "cp --parents l/b/c/f d", "cp --parents -P l/b/c/f d", "cp --parents -p l/b/c/f d",
    "cp --parents -r l/b d", "cp --parents -v a/lb/c/f d", "cp --parents -P l d", "cp --parents -r l/ d",
    "cp --parents -P a/b/c/lf d",
    "cp --parents a/b/c/lf d", "umask 077; cp --parents a/b/c/f d", "umask 0; cp --parents a/b/c/f d",
    "umask 777; cp --parents a/b/c/f d", "umask 777; cp --parents -p a/b/c/f d",
    "umask 300; cp --parents -rp a d", "umask 027; cp --parents -r a d",
    "cp --parents a/b/c/f d; cp --parents a/b/c/f d", "cp --parents a/b/c/f d; cp --parents -v a/g d",
    "cp --parents -l a/b/c/f d", "cp --parents -s a/b/c/f d", "cp --parents -n a/g d; cp --parents -nv a/g d",
    "cp --parents -b a/g d; cp --parents -b a/g d", "cp --parents -bv a/g d; cp --parents -bv a/g d",
    "cp --parents -u a/g d; cp --parents -uv a/g d", "cp --parents --attributes-only -p a/b/c/f d",
    "cp --parents --remove-destination a/g d",
    "cp --parents --strip-trailing-slashes -r a/b/c/ d", "cp --parents -i a/g d </dev/null",
    "cp --parents -f a/g d", "cp --parents -rL a/lb d", "cp --parents -rL l/b/c a/lb/c d",
    "cp --parents -x -r a d", "cp --parents -a a/b/c a/g d",
    "cp --parents a/b/c/f a", "cp --parents -r a/b a", "cp --parents a/g .",
    "cp --parents a/b/c/f .", "cp --parents -r a .", "cd d; cp --parents ../a/g .",
    "cd d; cp --parents ../a/b/c/f ../e",
    "cp --parents h d/../e", "cp --parents -r d/. e", "cp --parents ./h d", "cp --parents -v ./h ././a/g d",
    "cp --parents / d", "cp --parents -d a/b/c/lf l d", "cp --parents '' d",
  ].map { Case($0, files, $0) }

  private let existing = [
    Case(
      "parents with other modes", "mkdir -p d/a/b; chmod 700 d/a; chmod 1777 d/a/b", "cp --parents a/b/c/f d"),
    Case(
      "parents with other modes, -p", "mkdir -p d/a/b; chmod 700 d/a; chmod 1777 d/a/b",
      "cp -p --parents a/b/c/f d"),
    Case(
      "parents with other modes, -a of a tree", "mkdir -p d/a/b; chmod 700 d/a; chmod 1777 d/a/b",
      "cp -a --parents a/b d"),
    Case(
      "parents with other modes, --no-preserve=mode", "mkdir -p d/a",
      "umask 027; cp --no-preserve=mode --parents a/b/c/f d"),
    Case(
      "a file in the way", "echo x >d/a",
      "cp --parents a/b/c/f d; cp --parents -v a/b/c/f d; cp -f --parents a/b/c/f h d"),
    Case("a file in the way further below", "mkdir d/a; echo x >d/a/b", "cp --parents -v a/b/c/f d"),
    Case("a link to a directory in the way", "ln -s ../e d/a", "cp --parents -v a/b/c/f d"),
    Case("a link to a directory in the way, -p", "ln -s ../e d/a", "cp -p --parents a/b/c/f d"),
    Case("a link to nowhere in the way", "ln -s no d/a", "cp --parents a/b/c/f d"),
    Case("a directory in the way of the file", "mkdir -p d/a/g", "cp --parents a/g d"),
    Case("a target that cannot be written to", "chmod 555 d", "cp --parents a/b/c/f h d", as: .ordinary),
    Case(
      "a parent that cannot be written to", "mkdir d/a; chmod 555 d/a", "cp --parents a/b/c/f a/g d",
      as: .ordinary),
    Case(
      "a source's parent that cannot be read", "chmod 311 a/b",
      "cp --parents a/b/c/f d; cp -p --parents a/b/c/f e"),
    Case(
      "a source's parent that cannot be searched", "chmod 600 a/b", "cp --parents a/b/c/f d", as: .ordinary),
    Case(
      "a source's parent that cannot be written to", "chmod 555 a/b a",
      "cp --parents a/b/c/f a/g d; cp -p --parents a/b/c/f e"),
    Case(
      "a set-group-ID target", "chmod 2777 d; chgrp 77 d",
      "cp --parents a/b/c/f d; cp -p --parents a/b/c/f e", as: .root),
    Case(
      "owners of parents", "chown 5:6 a; chown 7:8 a/b; chmod 2755 a/b; chown 9 a/b/c/f",
      "cp -p --parents a/b/c/f d; cp --parents a/b/c/f e", as: .root),
    Case(
      "owners of parents, as an ordinary user",
      "chown 5:6 a; chown 7:8 a/b; chmod 6755 a/b; chmod 755 a; chmod 777 d",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cp -p --parents a/b/c/f d", as: .root),
    Case(
      "a name too long", "mkdir $(printf '%0255d' 0); echo x >$(printf '%0255d' 0)/x",
      "cp --parents $(printf '%0255d' 0)/x d; n=$(printf '%0255d/.././' 0); cp --parents $n$n$n$n$n$n$n$n$n$n$n${n}h d 2>&1 | cut -c1-60"
    ),
    Case("names with quotes", "mkdir \"it's\"; echo x >\"it's/x\"", "cp -v --parents \"it's/x\" d"),
    Case(
      "many of one directory", "mkdir -p p/q; for i in $(seq 50); do echo $i >p/q/$i; done",
      "cp -pv --parents p/q/* d"),
  ].after(files)

  extension ConformanceTests {
    @Test("--parents", arguments: Ground.available) func parentsTable(_ ground: Ground) throws {
      try agrees(commands + existing, on: ground)
    }
  }
#endif
