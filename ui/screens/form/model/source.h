/* What a form is made from. Borrowed, all of it. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_SOURCE_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_SOURCE_H

#include "core/host/host.h"
#include "ui/app/data/last_export.h"

struct form_source {
    const struct host_capabilities *capabilities;
    struct object_path path;                   /* without a point: of the machines as they are now */
    const struct reference_point *point;       /* with members; NULL: the path names none */
    const struct reference_point_list *points; /* of its collection; it may be among them */
    const struct collection_list *collections; /* to name this one on the command line */
    const struct machine_list *machines;       /* of the host, as they are now; NULL: not known */
    const struct last_export *last;            /* NULL: none */
    const char *host_name;                     /* as given when the program was started; NULL */
    bool bell;                                 /* without a last export */
    struct moment now;                         /* that ages are told from; {0}: none are */
    const char *store;                         /* absolute; NULL = the default one */
    const char *config;                        /* absolute; NULL */
};

#endif
