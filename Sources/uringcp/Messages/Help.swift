import UringIO

/// `--help` and `--version`.
enum Help {
  static var version: String { "uringcp (swift-uring-io) \(UringIOVersion.current)\n" }

  static var text: String { usage + general + own + environment }

  private static var usage: String {
    """
    Usage: \(Messages.program) [OPTION]... [-T] SOURCE DEST
      or:  \(Messages.program) [OPTION]... SOURCE... DIRECTORY
      or:  \(Messages.program) [OPTION]... -t DIRECTORY SOURCE...
    Copy SOURCE to DEST, or several SOURCEs to DIRECTORY, with io_uring or threads.

    What a long option must be given, its letter must be given, too. Long options may be abbreviated.


    """
  }

  private static let general = """
    Options of cp:
      -a, --archive                everything as it is: -dR --preserve=all
          --attributes-only        give the metadata, leave the contents
          --backup[=CONTROL]       keep each existing file under another name
      -b                           the same, without a CONTROL
          --copy-contents          with -r, read FIFOs and devices rather than make them anew
      -d                           links as links, and hard links kept: -P --preserve=links
          --debug                  tell how each file was copied; with -v
      -f, --force                  remove an existing file that cannot be opened, and try again
      -i, --interactive            ask before overwriting (instead of an earlier -n)
      -H                           follow symbolic links among the SOURCEs
          --keep-directory-symlink  copy into a directory that a symbolic link in DEST leads to
      -l, --link                   make hard links instead of copies
      -L, --dereference            follow all symbolic links of SOURCE
      -n, --no-clobber             leave existing files alone (instead of an earlier -i)
      -P, --no-dereference         follow no symbolic link of SOURCE
      -p                           as --preserve=mode,ownership,timestamps
          --preserve[=LIST]        give the copies these attributes (without LIST: those of -p), of
                                   mode, ownership, timestamps, links, xattr, context, all
          --no-preserve=LIST       do not give them these
          --parents                copy a/b/SOURCE to DIRECTORY/a/b/SOURCE
      -r, -R, --recursive          copy directories and all that is in them
          --reflink[=WHEN]         share blocks: auto (what is done without it), always (without
                                   WHEN; fails where it cannot), never
          --remove-destination     remove existing files before they are copied to
          --sparse=WHEN            make holes: auto (where SOURCE has them), always (for zeros, too),
                                   never
          --strip-trailing-slashes  remove the slashes at the end of SOURCEs
      -s, --symbolic-link          make symbolic links instead of copies
      -S, --suffix=SUFFIX          the end of a backup's name
      -t, --target-directory=DIRECTORY  copy all SOURCEs into DIRECTORY
      -T, --no-target-directory    treat DEST as a file, not as a directory to copy into
      -u, --update[=WHICH]         overwrite only some existing files: older (without WHICH), all,
                                   none, or none-fail: none, and fail because of them
      -v, --verbose                print each copy
      -x, --one-file-system        stay on SOURCE's file system
      -Z, --context[=CTX]          accepted; there is no SELinux support
          --help                   print this and exit
          --version                print the version and exit


    """

  private static let own = """
    Options that cp does not have:
          --engine=ENGINE          auto (default), uring, threads, sequential
          --cache=MODE             auto (default): whatever is fastest;
                                   keep: leave the copy in the page cache;
                                   bypass: add nothing to the page cache
          --chunk-size=SIZE        bytes of one transfer, 4K to 1G (512K, 1MiB, 1MB; default: measured)
          --depth=N                chunks in flight past the cache, 1 to 4096
          --workers=N              rings, or threads, 1 to 256
                                   (these five left out: what uringtool tune found, if it did)
          --explain                print which way each copy took, and why
          --stats                  print what was asked of the kernel, and how long it took
          --trace=FILE             write each operation with its time, for Perfetto or Chrome
          --json                   print a JSON object for each copy, on a line
          --progress[=WHEN]        auto (default): on a terminal, after half a second; always; never


    """

  private static let environment = """
    Backups end in '~', or in SUFFIX, or in $SIMPLE_BACKUP_SUFFIX. CONTROL, or $VERSION_CONTROL, is one of
      none, off       no backups
      numbered, t     name.~1~, name.~2~ and so on
      existing, nil   numbered where there is a numbered one, otherwise simple
      simple, never   always the same name, over an older backup
    -f and --backup with one file as SOURCE and DEST copy it to its backup's name.

    Exit status: 0 if all was copied, 1 if something was not, or for wrong usage, 130 or 143 after SIGINT or
    SIGTERM; an unfinished destination that this run created is then removed.

    """
}
