/* Which hosts there are: the one place that knows every kind.
 *
 * Threads: any. Ownership: the host is the caller's, who closes it (host.h). */
#ifndef REFPOINT_HOST_OPEN_OPEN_H
#define REFPOINT_HOST_OPEN_OPEN_H

#include "core/base/error.h"
#include "core/host/host.h"
#include "core/settings/settings.h"

/* May block, as long as a daemon takes to answer: see libvirt.h. */
struct host *host_open(const struct settings_place *place, struct error *err);
/* The same by what options say (each may be NULL), with the settings of the configuration file. */
struct host *host_open_named(const char *config, const char *name, const char *store, struct error *err);

/* The place of a host that is chosen by its name while the program runs: the one that it was started with
 * keeps its store. */
bool host_place_chosen(const struct settings *settings, const struct settings_place *started,
                       const char *name, struct settings_place *place, struct error *err) WARN_UNUSED;
/* Opens it, with the configuration file as it is now; *place is the caller's. */
struct host *host_open_chosen(const struct settings_place *started, const char *name,
                              struct settings_place *place, struct error *err);

#endif
