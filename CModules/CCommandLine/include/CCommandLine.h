// What a command needs of C that Swift 6 cannot reach: getopt_long's state and the standard streams are
// shared mutable globals, and a signal handler must be C.
#ifndef SWIFT_URING_IO_CCOMMANDLINE_H
#define SWIFT_URING_IO_CCOMMANDLINE_H

#include <stddef.h>

struct commandOption {
  const char *name;
  int argument;  // 0 none, 1 required, 2 optional
  int value;     // what commandNextOption answers for it
};

// A table for commandNextOption from `count` options; it lives as long as the process.
const void *commandMakeOptionTable(const struct commandOption *options, int count);

// getopt_long(3): the next option's value, '?' for one that is unknown or lacks its argument (the
// message is printed by getopt), or -1 at the end.
int commandNextOption(int argc, char *const *argv, const char *shortOptions, const void *table);
const char *commandOptionArgument(void);  // optarg
int commandOperandIndex(void);            // optind

// Ignores the signals that would end the program where an error can be reported instead (SIGXFSZ, SIGPIPE).
void commandReportInsteadOfDying(void);

// Blocks SIGINT, SIGTERM and SIGHUP, where they are not ignored, in this thread and those it starts later.
// Called once, before any other thread exists.
void commandBlockEndingSignals(void);
// Waits for one of the signals that commandBlockEndingSignals blocked; its number.
int commandWaitForEndingSignal(void);

// Writes all of it; 0, or the errno that stopped it.
int commandWriteWhole(int descriptor, const void *bytes, size_t count);

// Waits until everything written to the descriptor's file system is on its disk: syncfs(2), or sync(2) where there is
// none; 0, or -1 with errno.
int commandSyncFileSystem(int descriptor);

// The columns of the terminal behind the descriptor, or 0.
int commandTerminalColumns(int descriptor);

#endif
