#include "ui/screens/package/import/form.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/system/fs.h"

void import_form_clear(struct import_form *form)
{
    free(form->path);
    free(form->name);
    command_line_clear(&form->start);
    path_field_clear(&form->to);
    path_field_clear(&form->bases);
    line_editor_clear(&form->as);
}

void import_outcome_clear(struct import_outcome *outcome)
{
    imported_clear(&outcome->imported);
    import_notes_clear(&outcome->notes);
    fs_free_names(outcome->closed, outcome->closed_count);
    free(outcome->place);
    *outcome = (struct import_outcome){0};
}

bool import_form_has(const struct import_form *form, enum import_field field)
{
    return field != IMPORT_REGISTER || form->can_register;
}

const char *import_form_blocked(const struct import_form *form)
{
    if (*line_editor_text(&form->to.editor) == '\0')
        return "name a directory";
    if (form->refusal.code)
        return "refused, see above";
    return form->checked ? NULL : "being checked";
}

void import_form_command(const struct import_form *form, struct command_line *line)
{
    CLEANUP_FREE char *to = path_field_path(&form->to);
    CLEANUP_FREE char *bases = path_field_path(&form->bases);
    const char *as = line_editor_text(&form->as);
    *line = (struct command_line){0};
    for (size_t i = 0; i < form->start.count; i++)
        command_line_add(line, form->start.words[i]);
    command_line_add_option(line, "--to", *to ? to : "DIR");
    if (*as)
        command_line_add_option(line, "--as", as);
    if (form->registers && form->can_register)
        command_line_add(line, "--register");
    if (*bases)
        command_line_add_option(line, "--base-package", bases);
}
