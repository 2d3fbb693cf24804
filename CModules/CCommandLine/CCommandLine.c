#define _GNU_SOURCE
#include "CCommandLine.h"

#include <errno.h>
#include <fcntl.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

// The locale of the user's environment, for what is written; 0 where that names none.
static locale_t userLocale;
static bool writesUTF8;
static pthread_once_t userLocaleOnce = PTHREAD_ONCE_INIT;

static void findUserLocale(void) {
  userLocale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  writesUTF8 = userLocale != (locale_t)0 && strcmp(nl_langinfo_l(CODESET, userLocale), "UTF-8") == 0;
}

bool commandWritesUTF8(void) {
  pthread_once(&userLocaleOnce, findUserLocale);
  return writesUTF8;
}

size_t commandPrintableLength(const unsigned char *bytes, size_t count) {
  if (count == 0) return 0;
  if (bytes[0] < 0x80) return bytes[0] >= 0x20 && bytes[0] != 0x7f;
  if (!commandWritesUTF8()) return 0;
  locale_t previous = uselocale(userLocale);
  mbstate_t state = {0};
  wchar_t character = 0;
  size_t length = mbrtowc(&character, (const char *)bytes, count, &state);
  // Wrong and incomplete sequences are numbers far above any length.
  if (length > count || !iswprint((wint_t)character)) length = 0;
  uselocale(previous);
  return length;
}

// What is opened later would otherwise be taken for them. Opened the wrong way round: using them fails as before.
void commandReserveStandardDescriptors(void) {
  for (int descriptor = 0; descriptor <= 2; descriptor++)
    if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0) return;
}

void commandReportInsteadOfDying(void) {
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
}

// Written once, before any other thread exists.
static sigset_t endingSignals;

void commandBlockEndingSignals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  sigemptyset(&endingSignals);
  for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    struct sigaction action;
    // Who started us may have had it ignored (nohup, a shell's background job): it stays so.
    if (sigaction(numbers[index], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
      sigaddset(&endingSignals, numbers[index]);
  }
  pthread_sigmask(SIG_BLOCK, &endingSignals, NULL);
}

int commandWaitForEndingSignal(void) {
  int number = 0;
  while (sigwait(&endingSignals, &number) != 0) {
  }
  return number;
}

int commandWriteWhole(int descriptor, const void *bytes, size_t count) {
  const char *rest = bytes;
  while (count > 0) {
    ssize_t written = write(descriptor, rest, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    rest += written;
    count -= (size_t)written;
  }
  return 0;
}

int commandTerminalColumns(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int commandSyncFileSystem(int descriptor) {
#ifdef __linux__
  return syncfs(descriptor);
#else
  (void)descriptor;
  sync();
  return 0;
#endif
}
