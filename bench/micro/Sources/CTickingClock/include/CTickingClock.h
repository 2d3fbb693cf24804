#ifndef C_TICKING_CLOCK_H
#define C_TICKING_CLOCK_H

// Nothing to call: a program that links this has another clock_gettime.

#endif
