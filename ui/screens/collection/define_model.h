/* A collection that is being defined: its name, the machines that are ticked, what is still in the way, and
 * the command that does the same. Pure. Ownership: define_form_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_COLLECTION_DEFINE_MODEL_H
#define REFPOINT_UI_SCREENS_COLLECTION_DEFINE_MODEL_H

#include "core/base/error.h"
#include "core/model/model.h"
#include "ui/widgets/command_line.h"
#include "ui/widgets/line_editor.h"

enum define_field { DEFINE_NAME, DEFINE_FILTER, DEFINE_MACHINE, DEFINE_BACK, DEFINE_START };

struct define_form {
    struct machine_list machines; /* of the host, as it lists them */
    struct collection_list collections;
    char **memberships; /* of the machines */
    bool *ticked;       /* of the machines */
    char **folded;      /* their names, for the filter */
    struct line_editor name;
    struct line_editor filter; /* narrows the machines that are shown; what is ticked stays */
    bool touched;              /* something was typed or pressed: what is missing is said as a refusal */
    int name_columns;          /* of the machines, once they were measured; 0: not yet */
    struct command_line start; /* of the command: "refpoint collection define" */
};

/* Takes the lists, and the machines' memberships (membership.h), of which it leaves NULL. */
void define_form_take(struct define_form *form, struct machine_list *machines,
                      struct collection_list *collections, char ***memberships);
void define_form_clear(struct define_form *form);
size_t define_form_ticked(const struct define_form *form);
void define_form_tick(struct define_form *form, size_t machine);
/* Those that pass the filter; or none of them, where all are ticked. */
void define_form_tick_all(struct define_form *form);
bool define_form_filters(const struct define_form *form); /* there are so many that a filter helps */
/* Which machines pass it, in order; the caller's. */
size_t *define_form_shown(const struct define_form *form, size_t *count);
/* Collections of that name which there are already: allowed, and worth a word. */
size_t define_form_namesakes(const struct define_form *form);
/* Why the name cannot be; false: it can. */
bool define_form_name_problem(const struct define_form *form, struct error *err);
/* What is in the way of defining it, for the button; NULL: nothing. field: where. */
const char *define_form_missing(const struct define_form *form, enum define_field *field);
/* The ticked machines; the caller's. */
struct guid *define_form_members(const struct define_form *form, size_t *count);
/* With so many members at most: what is shown is cut anyway. */
void define_form_command(const struct define_form *form, size_t members, struct command_line *line);
#endif
