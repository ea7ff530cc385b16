/* Which screens there are, and how one is made, by its id: whoever opens a screen knows the id and what to
 * tell it, not the screen. The table is screens/screens.c's; the app is given it when it is made.
 *
 * A new screen: an id here, a row in screens.c, a folder in screens/. Threads: constant, any; constructors
 * belong to the one that owns curses. */
#ifndef REFPOINT_UI_APP_SCREEN_TABLE_H
#define REFPOINT_UI_APP_SCREEN_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/guid.h"

struct screen;

enum screen_id {
    SCREEN_BROWSE, /* the first one */
    SCREEN_POINT,
    SCREEN_EXPORT_FORM,
    SCREEN_BASE_LIST,
    SCREEN_REVIEW,
    SCREEN_JOB,
    SCREEN_JOB_LIST,
    SCREEN_LOG,
    SCREEN_HELP,
    SCREEN_THEME,
    SCREEN_DIALOG,
    SCREEN_LEAVE,
    SCREEN_HOSTS,
    SCREEN_CREATE,
    SCREEN_REMOVE_DATA,
    SCREEN_DESTROY,
    SCREEN_PACKAGES,
    SCREEN_PACKAGE,
    SCREEN_IMPORT,
    SCREEN_CHECK,
    SCREEN_SETTINGS,
    SCREEN_COUNT
};

/* What a screen is told when it opens: each header in screens/ says which of these its screen reads; the
 * others stay zero. Borrowed until the constructor returns, unless that header says more. */
struct screen_argument {
    struct guid job;
    const struct object_path *point;
    const char *collection_name; /* of the point */
    const char *path;            /* of a package */
    struct export_form *form;
    const struct dialog *dialog;
    const struct screen *of; /* the screen that it is about */
    size_t running;          /* jobs */
    bool search;
};

/* Makes a screen, for the stack, which closes it. */
typedef struct screen *screen_constructor(const struct screen_argument *argument);

#endif
