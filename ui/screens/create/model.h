/* What a new point is to be: the values of its form, what they ask of the host, and the command that does the
 * same. Pure. Ownership: create_form_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_CREATE_MODEL_H
#define REFPOINT_UI_SCREENS_CREATE_MODEL_H

#include "core/host/host.h"
#include "core/model/model.h"
#include "ui/widgets/command_line.h"
#include "ui/widgets/line_editor.h"

enum create_field {
    CREATE_NAME,
    CREATE_TYPE,
    CREATE_CONSISTENCY,
    CREATE_ALLOW_CRASH,
    CREATE_RAW, /* images that are raw may become qcow2 overlays */
    CREATE_BACK,
    CREATE_START,
    CREATE_CLOSE /* once the point is made */
};

struct create_form {
    struct host_capabilities can;
    struct guid collection;
    char *collection_name;
    struct machine_list members; /* as they are now */
    size_t gone;                 /* members that the host does not know any more */
    bool has_raw;                /* an image among them */
    bool has_points;             /* it is not the first one */
    struct command_line start;   /* of the command: "refpoint point create shop" */

    struct line_editor name;
    bool rct;
    bool application;
    bool allow_crash;
    bool raw_to_qcow2;
};

void create_form_clear(struct create_form *form);
/* Whether a field is asked for; the others have no effect. */
bool create_form_has(const struct create_form *form, enum create_field field);
/* The other value of a choice or a box. False: it has none. */
bool create_form_toggle(struct create_form *form, enum create_field field);
/* Borrows from the form. */
void create_form_request(const struct create_form *form, struct point_request *request);
void create_form_command(const struct create_form *form, struct command_line *line);

#endif
