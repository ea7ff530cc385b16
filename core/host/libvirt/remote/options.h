/* How ssh is called for an account. Private to remote/. */
#ifndef REFPOINT_HOST_LIBVIRT_REMOTE_OPTIONS_H
#define REFPOINT_HOST_LIBVIRT_REMOTE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

struct account {
    char *server;
    char *user; /* NULL: ssh's own choice, like those below */
    char *port;
    char *key;
    char *program; /* in place of "ssh" */
    bool any_host_key;
    char *word;
};

#define ACCOUNT_OPTIONS 24

/* The program and its options, in an array of at least ACCOUNT_OPTIONS; how many there are. */
size_t account_options(const struct account *account, const char **argv);
/* What to try when ssh failed. Returns false. */
bool account_advise(const struct account *account, struct error *err);

#endif
