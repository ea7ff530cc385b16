#include "ui/screens/collection/define_model.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/store/name.h"
#include "core/host/words.h"
#include "ui/draw/fold.h"
#include "ui/screens/machine/membership.h"

#define FILTER_FROM 8 /* machines: more than can be seen at a glance */

void define_form_take(struct define_form *form, struct machine_list *machines,
                      struct collection_list *collections, char ***memberships)
{
    form->machines = *machines;
    form->collections = *collections;
    *machines = (struct machine_list){0};
    *collections = (struct collection_list){0};
    form->memberships = *memberships;
    *memberships = NULL;
    form->ticked = mem_alloc((form->machines.count + 1) * sizeof *form->ticked);
    form->folded = mem_alloc((form->machines.count + 1) * sizeof *form->folded);
    for (size_t i = 0; i < form->machines.count; i++)
        form->folded[i] = fold_text(form->machines.items[i].name);
    form->name.limit = NAME_LIMIT;
}

void define_form_clear(struct define_form *form)
{
    membership_free(form->memberships, form->machines.count);
    membership_free(form->folded, form->machines.count);
    machine_list_clear(&form->machines);
    collection_list_clear(&form->collections);
    free(form->ticked);
    line_editor_clear(&form->name);
    line_editor_clear(&form->filter);
    command_line_clear(&form->start);
    *form = (struct define_form){0};
}

size_t define_form_ticked(const struct define_form *form)
{
    size_t count = 0;
    for (size_t i = 0; i < form->machines.count; i++)
        count += form->ticked[i];
    return count;
}

void define_form_tick(struct define_form *form, size_t machine)
{
    if (machine < form->machines.count)
        form->ticked[machine] = !form->ticked[machine];
}

bool define_form_filters(const struct define_form *form)
{
    return form->machines.count > FILTER_FROM;
}

size_t *define_form_shown(const struct define_form *form, size_t *count)
{
    size_t *shown = mem_alloc((form->machines.count + 1) * sizeof *shown);
    CLEANUP_FREE char *wanted = fold_text(line_editor_text(&form->filter));
    *count = 0;
    for (size_t i = 0; i < form->machines.count; i++) {
        if (strstr(form->folded[i], wanted))
            shown[(*count)++] = i;
    }
    return shown;
}

void define_form_tick_all(struct define_form *form)
{
    size_t count = 0;
    bool all = true;
    CLEANUP_FREE size_t *shown = define_form_shown(form, &count);
    for (size_t i = 0; i < count; i++)
        all = all && form->ticked[shown[i]];
    for (size_t i = 0; i < count; i++)
        form->ticked[shown[i]] = !all;
}

size_t define_form_namesakes(const struct define_form *form)
{
    size_t count = 0;
    for (size_t i = 0; i < form->collections.count; i++)
        count += strcmp(form->collections.items[i].name, line_editor_text(&form->name)) == 0;
    return count;
}

bool define_form_name_problem(const struct define_form *form, struct error *err)
{
    return !name_check(line_editor_text(&form->name), "collection", err);
}

const char *define_form_missing(const struct define_form *form, enum define_field *field)
{
    struct error ignored = {0};
    *field = DEFINE_NAME;
    if (form->name.length == 0)
        return "it needs a name";
    if (define_form_name_problem(form, &ignored))
        return "its name cannot be";
    *field = DEFINE_MACHINE;
    return define_form_ticked(form) == 0 ? "no machine is ticked" : NULL;
}

struct guid *define_form_members(const struct define_form *form, size_t *count)
{
    struct guid *members = mem_alloc((form->machines.count + 1) * sizeof *members);
    *count = 0;
    for (size_t i = 0; i < form->machines.count; i++) {
        if (form->ticked[i])
            members[(*count)++] = form->machines.items[i].id;
    }
    return members;
}

void define_form_command(const struct define_form *form, size_t members, struct command_line *line)
{
    const char *name = line_editor_text(&form->name);
    *line = (struct command_line){0};
    for (size_t i = 0; i < form->start.count; i++)
        command_line_add(line, form->start.words[i]);
    command_line_add(line, *name ? name : "NAME");
    for (size_t i = 0; i < form->machines.count && members > 0; i++) {
        if (!form->ticked[i])
            continue;
        members--;
        CLEANUP_FREE char *word = word_for_machine(&form->machines, &form->machines.items[i]);
        command_line_add_option(line, "--member", word);
    }
    if (define_form_ticked(form) == 0)
        command_line_add_option(line, "--member", "MACHINE");
}
