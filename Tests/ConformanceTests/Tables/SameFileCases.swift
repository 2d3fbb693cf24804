#if os(Linux)
  import Foundation
  import Testing

  private let options = [
    "", "-d", "-f", "-df", "--remove-destination", "-b", "-bd", "-bf", "-bdf", "-l", "-ld", "-lf", "-ldf",
    "-bl",
    "-bld", "-blf", "-bldf", "-s", "-sf", "-bs", "-bsf", "-p", "-a", "-u", "-n", "-i", "-L", "-H", "-r", "-T",
    "-fT",
    "--attributes-only", "-lL", "-sL", "-f --remove-destination", "-b --remove-destination",
    "--reflink=always",
    "-f --backup=numbered", "-f --backup=none", "-fS .x", "-al", "-abf",
  ]

  /// Pairs of names that are, in one way or another, names of one file.
  private let pairs = [
    "f f", "f ./f", "f h", "f sl", "sl f", "sl sl2", "sl sl", "sl hsl", "h sl", "slh f", "f slh", "ssl f",
    "f ssl",
    "ssl sl", "sl ssl", "dang dang", "dang hdang", "f d/../f", "loop loop", "ds/f f", "d/f f",
  ]

  /// Pairs of which cp, with these options, removes or renames the destination and then finds that it was the source, or
  /// does not even find it.
  private let lossy = [
    "--remove-destination": ["sl sl", "ssl sl", "ds/f f"],
    "-f --remove-destination": ["sl sl", "ssl sl", "ds/f f"],
    "-b --remove-destination": ["sl sl", "ssl sl", "ds/f f"], "-b": ["sl sl", "ssl sl", "ds/f f"],
    "-bf": ["ssl sl", "ds/f f"], "-f --backup=numbered": ["ssl sl", "ds/f f"],
    "-fS .x": ["ssl sl", "ds/f f"],
    "-bd": ["ds/f f"], "-bdf": ["ds/f f"], "-abf": ["ds/f f"], "-bs": ["ds/f f"], "-bsf": ["ds/f f"],
  ]

  private let made = """
    mkdir d; echo f >f; ln f h; ln -s f sl; ln -s f sl2; ln sl hsl; ln -s h slh; ln -s sl ssl; ln -s no dang
    ln dang hdang; ln -s loop loop; ln -s . ds; ln f d/f
    """

  /// Each pair in a directory of its own, one line for what cp says.
  private func inPairs(_ option: String, environment: String) -> Case {
    let pairs = pairs.filter { !(lossy[option] ?? []).contains($0) }
    return Case(
      "one file by two names, \(option) \(environment)",
      "mkdir p; cd p; \(made)\ncd ..; for i in $(seq \(pairs.count)); do cp -a p p$i; done; rm -r p",
      """
      i=0; while read -r a b; do i=$((i+1)); cd p$i
      echo "p$i: $a $b: $(\(environment) cp \(option) $a $b 2>&1 </dev/null; echo $?)"; cd ..; done <<END
      \(pairs.joined(separator: "\n"))
      END
      """)
  }

  private let kept = lossy.sorted { $0.key < $1.key }.flatMap { option, pairs in
    pairs.map { pair in
      Case("one file by two names, \(option) \(pair)", made, "cp \(option) \(pair)").departing(
        .keepsTheSource, status: pair == "ds/f f" ? 1 : 0,
        errors: pair == "ds/f f" ? ["cp: 'ds/f' and 'f' are the same file"] : [],
        leaving: "for name in \(pair); do [ \"$(cat $name)\" = f ]; done")
    }
  }

  /// Who runs it has no part in it.
  private let files =
    (options.map { inPairs($0, environment: "") }
    + ["", "-f", "-df", "--remove-destination", "-bf", "-s"].map {
      inPairs($0, environment: "POSIXLY_CORRECT=1")
    })
    .by(.ordinary)

  private let directories = [
    "cp -rT d d", "cp -rT d d/", "cp -rT d/ d", "cp -rT d d/.", "cp -rT d ds",
    "cp -rT ds d", "cp -rLT ds d", "cp -rHT ds d", "cp -rT ds/ d",
    "cp -rT d ds/", "cp -rT ds ds", "cp -rfT d d", "cp -rbT d d", "cp -rfbT d d", "cp -rlT d d",
    "cp -rsT d d", "cp -rT --remove-destination d d", "cp -rnT d d", "cp -ruT d d",
    "cp -aT d d", "cp -r d/f d", "cp -r d/f d/f", "cp d/f d", "cp -f d/f d", "cp -b d/f d", "cp -fb d/f d",
    "cp f d/../f", "cp -r d e; cp -r d/. d", "cp -rv d/. d",
    "cp d/* d", "cp -v f d/f d", "cp f . ", "cp -f f .", "cp f ./.", "cp -t . f", "cp d/f ds",
    "cp -r d d2; cp -rlT d d2; cp -rT d d2; cp -rfT d d2", "cp -rl d d2; cp -rT d d2",
    "cp -rl d d2; cp -rfT d d2", "cp -rl d d2; cp -rT --remove-destination d d2", "cp -rl d d2; cp -rbT d d2",
    "cp -al d d2; cp -aT d d2", "cp -al d d2; cp -auT d d2", "cp -al d d2; cp -alT d d2",
    #"cp -rs "$PWD/d" d2; cp -rT d d2"#, #"cp -rs "$PWD/d" d2; cp -rT d2 d"#,
    #"cp -rs "$PWD/d" d2; cp -rLT d2 d"#, #"cp -rs "$PWD/d" d2; cp -rT --remove-destination d d2"#,
    #"cp -rs "$PWD/d" d2; cp -rfT d d2"#,
  ].map { Case($0, "echo f >f; mkdir d; echo f >d/f; mkdir d/s; echo y >d/s/y; ln -s d ds", $0) }

  private let created = [
    "cp a x/a d", "cp a x/a y/a d", "cp -f a x/a d", "cp --remove-destination a x/a d", "cp -n a x/a d",
    "cp -u a x/a d", "cp -b a x/a d", "cp -p a x/a d", "cp -l a x/a d", "cp -lf a x/a d",
    #"cp -s "$PWD/a" "$PWD/x/a" d"#, #"cp -sf "$PWD/a" "$PWD/x/a" d"#, "cp -d x/l y/l d", "cp -a x/l y/l d",
    "cp -r x/p y/p d", "cp a a d", "cp a ./a d", "cp -f a a d", "cp -n a a d", "cp -v a a d", "cp -b a a d",
    "cp -a a a d", "cp -l a a d", "cp -a a b d", "cp -a a hb d", "cp a hb d", "cp x/a y/a a d",
    "cp a x/a x/a d", "cp missing missing d", "cp a missing a d", "cp x x d", "cp -r x x d",
    "cp -r x ./x x/ d", "cp -rv x x d",
    "cp -r x y/x d", "cp -r x y d", "cp -r x/. y/. d", "cp -r x/. x d", "cp -rn x/. y/. d",
    "cp -ru x/. y/. d", "cp -rf x/. y/. d", "cp -rb x/. y/. d", "cp -r --backup=numbered x/. y/. d",
    "cp -r --remove-destination x/. y/. d",
    "cp -a x/. y/. d", "cp -rl x/. y/. d", "cp -rv x/. y/. d", "cp a x/la d", "cp -P x/l a d",
    "cp -P x/l y/l d", "cp -P z/a a d", "cp -P z/a x/a d", "cp -rP z/a x/a d", "cp -dr z/. x/. d",
    "cp -r z/. x/. d", "cp -P --remove-destination z/a x/a d",
    "cp -Pf z/a x/a d", "cp -Pn z/a x/a d", "cp -Pb z/a x/a d", "cp x/l y/l d", "cp -L x/l y/l d",
    "cp -r x/l y/l d", "cp -r a x/a d/a d2", "cp a d", "cp a x/a d; cp a x/a d",
    "cp a a new", "cp --parents x/a x/a d", "cp --parents x/a y/a d", "cp --parents x/a x/../x/a d",
    "cp --parents -r x x d", "cp -t d a x/a", "cp -i a x/a d </dev/null", "echo y | cp -i a x/a d",
    "cp -r a x/a a d",
    "cp -r d/one d2/one d3", "mkdir e; echo o >e/a; ln e/a e/b; cp a b e",
    "mkdir e; echo o >e/a; ln -s a e/b; cp a b e", "mkdir e; echo o >e/a; ln -s a e/b; cp b a e",
    "mkdir e; ln -s no e/a; cp a x/a e", "cp --attributes-only a x/a d",
    "cp /dev/null d/../d; cp a /dev/null d", "cp -r x/a/ y d", "cp -r x y/x z x d", "cp -rH lx x d",
    "cp -rL lx x d", "cp -r lx lx d", "cp -rH lx lx/ d",
    "cp la a d", "cp -H la a d", "cp -P la a d", "cp -P la la d", "cp la la d", "cp -a la ./la d",
  ].map {
    Case(
      $0,
      """
      echo a >a; echo b >b; ln a hb; mkdir -p d d2/one d3 d/one x y/x z; echo xa >x/a; echo ya >y/a; ln -s nx x/l; ln -s ny y/l; mkfifo x/p y/p; ln -s a x/la; echo yx >y/x/f; ln -s ../b z/a
      ln -s x lx; ln -s a la; echo 1 >d/one/f; echo 2 >d2/one/f
      """, $0)
  }

  extension ConformanceTests {
    @Test("Onto itself", arguments: Ground.available) func sameFileTable(_ ground: Ground) throws {
      try agrees(files + kept + directories, on: ground)
    }

    @Test("Over what was just made, and sources named twice", arguments: Ground.available)
    func justCreatedTable(_ ground: Ground) throws {
      try agrees(created, on: ground)
    }
  }
#endif
