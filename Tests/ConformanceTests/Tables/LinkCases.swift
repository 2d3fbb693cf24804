#if os(Linux)
  import Testing

  private let sources = """
    echo f >f; mkdir s; echo x >s/x; ln -s x s/inner; ln -s ../f s/outer
    ln -s f lf; ln -s s ld; ln -s nowhere ln; ln -s lf ll; ln -s loop loop; ln -s "$PWD/f" la
    mkdir -p t/u; echo y >t/y; ln -s y t/ly; ln -s u t/lu; ln -s none t/ln; ln -s ../s t/ls; ln -s ../../t/y t/u/up; ln -s loop t/loop
    mkdir d
    """

  private let options = [
    "", "-d", "-P", "-L", "-H", "-r", "-rd", "-rP", "-rL", "-rH", "-a", "-aL", "-aH", "-rLP", "-rPL", "-rdL",
    "-l",
    "-lL", "-lP", "-rl", "-rlL", "-p", "-pP", "-L --preserve=links", "-r --copy-contents",
    "-d --attributes-only",
    "-uP", "-fP", "--remove-destination", "-bP",
  ]

  /// Each kind of source on its own, then again over what the first made.
  private let followed = options.flatMap { option in
    [
      Case(
        "links, \(option)", sources, "for s in lf ld ln ll loop la ld/ lf/ ln/; do cp \(option) $s d; done"),
      Case("a tree with links, \(option)", sources, "cp \(option) t d"),
      Case(
        "links over files, \(option)", sources,
        "for s in lf ld ln ll; do echo o >d/$s; done; for s in lf ld ln ll; do cp \(option) $s d; done"),
      Case(
        "links over links, \(option)", sources,
        "echo o >d/o; for s in lf ld ln ll; do ln -s o d/$s; done; for s in lf ld ln ll; do cp \(option) $s d; done"
      ),
    ]
  }

  private let single = [
    Case("a link to nothing", "", "cp ln d; cp -L ln d; cp -H ln d; cp -P ln d"),
    Case("a link over itself", "", "cp -P lf lf; cp -d lf ./lf; cp lf lf"),
    Case("a link over the same link", "mkdir e; cp -P lf e", "cp -P lf e; cp -a lf e; cp -dv lf e"),
    Case("a link over a directory", "", "cp -PT lf d; cp -aT ln d; cp -dT ld d; cp -rT lf d"),
    Case("a link over a FIFO", "mkfifo p", "cp -P lf p"),
    Case("a link over a link to a directory", "mkdir e; ln -s e le", "cp -P lf le; cp -PT ld le"),
    Case("a link over a link to nowhere", "ln -s no z", "cp -P lf z; cp -d ld z"),
    Case("a link with a slash, -P", "", "cp -P ld/ new; cp -rP ld/ new; cp -P lf/ new2"),
    Case("a link with a slash, -a", "", "cp -a ld/ new; cp -a ld/. d"),
    Case("a link with a slash and a directory", "", "cp -r ld/ d; cp -rH ld d; cp -rL ld d"),
    Case("an absolute link", "", "cp -P la d; cp -a la d/2"),
    Case("a link of 1000 bytes", "ln -s $(printf '%01000d' 0) long", "cp -P long new; cp -a long new2"),
    Case("links as they are told of", "", "cp -vP lf d; cp -vL lf new; cp -rv ld d; cp -v lf ln d"),
    Case("-H with links on the command line and below", "", "cp -rH ld t lf d"),
    Case("-L of links on the command line and below", "rm t/ln t/loop", "cp -rL ld t lf d"),
    Case("-L with a link to its own directory", "mkdir c; ln -s . c/self", "cp -rL c new"),
    Case(
      "-L with a link to the directory above", "mkdir -p c/in; ln -s ../../c c/in/up; echo x >c/x",
      "cp -rL c new"),
    Case(
      "-L with links to each other's directory",
      "mkdir -p c/one c/two; ln -s ../two c/one/l; ln -s ../one c/two/l", "cp -rL c new"),
    Case(
      "-L of a directory twice", "mkdir -p c/s; echo x >c/s/x; ln -s s c/one; ln -s s c/two",
      "cp -rL c new; cp -aL c new2"),
    Case(
      "-L of a long loop of links", "for i in $(seq 45); do ln -s $((i+1)) $i; done; echo x >46",
      "cp -L 40 new; cp -L 1 new2; cp 1 new3"),
    Case("-rL of a loop", "mkdir c; ln -s loop c/loop", "cp -rL c new"),
    Case("-H of a link to a FIFO", "mkfifo p; ln -s p lp", "cp -rH lp new; cp -rP lp new2"),
    Case(
      "-u of links", "mkdir e; ln -s old e/lf; touch -hd @5 e/lf; ln -s old e/ln; touch -hd @5000000000 e/ln",
      "cp -uP lf ln e; cp -au lf ln e"),
    Case("-n and -i of links", "ln -s old d/lf", "cp -nP lf d; echo y | cp -iP lf d"),
    Case("-b of links", "ln -s old d/lf; echo o >d/ln", "cp -bP lf ln d; cp -abv lf d"),
    Case(
      "a hard link to a link", "",
      "cp -l lf h; cp -lP lf h2; cp -lL lf h3; cp -l ln h4; cp -lL ln h5; cp -l ld h6; cp -lL ld h7"),
    Case("links of links' names", "ln lf lf2", "cp -d lf lf2 d; cp -P lf lf2 s"),
  ].after(sources)

  private let files =
    "echo a >a; echo b >b; mkdir -p d t/s; echo x >t/x; echo y >t/s/y; ln -s x t/l; mkfifo t/p; ln -s a la; ln -s d ld; ln -s no ln"

  private let hard = [
    "cp -l a new", "cp -l a d", "cp -l a b", "cp -lf a b", "cp -li a b </dev/null", "echo y | cp -li a b",
    "cp -ln a b",
    "cp -lu a b", "cp -lb a b", "cp -lbf a b", "cp -l --remove-destination a b", "cp -lv a new", "cp -lv a b",
    "cp -lfv a b",
    "cp -l a b d", "cp -l t d", "cp -rl t d", "cp -rl t new", "cp -rlv t new", "cp -al t new",
    "cp -rl t d; cp -rl t d",
    "cp -rlf t d; cp -rlf t d", "cp -rlv t d; cp -rlfv t d", "cp -l a a", "cp -l a ./a", "cp -lf a a",
    "cp -l a new; cp -l a new",
    "cp -l a new; cp -lf a new", "cp -l a new; cp -lv a new", "cp -l missing new", "cp -l a missing/new",
    "cp -lT a d",
    "cp -l a ln", "cp -lf a ln", "cp -l a la", "cp -l a ld", "cp -l la new", "cp -lL la new", "cp -lP la new",
    "cp -lH la new",
    "cp -lp a new", "cp -l --preserve=all a new", "cp -l --attributes-only a new", "cp -l --parents t/s/y d",
    "cp -rl --parents t d", "cp -l /proc/version new", "cp -l /dev/null new", "cp -rl /dev/null new",
    "cp --link a new",
    "cp -l --backup=numbered a b; cp -l --backup=numbered a b", "cp -l a new/",
    "cp -l --reflink=always a new",
    "cp -lL ln new", "cp -l ln new", "cp -l t/p new", "cp -l --sparse=always a new", "cp -lx a new",
  ].map { Case($0, files, $0) }

  private let symbolic = [
    "cp -s a new", "cp -s ./a new", "cp -s a ./new", "cp -s a d", "cp -s a d/", "cp -s a d/new",
    #"cp -s "$PWD/a" d"#,
    #"cp -s "$PWD/a" new"#, #"cp -s "$PWD/a" "$PWD/new""#, #"cp -s a "$PWD/new""#, "cp -s t/x new",
    "cp -s t/../a new",
    "cd d; cp -s ../a .", "cd d; cp -s ../a new", "cd d; cp -s ../a ./new", "cd d; cp -s ../a ../d",
    "cd d; cp -s ../a ../d/new",
    "cp -s a b", "cp -sf a b", "cp -sb a b", "cp -sbf a b", "cp -sn a b", "cp -si a b </dev/null",
    "echo y | cp -si a b",
    "cp -su a b", "cp -s --remove-destination a b", "cp -sv a new", "cp -sv a b", "cp -sfv a b",
    "cp -s t new", "cp -rs t new",
    #"cp -rs "$PWD/t" new"#, #"cp -rs "$PWD/t" d"#, #"cp -rsv "$PWD/t" new"#, #"cp -as "$PWD/t" new"#,
    #"cp -rs "$PWD/t" d; cp -rs "$PWD/t" d"#, #"cp -rsf "$PWD/t" d; cp -rsf "$PWD/t" d"#, "cp -rs t d",
    "cp -rsv t d",
    "cp -s a a", "cp -sf a a", "cp -s missing new", "cp -s a missing/new", "cp -s la new", "cp -sL la new",
    "cp -sP la new",
    "cp -s ln new", "cp -sL ln new", "cp -s a ln", "cp -sf a ln", "cp -s a la", "cp -sf a la", "cp -s a ld",
    "cp -sT a ld",
    "cp -sT a d", "cp -s d new", "cp -rs d new", "cp -sp a new", "cp -s --attributes-only a new",
    #"cp -s --parents "$PWD/t/x" d"#,
    "cp -s --parents t/x d", "cp -s /dev/null new", "cp -s t/p new", "cp --symbolic-link a new",
    "cp -s a new/", "cp -s a b d",
    #"cp -s "$PWD/a" "$PWD/b" d"#, "cp -s '' new", "cp -s a ''",
  ].map { Case($0, files, $0) }

  extension ConformanceTests {
    @Test("-d, -H, -L and -P", arguments: Ground.available) func followedLinkTable(_ ground: Ground) throws {
      try agrees(followed + single, on: ground)
    }

    @Test("-l", arguments: Ground.available) func hardLinkingTable(_ ground: Ground) throws {
      try agrees(hard, on: ground)
    }

    @Test("-s", arguments: Ground.available) func symbolicLinkingTable(_ ground: Ground) throws {
      try agrees(symbolic, on: ground)
    }
  }
#endif
