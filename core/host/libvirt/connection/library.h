/* libvirt's C library, loaded and made ready once for this process: an event loop on a thread of its own
 * (keep-alive messages, and drivers that live in this process, want one), and silence: what the library has
 * to say goes into errors, never to the terminal.
 *
 * Source: libvirt's libvirt-event and virterror documentation. Threads: any. */
#ifndef REFPOINT_HOST_LIBVIRT_CONNECTION_LIBRARY_H
#define REFPOINT_HOST_LIBVIRT_CONNECTION_LIBRARY_H

#include "core/base/error.h"

/* Repeatable; the first call does it. 32777, key "host.libvirt-missing", where it is not installed; 32768
 * when it does not start. */
bool library_start(struct error *err) WARN_UNUSED;

/* Takes what libvirt said last on this thread: the code of the contract fits libvirt's, its sentence is the
 * cause. Returns false. */
bool library_error(struct error *err, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
