// What a command needs of C that Swift 6 cannot reach well: the user's locale, signals, the terminal.
#ifndef SWIFT_URING_IO_CCOMMANDLINE_H
#define SWIFT_URING_IO_CCOMMANDLINE_H

#include <stdbool.h>
#include <stddef.h>

// Whether the user's locale has UTF-8, and so more than ASCII can be written.
bool commandWritesUTF8(void);
// The bytes of the first character, where the user's terminal can show it as it is; 0 for any other byte.
size_t commandPrintableLength(const unsigned char *bytes, size_t count);

// Where standard input, output or error is closed, nothing else is to get its number: a message would be written into
// a file that is copied. Called before anything is opened.
void commandReserveStandardDescriptors(void);

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
