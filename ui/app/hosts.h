/* The hosts that are open, and the one that the screens show. What was opened stays open until the program
 * ends: a worker may still be in it, and who comes back finds the connection.
 *
 * Ownership: hosts_free closes them all. Threads: the one that owns curses; what hosts_current points to does
 * not change, and may be used by workers. */
#ifndef REFPOINT_UI_APP_HOSTS_H
#define REFPOINT_UI_APP_HOSTS_H

#include "core/host/host.h"
#include "core/service/service.h"
#include "core/settings/settings.h"

struct opened_host {
    struct host *host;
    struct settings_place place;
    char *identity;                 /* with its name, for the title line */
    char *host_option;              /* as a command line must have it; NULL: the settings name this host */
    char *store_option;             /* NULL: the command line would find the store by itself */
    struct service_options options; /* for jobs; borrows from here */
};

struct hosts;

/* Takes the host that the program was started with. settings and state_directory are borrowed. */
struct hosts *hosts_new(const struct settings *settings, const char *state_directory);
void hosts_free(struct hosts *hosts);

/* Shows this host from now on. Takes both; where the same place is open already, that is shown. */
void hosts_use(struct hosts *hosts, struct settings_place *place, struct host *host);
const struct opened_host *hosts_current(const struct hosts *hosts);
const struct opened_host *hosts_started(const struct hosts *hosts); /* the first one that was used */

#endif
