/* The hosts that can be chosen: the local one, those of the configuration file, and what runs on this machine
 * and is configured nowhere.
 *
 * Sources: the settings; libvirt's sockets, where its daemons put them (remote/remote_sockets.c there).
 * Threads: any; touches files, so not for the thread that owns the screen. Ownership: host_choices_clear. */
#ifndef REFPOINT_HOST_OPEN_CHOICES_H
#define REFPOINT_HOST_OPEN_CHOICES_H

#include "core/base/error.h"
#include "core/settings/settings.h"

struct host_choice {
    char *name;    /* as --host has it */
    char *address; /* of a libvirt daemon; NULL: a local host, whose store tells it from others */
    char *store;   /* "" where nothing says one */
    char *refused; /* why it cannot be chosen, with file and line; NULL: it can */
    bool found;    /* it is configured nowhere: a daemon's socket is on this machine */
};

struct host_choices {
    struct host_choice *items;
    size_t count;
};

/* Reads the configuration file: the local host, those of the file in its order, then what was found. started:
 * where the program was started, which can be chosen too, with the store it was given. */
bool host_choices_read(struct host_choices *choices, const struct settings_place *started,
                       struct error *err) WARN_UNUSED;
void host_choices_clear(struct host_choices *choices);

#endif
