#ifdef __linux__
#include "CTestSupport.h"

// Takes over the listener of a filter whose watched calls it answers on a thread of its own.
struct supervisor *supervisorStart(int listener, const struct supervision *plan);
#endif
