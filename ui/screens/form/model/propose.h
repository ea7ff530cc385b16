/* Where a first package could be made, before anything was ever exported: beside the store where that is a
 * demo's, else in the mounted file system with the most room where backups are kept by custom. Looks at file
 * systems: workers only. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_PROPOSE_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_PROPOSE_H

#include "core/system/mounts.h"

/* store: absolute; NULL = the host has none. The caller's; NULL: there is no such place. */
char *propose_directory_for(const char *store);
/* Of these, the first one beneath /backup, /srv, /mnt, /media or home, in this order; NULL: none is. */
const struct mounted *propose_mounted(const struct mounts *mounts, const char *home);

#endif
