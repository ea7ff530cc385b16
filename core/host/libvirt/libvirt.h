/* The libvirt host: machines of a libvirt daemon (QEMU/KVM), running or off, whose images lie on this
 * machine.
 *
 * Machines are the daemon's domains, known by their UUID. Collections, points and what is known of each
 * machine's disks live in a store of ours, in the local host's form; layers are exported, checked, adopted
 * and forgotten by the local host's code. Only what changes a machine's disks is different: see live/ and
 * change/.
 *
 * In the store an image keeps its name when it is frozen, and the machine goes on with a new file beside it
 * (image/layer_name.h): a running QEMU opens its files by name, so that none that it has can be renamed. When
 * a point is destroyed the older file takes in the newer one; with the last point the definition names what
 * it named before the first.
 *
 * Source: libvirt's C library (libvirt-domain, domain snapshots, block jobs). name: for the title line.
 * store: absolute. Opening asks nobody: the daemon is spoken to by the first operation that wants it. */
#ifndef REFPOINT_HOST_LIBVIRT_LIBVIRT_H
#define REFPOINT_HOST_LIBVIRT_LIBVIRT_H

#include "core/base/error.h"
#include "core/host/host.h"

struct host *libvirt_host_open(const char *name, const char *uri, const char *store, struct error *err);

#endif
