/* The account on a remote libvirt host through which its sockets and files come here: ssh, as libvirt itself
 * uses it. An address of libvirt's other remote transports (tls, tcp) has one too, at ssh's own port.
 *
 * Nothing is ever asked for at the terminal: keys and agents only (BatchMode).
 *
 * Source: libvirt's docs/uri.rst (user, port, keyfile, command, no_verify). Ownership: account_free. Threads:
 * any, children on the caller's. */
#ifndef REFPOINT_HOST_LIBVIRT_REMOTE_ACCOUNT_H
#define REFPOINT_HOST_LIBVIRT_REMOTE_ACCOUNT_H

#include <stddef.h>

#include "core/base/error.h"

struct account;

/* NULL: the address is of this machine. */
struct account *account_of(const char *uri);
void account_free(struct account *account);
/* "root@kvm1", as ssh takes it; borrowed. */
const char *account_word(const struct account *account);

/* A script for the account's sh, with arguments ("$1" ...). *output (NULL: not wanted) is the caller's;
 * output_to: a descriptor that takes it instead, 0 = none. */
bool account_run(const struct account *account, const char *script, const char *const *arguments,
                 size_t argument_count, int output_to, char **output, struct error *err) WARN_UNUSED;

/* Unix sockets of the account's machine, under names of this one. It ends with the thread that opened it. */
struct tunnel;
struct tunnel_end {
    char *here; /* absolute, at most 107 bytes */
    char *there;
};
bool tunnel_open(const struct account *account, const struct tunnel_end *ends, size_t count,
                 struct tunnel **tunnel, struct error *err) WARN_UNUSED;
void tunnel_close(struct tunnel *tunnel); /* NULL is no tunnel */

#endif
