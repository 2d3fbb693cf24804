#if os(Linux)
  import Foundation
  import Testing

  /// As printf's format takes them.
  private let odd = [
    #"line\nbreak"#, #"end\n"#, #"\n"#, " ", "  two", "it's", "'", "\"", "it's \"both\"", #"tab\t"#,
    #"back\\slash"#,
    #"\303\274"#, #"\342\202\254 euro"#, #"\033[1m"#, #"a\377b"#, #"\200"#, #"\303"#, #"a\303\274\377"#,
    #"\r"#, #"\a\b\v\f"#,
    #"\177"#, "$x", "`x`", "*", "?", "~a", "a~", "#a", "a#", "a=b", "a b", "!", "{a,b}", "[x]", "%%s", ";",
    "&", "|", "<",
    ">", "(", "a (b)", "^x", ":", ",", "@", "+x", "-", "-v", "--", "--help", "...", ".hidden", #"\1"#,
    #"'\n'"#, #"\302\240"#,
    #"\342\200\230"#, #"\360\237\230\200"#, #"\302\205"#,
  ]

  /// What is told of each name, and that it arrives as it is.
  private let names = odd.map { name in
    let quoted = name.replacingOccurrences(of: "'", with: #"'\''"#)
    return Case(
      "the name \(name)",
      """
      n=$(printf -- '\(quoted)/'); n=${n%/}
      echo x >"./$n"; mkdir d
      """,
      """
      n=$(printf -- '\(quoted)/'); n=${n%/}
      for l in C C.UTF-8; do export LC_ALL=$l
      cp -v -- "$n" d; cp -v "d/$n" "new-$n"; cp -- "$n$n-missing" d; cp -T -- "$n" d; cp -- "$n" "$n"; done
      """)
  }

  private let long = [
    Case("a name of 255 bytes", "echo a >a", "n=$(printf '%0255d' 0); cp a $n && cp $n new"),
    Case("a name of 256 bytes", "echo a >a", "cp a $(printf '%0256d' 0)"),
    Case("a source of 256 bytes", "mkdir d", "cp $(printf '%0256d' 0) d"),
    Case("a path of 4095 bytes", "echo a >a", "cp $(printf './%.0s' $(seq 2047))a new"),
    Case("a path of 4096 bytes", "echo a >a", "cp $(printf './%.0s' $(seq 2048))a new"),
    Case("a destination of 4096 bytes", "echo a >a", "cp a $(printf './%.0s' $(seq 2048))b"),
    Case("a name too long in a directory", "mkdir d; echo a >a", "cp a d/$(printf '%0256d' 0)"),
    Case(
      "a backup's name too long", "n=$(printf '%0255d' 0); echo a >a; echo b >$n",
      "cp -b a $(printf '%0255d' 0)"),
    Case(
      "a numbered backup's name too long", "n=$(printf '%0255d' 0); echo a >a; echo b >$n",
      "cp --backup=numbered a $(printf '%0255d' 0)"),
  ]

  /// Messages of option parsing and of usage quote otherwise than those about files.
  private let locales = [
    Case("an invalid argument", "", "LC_ALL=C.UTF-8 cp --sparse=x a b"),
    Case("a missing operand", "", "LC_ALL=C.UTF-8 cp a"),
    Case("an odd missing operand", "", #"LC_ALL=C.UTF-8 cp "$(printf 'a\nb')""#),
    Case("an unknown option", "", "LC_ALL=C.UTF-8 cp --foo a b"),
    Case("an unknown option that is not ASCII", "", #"LC_ALL=C.UTF-8 cp "$(printf -- '--\303\274')" a b"#),
    Case("an unknown letter that is not ASCII", "", #"LC_ALL=C.UTF-8 cp "$(printf -- '-\303\274')" a b"#),
    Case("an argument that is not ASCII", "", #"cp --sparse="$(printf '\303\274\377')" a b"#),
    Case("an odd argument", "", #"cp --sparse="$(printf "it's\n")" a b"#),
    Case("an ambiguous option", "", "LC_ALL=C.UTF-8 cp --no a b"),
    Case("a locale that is not there", "", "LC_ALL=xx_XX.UTF-8 cp missing b"),
    Case("the locale by LANG", "", #"unset LC_ALL; LANG=C.UTF-8 cp "$(printf '\303\274')" b"#),
    Case("the locale by LC_CTYPE", "", #"unset LC_ALL; LC_CTYPE=C.UTF-8 cp "$(printf '\303\274')" b"#),
    Case("no locale", "", #"unset LC_ALL LANG; cp "$(printf '\303\274')" b"#),
  ]

  extension ConformanceTests {
    @Test("Odd names, and how messages quote them", arguments: Ground.available)
    func nameTable(_ ground: Ground) throws {
      try agrees(names + locales + long, on: ground)
    }
  }
#endif
