// liburing as Swift sees it. The order of the includes matters: <features.h> keeps fd_set from
// clashing with the Glibc module, <linux/stat.h> brings struct statx, and <linux/io_uring.h> must come
// before liburing's own copy, or io_uring_sqe clashes with the one in swift-system's CSystem module.
#ifndef SWIFT_URING_IO_CLIBURING_SHIM_H
#define SWIFT_URING_IO_CLIBURING_SHIM_H

#include <features.h>
#include <linux/stat.h>
#include <linux/io_uring.h>
#include <liburing.h>

// Flags and names that Swift cannot import (they are enumerators shifted in a macro, or newer than
// liburing 2.3's headers).
static const unsigned char uringSqeLink = 1u << 2;  // IOSQE_IO_LINK

// The probe's flexible array is not visible in Swift.
static inline int uringProbeSupports(const struct io_uring_probe *probe, int opcode) {
  return io_uring_opcode_supported(probe, opcode);
}

// Whether a completion is waiting, without entering the kernel.
static inline struct io_uring_cqe *uringPeek(struct io_uring *ring) {
  struct io_uring_cqe *cqe = 0;
  return io_uring_peek_cqe(ring, &cqe) == 0 ? cqe : 0;
}

#endif
