/* A form begins with what its source says, and with the values that were started last. */
#include "ui/screens/form/model/make.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/screens/form/model/values.h"
#include "ui/screens/form/model/words.h"

#define DIRECTORY_LIMIT 4095 /* PATH_MAX with its NUL */
#define RATE_LIMIT 24

static void copy_machine(struct form_machine *to, const struct machine *from)
{
    *to = (struct form_machine){.id = from->id,
                                .name = mem_strdup(from->name ? from->name : ""),
                                .state = machine_state_word(from->state),
                                .selected = true};
    for (size_t i = 0; i < from->disk_count; i++) {
        const struct disk *disk = &from->disks[i];
        *ARRAY_APPEND(to->disks, to->disk_count) =
            (struct form_disk){.uuid = disk->uuid,
                               .id = mem_strdup(disk->id ? disk->id : ""),
                               .virtual_size = disk->virtual_size,
                               .selected = true};
    }
}

static void copy_bases(struct export_form *form, const struct form_source *source)
{
    for (size_t i = 0; i < source->points->count; i++) {
        const struct reference_point *point = &source->points->items[i];
        /* Order never rests on clocks: the place in the collection says what is older. */
        if (point->sequence >= source->point->sequence)
            continue;
        *ARRAY_APPEND(form->bases, form->base_count) =
            (struct form_base){.id = point->id,
                               .name = mem_strdup(point->name ? point->name : ""),
                               .created = point->created,
                               .type = point->type,
                               .has_associated_log = point->has_associated_log};
    }
}

/* What a word is looked for in; the word of a base is made when it is asked for, not of all of them here. */
static void copy_points(struct export_form *form, const struct reference_point_list *points)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct reference_point *point = &points->items[i];
        *ARRAY_APPEND(form->points.items, form->points.count) =
            (struct reference_point){.id = point->id,
                                     .collection_id = point->collection_id,
                                     .name = point->name ? mem_strdup(point->name) : NULL,
                                     .created = point->created};
    }
}

static char *point_title(const struct reference_point *point)
{
    char time[40];
    char offset[16];
    moment_format_list(point->created, false, time, sizeof time);
    moment_format_offset(point->created, offset, sizeof offset);
    return mem_format("%s @ %s %s", point->collection_name ? point->collection_name : "?", time, offset);
}

static void start_command(const struct form_source *source, struct command_line *line)
{
    CLEANUP_FREE char *collection = form_word_collection(source->collections, source->point);
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

struct export_form *export_form_new(const struct form_source *source)
{
    struct export_form *form = mem_alloc(sizeof *form);
    *form = (struct export_form){
        .capabilities = *source->capabilities,
        .point = {.point_id = source->point->id, .collection_id = source->point->collection_id},
        .directory = {.limit = DIRECTORY_LIMIT},
        .base_directory = {.limit = DIRECTORY_LIMIT},
        .rate = {.limit = RATE_LIMIT},
        .format = DISK_FORMAT_QCOW2,
        .verify = true,
        .bell = source->bell,
        .revision = 1,
        .directory_revision = 1,
    };
    form->point_title = point_title(source->point);
    form->point_name = mem_strdup(source->point->name ? source->point->name : "");
    start_command(source, &form->command_start);
    for (size_t i = 0; i < source->point->member_count; i++)
        copy_machine(ARRAY_APPEND(form->machines, form->machine_count), &source->point->members[i].machine);
    for (size_t i = 0; i < form->machine_count; i++)
        form->machines[i].word = form_word_machine(source->point, i);
    copy_bases(form, source);
    copy_points(form, source->points);
    if (source->last && !guid_is_none(&source->last->collection_id)) {
        last_export_copy(&form->last, source->last);
        export_form_apply(form, &form->last);
    }
    return form;
}

static void free_machine(struct form_machine *machine)
{
    for (size_t i = 0; i < machine->disk_count; i++)
        free(machine->disks[i].id);
    free(machine->disks);
    free(machine->name);
    free(machine->word);
}

void export_form_free(struct export_form *form)
{
    if (!form)
        return;
    for (size_t i = 0; i < form->machine_count; i++)
        free_machine(&form->machines[i]);
    for (size_t i = 0; i < form->base_count; i++) {
        free(form->bases[i].name);
    }
    free(form->machines);
    free(form->bases);
    reference_point_list_clear(&form->points);
    free(form->point_title);
    free(form->point_name);
    command_line_clear(&form->command_start);
    line_editor_clear(&form->directory);
    line_editor_clear(&form->base_directory);
    line_editor_clear(&form->rate);
    last_export_clear(&form->last);
    last_export_clear(&form->before);
    export_estimate_clear(&form->estimate);
    free(form);
}
