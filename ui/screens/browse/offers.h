/* What the browse screen says where there is nothing to list: what to do, and with which key. No host.
 * Threads: any. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_OFFERS_H
#define REFPOINT_UI_SCREENS_BROWSE_OFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/draw/canvas.h"

struct browse_offers {
    /* What a command line must begin with, so that it works on this host; each may be NULL. */
    const char *host_option;
    const char *store_option;
    const char *config_option;

    size_t machines; /* on the host */
    /* Keys of what is offered; "": it has none. */
    const char *machines_key;
    const char *define_key;
    const char *demo_key;
    const char *store_key;
    const char *daemon_key; /* that chooses a daemon of this machine; NULL: there is none to choose */
    bool adds_machines;     /* the host can; others are told elsewhere which machines there are */
    bool machines_run;      /* they may while a point is made */
    const char *create_key; /* that creates a point */
    const char *export_key; /* that exports them as they are now; NULL: that cannot be */
};

/* A host without collections. Returns the rows it took. */
int browse_paint_empty(const struct canvas *body, int row, const struct browse_offers *offers);
void browse_paint_no_points(const struct canvas *list, const struct browse_offers *offers,
                            const char *collection);

#endif
