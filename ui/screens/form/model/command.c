/* The same as a command line. A word is taken only when resolve.h finds exactly the same object by it, so
 * that what is copied and pasted selects the same; otherwise the id is used. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/resolve.h"
#include "ui/screens/form/model/internal.h"

static bool can_be_operand(const char *word)
{
    return *word && *word != '-';
}

static bool finds_point(const struct reference_point_list *points, const char *word,
                        const struct reference_point *point)
{
    struct error err = {0};
    const struct reference_point *found = can_be_operand(word) ? resolve_point(points, word, &err) : NULL;
    return found && guid_equal(&found->id, &point->id);
}

/* "2026-09-24T02:00+02:00" where one point was made in that minute, the same with seconds, its name, its id.
 */
char *form_word_point(const struct reference_point_list *points, const struct reference_point *point)
{
    char offset[16];
    char words[2][64];
    moment_format_offset(point->created, offset, sizeof offset);
    for (int i = 0; i < 2; i++) {
        char local[40];
        moment_format_list(point->created, i == 1, local, sizeof local);
        local[10] = 'T';
        text_copy_cut(words[i], sizeof words[i], local);
        text_copy_cut(words[i] + strlen(local), sizeof words[i] - strlen(local), offset);
        if (finds_point(points, words[i], point))
            return mem_strdup(words[i]);
    }
    if (point->name && finds_point(points, point->name, point))
        return mem_strdup(point->name);
    return mem_strdup(point->id.text);
}

/* MACHINE/DISK is first tried as the name of a machine: with a slash in any name, all go by their ids. */
static bool can_go_by_names(const struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++) {
        const char *name = point->members[i].machine.name;
        if (name && strchr(name, '/'))
            return false;
    }
    return true;
}

char *form_word_machine(const struct reference_point *point, size_t member)
{
    const struct machine *machine = &point->members[member].machine;
    const char *name = machine->name ? machine->name : "";
    if (!can_be_operand(name) || !can_go_by_names(point))
        return mem_strdup(machine->id.text);
    struct machine_list list = {0};
    for (size_t i = 0; i < point->member_count; i++) /* borrowed content: only the array is freed */
        *ARRAY_APPEND(list.items, list.count) = point->members[i].machine;
    struct error err = {0};
    const struct machine *found = resolve_machine(&list, name, &err);
    bool same = found && guid_equal(&found->id, &machine->id);
    free(list.items);
    return mem_strdup(same ? name : machine->id.text);
}

static char *word_disk(const struct form_machine *machine, const struct form_disk *disk)
{
    size_t same = 0;
    for (size_t i = 0; i < machine->disk_count; i++)
        same += strcmp(machine->disks[i].id, disk->id) == 0;
    bool plain = *disk->id && !strchr(disk->id, '/') && same == 1;
    return mem_strdup(plain ? disk->id : disk->uuid.text);
}

static char *word_collection(const struct form_source *source)
{
    const struct guid *id = &source->point->collection_id;
    const char *name = source->point->collection_name ? source->point->collection_name : "";
    struct error err = {0};
    const struct collection *found =
        can_be_operand(name) ? resolve_collection(source->collections, name, &err) : NULL;
    return mem_strdup(found && guid_equal(&found->id, id) ? name : id->text);
}

char *form_point_title(const struct reference_point *point)
{
    char time[40];
    char offset[16];
    moment_format_list(point->created, false, time, sizeof time);
    moment_format_offset(point->created, offset, sizeof offset);
    return mem_format("%s @ %s %s", point->collection_name ? point->collection_name : "?", time, offset);
}

char *form_base_text(const struct form_base *base)
{
    char time[40];
    char offset[16];
    moment_format_list(base->created, false, time, sizeof time);
    moment_format_offset(base->created, offset, sizeof offset);
    bool log_removed = base->type == POINT_TYPE_LOG_BASED && !base->has_associated_log;
    return mem_format("%s %s  %s  %s", time, offset,
                      log_removed ? "(log removed)" : reference_point_type_word(base->type), base->name);
}

void form_command_start(const struct form_source *source, struct command_line *line)
{
    CLEANUP_FREE char *collection = word_collection(source);
    CLEANUP_FREE char *point = form_word_point(source->points, source->point);
    command_line_add(line, "refpoint");
    if (source->host_name)
        command_line_add_option(line, "--host", source->host_name);
    if (source->store)
        command_line_add_option(line, "--store", source->store);
    if (source->config)
        command_line_add_option(line, "--config", source->config);
    command_line_add(line, "export");
    command_line_add(line, collection);
    command_line_add(line, point);
}

static void add_machine(struct command_line *line, const struct form_machine *machine, enum form_tick tick)
{
    if (tick == FORM_TICK_ALL)
        command_line_add_option(line, "--only", machine->word);
    for (size_t i = 0; tick == FORM_TICK_PARTIAL && i < machine->disk_count; i++) {
        if (!machine->disks[i].selected)
            continue;
        CLEANUP_FREE char *disk = word_disk(machine, &machine->disks[i]);
        CLEANUP_FREE char *word = mem_format("%s/%s", machine->word, disk);
        command_line_add_option(line, "--only", word);
    }
}

static void add_options(struct command_line *line, const struct export_options *options)
{
    struct export_options plain = export_options_default();
    for (size_t i = 0; i < options->base_package_count; i++)
        command_line_add_option(line, "--base-package", options->base_packages[i]);
    if (options->format != plain.format)
        command_line_add_option(line, "--format", disk_format_word(options->format));
    if (options->compression != plain.compression)
        command_line_add_option(line, "--compress", compression_word(options->compression));
    if (!options->verify && plain.verify)
        command_line_add(line, "--no-verify");
    if (options->rate > 0) {
        bool whole = options->rate % MIB == 0;
        CLEANUP_FREE char *rate =
            mem_format("%llu%s", (unsigned long long)(options->rate / (whole ? MIB : 1)), whole ? "M" : "");
        command_line_add_option(line, "--rate", rate);
    }
}

static char *word_base(const struct export_form *form)
{
    const struct form_base *base = &form->bases[form->base];
    const struct reference_point point = {.id = base->id, .name = base->name, .created = base->created};
    return form_word_point(&form->points, &point);
}

void export_form_command(const struct export_form *form, struct command_line *line)
{
    struct export_request request;
    export_form_request(form, &request);
    *line = (struct command_line){0};
    for (size_t i = 0; i < form->command_start.count; i++)
        command_line_add(line, form->command_start.words[i]);
    command_line_add_option(line, "--to", request.directory);
    if (form->differential) {
        CLEANUP_FREE char *base = word_base(form);
        command_line_add_option(line, "--base", base);
    }
    for (size_t i = 0; i < form->machine_count && request.settings.machine_count > 0; i++)
        add_machine(line, &form->machines[i], export_form_machine_tick(form, i));
    add_options(line, &request.options);
    export_request_clear(&request);
}
