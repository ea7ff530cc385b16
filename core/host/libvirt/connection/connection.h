/* A connection to a libvirt daemon (or to a driver within this process), opened when it is first wanted and
 * again after it was lost.
 *
 * Time-outs: opening gives up after half a minute; a daemon that no longer answers ends a call after about
 * twenty seconds (keep-alive messages); a job that holds a machine ends one after libvirt's own half minute
 * (32774). Ownership: the caller frees it, after the last pointer taken from it is released. Threads: any. */
#ifndef REFPOINT_HOST_LIBVIRT_CONNECTION_CONNECTION_H
#define REFPOINT_HOST_LIBVIRT_CONNECTION_CONNECTION_H

#include <libvirt/libvirt.h>

#include "core/base/error.h"

struct connection;

struct connection *connection_new(const char *uri);
void connection_free(struct connection *connection);
const char *connection_uri(const struct connection *connection); /* borrowed */
/* The address leads to another machine: its files are not this one's. */
bool connection_is_remote(const struct connection *connection);

/* Released with virConnectClose. NULL: 32777 (nobody answers), 32769 (not allowed), 32772 (too slow). */
virConnectPtr connection_take(struct connection *connection, struct error *err);

void connection_release(virConnectPtr *taken);
#define CLEANUP_CONNECT __attribute__((cleanup(connection_release)))

#endif
