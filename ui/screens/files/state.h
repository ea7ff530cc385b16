/* Choosing a file, from the inside: what files.c (requests and keys) and view.c (the picture) share. */
#ifndef REFPOINT_UI_SCREENS_FILES_STATE_H
#define REFPOINT_UI_SCREENS_FILES_STATE_H

#include "ui/app/app.h"
#include "ui/screens/files/files.h"
#include "ui/screens/files/work.h"
#include "ui/widgets/list_view.h"

struct files {
    struct screen screen;
    char *title;
    void (*chosen)(struct screen *opener, const char *path);
    struct screen *opener;

    bool with_hidden;
    uint64_t reading; /* ticket of the directory that is read; 0: none is */
    char *asked;      /* its path */
    char *select;     /* name of the entry to stand on, once it is read; NULL: the first */
    struct error err; /* why the last one could not be read */
    struct listing listing;
    struct list_view view;

    int columns;   /* of the body */
    bool in_field; /* the field for a path has the keys */
    bool typed;    /* in it, since it was last set */
    struct line_editor path;
    uint64_t completing;
    struct completion candidates;

    uint64_t looking; /* ticket of a look at a file; 0: none */
    int64_t looking_since_ms;
    char *looked_for; /* its path */
    struct file_look look;
    bool users_known;
    struct file_users users;
};

/* Of the selected entry; NULL: none is. */
const struct listing_entry *files_selected(const struct files *files);

void files_recalc(struct screen *screen, int rows, int columns);
void files_repaint(const struct screen *screen, const struct canvas *body);
struct screen_spot files_cursor(const struct screen *screen);

#endif
