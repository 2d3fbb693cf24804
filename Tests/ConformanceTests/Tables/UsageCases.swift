#if os(Linux)
  import Testing

  /// Command lines, each tried among the same files.
  private let lines = [
    "cp", "cp a", "cp d", "cp -r", "cp -r d", "cp -t", "cp -t d", "cp -T", "cp -T a", "cp -T a b d",
    "cp -T a b c d",
    "cp --", "cp -- a", "cp -S", "cp --suffix", "cp --suffix=", "cp --suffix a b", "cp --suffix a b new",
    "cp --target-directory", "cp --target-directory=", "cp -t d -t d a", "cp -t d -t e a", "cp -t . -T a b",
    "cp -T -t d a",
    // Letters.
    "cp -y a b", "cp -vy a b", "cp -? a b", "cp -1 a b", "cp -W a b", "cp -vtd a", "cp -vt d a", "cp -tv a",
    "cp - b",
    "cp a -", "cp a - d", "cp -rf a new", "cp -pv a new", "cp -c a b", "cp -rRaA a b",
    // Names of long options.
    "cp --foo a b", "cp --foo=bar a b", "cp --Recursive d new", "cp --no a b", "cp --re a b", "cp --p a b",
    "cp --s a b",
    "cp --r a b", "cp --a a b", "cp --co a b", "cp --n a b", "cp --no- a b", "cp --ver a b", "cp --v a b",
    "cp --pa a b",
    "cp --= a b", "cp --rec d new", "cp --r=x a b", "cp --rec=x a b", "cp --verb a new",
    "cp --verbose=1 a new",
    "cp --force=1 a new", "cp --arch d new", "cp --ar d new", "cp --at a new", "cp --attr a new",
    "cp --cop a new",
    "cp --der l new", "cp --dere l new", "cp --f a b", "cp --for a b", "cp --in a b </dev/null",
    "cp --int a b </dev/null", "cp --li a new", "cp --l a new", "cp --no-c a b", "cp --no-d l new",
    "cp --no-t a new",
    "cp --no-p=mode a new", "cp --o -r d new", "cp --one -r d new", "cp --par a d", "cp --parents a new",
    "cp --pres a new", "cp --pre=mode a new", "cp --refl=auto a new", "cp --rem a b", "cp --sp=auto a new",
    "cp --sp a new",
    "cp --st a/ new", "cp --str a/ new", "cp --sy a new", "cp --sym a new", "cp --su=.x a b",
    "cp --su .x a b",
    "cp --t=d a", "cp --ta d a", "cp --u a b", "cp --up a b", "cp --b a b", "cp --backup=simple a b",
    // Arguments.
    "cp --backup=foo a b", "cp --backup=n a b", "cp --backup=num a b", "cp --backup= a b",
    "cp --backup=si a b",
    "cp --backup=nil a b", "cp --backup=e a b", "cp --backup=N a b", "cp --sparse a b", "cp --sparse=foo a b",
    "cp --sparse=a a b", "cp --sparse=au a b", "cp --sparse=n a b", "cp --sparse= a b",
    "cp --sparse=ALWAYS a b",
    "cp --reflink=foo a b", "cp --reflink=n a b", "cp --reflink= a b", "cp --reflink=a a b",
    "cp --reflink=au a new",
    "cp --reflink=always --sparse=always a b", "cp --sparse=never --reflink=always a b",
    "cp --reflink --sparse=never a b",
    "cp --reflink=auto --sparse=always a new", "cp --reflink=never --sparse=always a new",
    "cp --preserve=foo a b", "cp --preserve=mode,foo a b", "cp --preserve= a b", "cp --preserve=m a new",
    "cp --preserve=mo,time a new", "cp --preserve=mode, a new", "cp --preserve=,mode a new",
    "cp --preserve=l a new",
    "cp --preserve=o,t a new", "cp --preserve=x a new", "cp --preserve=a a new",
    "cp --preserve=mode,mode a new",
    "cp --preserve='mode, links' a new", "cp --preserve=MODE a new", "cp --no-preserve a b",
    "cp --no-preserve= a b",
    "cp --no-preserve=foo a b", "cp --no-preserve=all a new", "cp --no-preserve=mode,links a new",
    "cp --no-preserve=c a new", "cp --preserve=mode a", "cp --help=x", "cp --version=x",
    // What does not go together.
    "cp -n -b a b", "cp -bn a b", "cp -n --backup=none a b", "cp -nS .x a b", "cp -n --suffix=.x a b",
    "cp -ls a new",
    "cp -l -s a new", "cp -sl a b", "cp --link --symbolic-link a new", "cp --parents a b",
    "cp --parents -T a d",
    "cp --parents a missing", "cp --parents a b new", "cp --parents -T a new", "cp -lb a new",
    "cp --attributes-only -l a new", "cp --attributes-only -s a new",
    "cp --attributes-only --reflink=always a new",
    // SELinux, where there is none.
    "cp -Z a new", "cp -Z a b d", "cp --context a new", "cp --context=foo a new", "cp --context= a new",
    "cp --preserve=context a new", "cp --preserve=c a new", "cp --preserve=all a new", "cp -aZ a new",
    "cp --preserve=context -Z a new", "cp -a --context=foo a new", "cp --preserve=all -Z a new",
    "cp --con a new",
    "cp --no-preserve=context a new", "cp -a --no-preserve=context a new", "cp -Za missing new",
    // Order.
    "cp a b -v", "cp a -v b", "cp a b --", "cp a b -- -v", "cp -- a b -v", "cp -v -- a b", "cp a -- b d",
    "cp a b -t d", "cp a b -t", "cp a -t d b", "POSIXLY_CORRECT=1 cp a b -v", "POSIXLY_CORRECT=1 cp a -v d",
    "POSIXLY_CORRECT=1 cp -v a d", "POSIXLY_CORRECT= cp a b -v", "POSIXLY_CORRECT=1 cp a d -t d",
    "POSIXLY_CORRECT=1 cp -v -- a d", "POSIXLY_CORRECT=1 cp --foo a b", "POSIXLY_CORRECT=1 cp -y a b",
    // Options that have no effect here, or the last of which counts.
    "cp -x a new", "cp -u a new", "cp -H a new", "cp -rR d new", "cp -HLP l new", "cp -PLH l new",
    "cp -LHP l new",
    "cp --copy-contents a new", "cp -dp a new", "cp -R --no-dereference l new", "cp --one-file-system a new",
    "cp -vvv a new", "cp -in a b </dev/null", "cp -ni a b </dev/null", "cp -ina b </dev/null",
    "cp -fi a b </dev/null",
    "cp -if a b </dev/null", "cp -nf a b", "cp -fn a b",
    // Standard descriptors.
    "cp -v a new >/dev/full", "cp -v a b new d >/dev/full", "cp -rv d new >/dev/full", "cp -v a new >&-",
    "cp a new >&-",
    "cp missing new 2>&-", "cp a new 2>&-", "cp a new <&-", "cp a new <&- >&- 2>&-",
    "cp a b d <&- >&- 2>&-; ls d",
    "cp -r d new <&- >&- 2>&-", "cp missing a d 2>/dev/full", "cp --help >/dev/full",
    "cp --version >/dev/full",
    "cp -rv d new 2>&1 | cat", "cp -v a new <&-",
  ]

  private let usage = lines.map {
    Case($0, "echo a >a; echo b >b; mkdir d e; echo x >d/x; ln -s a l", $0)
  }

  private let help = [
    Case("--help succeeds", "", "cp --help | head -n 1")
      .departing(
        .ownHelp, status: 0, errors: [], output: ["Usage: cp [OPTION]... [-T] SOURCE DEST"], leaving: ":"),
    Case("--help comes before what is wrong after it", "", "cp --help --foo >/dev/null"),
    Case("--foo comes before --help", "", "cp --foo --help >/dev/null"),
    Case("--version needs no operands", "", "cp --version >/dev/null"),
    Case("--help among operands", "echo a >a", "cp a b --help >/dev/null"),
    Case(
      "the name it is called by", "",
      #"d=$(dirname "$(command -v cp)"); "$d/cp" missing b 2>&1 | sed "s|$d|D|""#),
    Case("the name in hints", "", #"d=$(dirname "$(command -v cp)"); "$d/cp" a 2>&1 | sed "s|$d|D|g""#),
    Case("another name", "", #"ln -s "$(command -v cp)" other; ./other missing b; ./other a; rm other"#),
  ]

  extension ConformanceTests {
    @Test("Command lines", arguments: Ground.available) func usageTable(_ ground: Ground) throws {
      try agrees(usage + help, on: ground)
    }
  }
#endif
