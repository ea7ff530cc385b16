/* Making a form, its values, and the request they add up to. Taking over and capturing all of them:
 * export_form_values.c; checks: export_form_check.c; the command line: export_form_command.c. */
#include "ui/screens/form/model/form.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/screens/form/model/internal.h"

#define DIRECTORY_LIMIT 4095 /* PATH_MAX with its NUL */
#define RATE_LIMIT 24

static void copy_machine(struct form_machine *to, const struct machine *from)
{
    *to = (struct form_machine){
        .id = from->id, .name = mem_strdup(from->name ? from->name : ""), .selected = true};
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
    form->point_title = form_point_title(source->point);
    form->point_name = mem_strdup(source->point->name ? source->point->name : "");
    form_command_start(source, &form->command_start);
    for (size_t i = 0; i < source->point->member_count; i++)
        copy_machine(ARRAY_APPEND(form->machines, form->machine_count), &source->point->members[i].machine);
    for (size_t i = 0; i < form->machine_count; i++)
        form->machines[i].word = form_word_machine(source->point, i);
    copy_bases(form, source);
    copy_points(form, source->points);
    if (source->last && !guid_is_none(&source->last->collection_id)) {
        last_export_copy(&form->last, source->last);
        form_apply(form, &form->last);
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

bool export_form_shows(const struct export_form *form, enum form_field field)
{
    const struct host_capabilities *can = &form->capabilities;
    switch (field) {
    case FORM_CREATE:
        return export_form_directory_is_missing(form);
    case FORM_BASE:
        return form->differential;
    case FORM_BASE_DIRECTORY:
        return form->differential && can->local_directory;
    case FORM_FORMAT:
        return can->raw_format;
    case FORM_COMPRESSION:
        return can->zstd_compression && form->format != DISK_FORMAT_RAW;
    case FORM_VERIFY:
        return can->verify;
    case FORM_RATE:
        return can->rate_limit;
    case FORM_LAST:
        return form->can_undo || !guid_is_none(&form->last.collection_id);
    default:
        return field < FORM_FIELD_COUNT;
    }
}

void export_form_edited(struct export_form *form, enum form_field field)
{
    form->revision++;
    if (field == FORM_DIRECTORY) {
        form->directory_revision++;
        form->directory_touched = true;
    }
}

bool export_form_toggle(struct export_form *form, enum form_field field)
{
    switch (field) {
    case FORM_KIND:
        if (form->base_count == 0)
            return false;
        form->differential = !form->differential;
        break;
    case FORM_FORMAT:
        form->format = form->format == DISK_FORMAT_RAW ? DISK_FORMAT_QCOW2 : DISK_FORMAT_RAW;
        break;
    case FORM_COMPRESSION:
        form->compression = form->compression == COMPRESSION_NONE ? COMPRESSION_ZSTD : COMPRESSION_NONE;
        break;
    case FORM_VERIFY:
        form->verify = !form->verify;
        break;
    case FORM_BELL:
        form->bell = !form->bell;
        return true; /* nothing that the host is asked about */
    default:
        return false;
    }
    form->revision++;
    return true;
}

void export_form_choose_base(struct export_form *form, size_t base)
{
    if (base >= form->base_count || base == form->base)
        return;
    form->base = base;
    form->revision++;
}

enum form_tick export_form_machine_tick(const struct export_form *form, size_t index)
{
    const struct form_machine *machine = &form->machines[index];
    size_t selected = 0;
    for (size_t i = 0; i < machine->disk_count; i++)
        selected += machine->disks[i].selected;
    if (machine->disk_count == 0)
        return machine->selected ? FORM_TICK_ALL : FORM_TICK_NONE;
    if (selected == 0)
        return FORM_TICK_NONE;
    return selected == machine->disk_count ? FORM_TICK_ALL : FORM_TICK_PARTIAL;
}

static void select_machine(struct form_machine *machine, bool selected)
{
    machine->selected = selected;
    for (size_t i = 0; i < machine->disk_count; i++)
        machine->disks[i].selected = selected;
}

void export_form_toggle_machine(struct export_form *form, size_t machine)
{
    if (machine >= form->machine_count)
        return;
    select_machine(&form->machines[machine], export_form_machine_tick(form, machine) != FORM_TICK_ALL);
    form->revision++;
}

void export_form_toggle_disk(struct export_form *form, size_t machine, size_t disk)
{
    if (machine >= form->machine_count || disk >= form->machines[machine].disk_count)
        return;
    bool *selected = &form->machines[machine].disks[disk].selected;
    *selected = !*selected;
    form->revision++;
}

bool form_everything_selected(const struct export_form *form)
{
    for (size_t i = 0; i < form->machine_count; i++) {
        if (export_form_machine_tick(form, i) != FORM_TICK_ALL)
            return false;
    }
    return true;
}

void export_form_toggle_all(struct export_form *form)
{
    bool selected = !form_everything_selected(form);
    for (size_t i = 0; i < form->machine_count; i++)
        select_machine(&form->machines[i], selected);
    form->revision++;
}

size_t export_form_selected_machines(const struct export_form *form)
{
    size_t count = 0;
    for (size_t i = 0; i < form->machine_count; i++)
        count += export_form_machine_tick(form, i) != FORM_TICK_NONE;
    return count;
}

size_t export_form_selected_disks(const struct export_form *form, uint64_t *virtual_size)
{
    size_t count = 0;
    *virtual_size = 0;
    for (size_t i = 0; i < form->machine_count; i++) {
        for (size_t j = 0; j < form->machines[i].disk_count; j++) {
            const struct form_disk *disk = &form->machines[i].disks[j];
            count += disk->selected;
            *virtual_size += disk->selected ? disk->virtual_size : 0;
        }
    }
    return count;
}

bool export_form_rate(const struct export_form *form, uint64_t *rate)
{
    const char *text = line_editor_text(&form->rate);
    text += strspn(text, " ");
    *rate = 0;
    if (!*text || strcmp(text, "none") == 0 || !export_form_shows(form, FORM_RATE))
        return true;
    bool bare = text[strspn(text, "0123456789.")] == '\0';
    CLEANUP_FREE char *with_unit = mem_format("%s%s", text, bare ? "M" : "");
    return size_parse(rate, with_unit) && (*rate > 0 || strcmp(text, "0") == 0);
}

char *form_directory(const struct export_form *form)
{
    const char *text = line_editor_text(&form->directory);
    size_t length = strlen(text);
    while (form->capabilities.local_directory && length > 1 && text[length - 1] == '/')
        length--;
    return mem_strndup(text, length);
}

static void put_selection(const struct export_form *form, struct export_setting_data *settings)
{
    if (form_everything_selected(form))
        return; /* no machines = everything */
    for (size_t i = 0; i < form->machine_count; i++) {
        const struct form_machine *machine = &form->machines[i];
        enum form_tick tick = export_form_machine_tick(form, i);
        if (tick == FORM_TICK_NONE)
            continue;
        struct machine_to_disks *entry = ARRAY_APPEND(settings->machines, settings->machine_count);
        entry->machine_id = mem_strdup(machine->id.text);
        for (size_t j = 0; tick == FORM_TICK_PARTIAL && j < machine->disk_count; j++) {
            if (machine->disks[j].selected)
                *ARRAY_APPEND(entry->disks, entry->disk_count) = mem_strdup(machine->disks[j].uuid.text);
        }
    }
}

void export_form_request(const struct export_form *form, struct export_request *request)
{
    *request = (struct export_request){
        .point = form->point, .directory = form_directory(form), .options = export_options_default()};
    if (form->differential)
        request->settings.base = (struct object_path){.point_id = form->bases[form->base].id,
                                                      .collection_id = form->point.collection_id};
    put_selection(form, &request->settings);
    struct export_options *options = &request->options;
    if (export_form_shows(form, FORM_FORMAT))
        options->format = form->format;
    if (export_form_shows(form, FORM_COMPRESSION))
        options->compression = form->compression;
    if (export_form_shows(form, FORM_VERIFY))
        options->verify = form->verify;
    (void)export_form_rate(form, &options->rate); /* a bad one is a problem of its field: nothing starts */
    const char *base_directory = line_editor_text(&form->base_directory);
    if (export_form_shows(form, FORM_BASE_DIRECTORY) && *base_directory)
        *ARRAY_APPEND(options->base_packages, options->base_package_count) = mem_strdup(base_directory);
}
