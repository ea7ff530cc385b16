/* The functions of libnbd that we call, found when the first client is opened: the library brings nineteen
 * others along, one of which tests its ciphers, and most commands read no image.
 *
 * A function is called as libnbd()->nbd_pread(...), and by nobody before libnbd_load has succeeded. Source:
 * the prototypes are those of libnbd.h. Ownership: the table lives as long as the process. Threads: any. */
#ifndef REFPOINT_IMAGE_NBD_LIBNBD_H
#define REFPOINT_IMAGE_NBD_LIBNBD_H

#include <libnbd.h>

#include "core/base/error.h"

/* clang-format off */
#define LIBNBD_SYMBOLS(X) \
    X(nbd_add_meta_context) \
    X(nbd_aio_block_status) \
    X(nbd_aio_connect_unix) \
    X(nbd_aio_disconnect) \
    X(nbd_aio_flush) \
    X(nbd_aio_is_closed) \
    X(nbd_aio_is_connecting) \
    X(nbd_aio_is_dead) \
    X(nbd_aio_is_ready) \
    X(nbd_aio_pread) \
    X(nbd_aio_pwrite) \
    X(nbd_aio_trim) \
    X(nbd_aio_zero) \
    X(nbd_can_meta_context) \
    X(nbd_can_multi_conn) \
    X(nbd_close) \
    X(nbd_create) \
    X(nbd_get_errno) \
    X(nbd_get_error) \
    X(nbd_get_size) \
    X(nbd_poll) \
    X(nbd_set_export_name) \
    X(nbd_set_pread_initialize)
/* clang-format on */

struct libnbd_functions {
#define LIBNBD_MEMBER(name) __typeof__(&(name)) name;
    LIBNBD_SYMBOLS(LIBNBD_MEMBER)
#undef LIBNBD_MEMBER
};

/* Repeatable; the first call does it. 32777, key "image.libnbd-missing", where it is not installed. */
bool libnbd_load(struct error *err) WARN_UNUSED;
const struct libnbd_functions *libnbd(void);

#endif
