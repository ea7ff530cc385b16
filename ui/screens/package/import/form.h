/* An import that is being put together: its fields, what was found of them, and the command that does the
 * same. No terminal; the checks are a worker's. Ownership: import_form_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_IMPORT_FORM_H
#define REFPOINT_UI_SCREENS_PACKAGE_IMPORT_FORM_H

#include "core/base/error.h"
#include "core/export/package/import/import.h"
#include "ui/screens/package/path_field.h"
#include "ui/widgets/command_line.h"

enum import_field {
    IMPORT_TO,
    IMPORT_AS,
    IMPORT_REGISTER,
    IMPORT_BASES,
    IMPORT_BACK,
    IMPORT_START,
    IMPORT_CLOSE /* once it is done */
};

struct import_form {
    char *path; /* of the package */
    char *name;
    uint64_t most; /* bytes: of all disks, as large as they can become */
    size_t disks;
    bool can_register;         /* this host takes imported machines */
    struct command_line start; /* "refpoint package import PATH" */

    struct path_field to;
    struct path_field bases; /* one directory more in which packages beneath are looked for */
    struct line_editor as;
    bool registers;

    bool checking;
    bool checked; /* what was found is of the fields as they are */
    struct error refusal;
    enum import_field refused; /* the field that it is about */
    uint64_t available;
};

struct import_outcome {
    bool busy;
    bool ending; /* it was told to */
    bool made;   /* the images are there */
    bool registered;
    struct error err; /* why not, or why they are not registered; code 0 = nothing failed */
    struct imported imported;
    struct import_notes notes;
    char *place;   /* where they are */
    char **closed; /* directories on the way that other accounts cannot pass */
    size_t closed_count;
    const char *phase;  /* "reading the package", while it is busy */
    uint64_t step_done; /* of it, in bytes; both 0: not known */
    uint64_t step_total;
};

void import_form_clear(struct import_form *form);
void import_outcome_clear(struct import_outcome *outcome);
bool import_form_has(const struct import_form *form, enum import_field field);
/* What stands in the way of starting it; NULL: nothing. */
const char *import_form_blocked(const struct import_form *form);
void import_form_command(const struct import_form *form, struct command_line *line);

#endif
