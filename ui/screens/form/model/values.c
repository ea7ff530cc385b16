/* The values of a form as a whole: taken over from what was started last or left unfinished, and captured. */
#include "ui/screens/form/model/values.h"

#include <stdint.h>

#include "core/base/mem.h"

static size_t find_base(const struct form_subject *subject, const struct guid *id)
{
    for (size_t i = 0; i < subject->base_count; i++) {
        if (guid_equal(&subject->bases[i].id, id))
            return i;
    }
    return SIZE_MAX;
}

static bool is_excluded(const struct last_export *values, const struct guid *id)
{
    for (size_t i = 0; i < values->excluded_count; i++) {
        if (guid_equal(&values->excluded[i], id))
            return true;
    }
    return false;
}

static void apply_selection(struct form_subject *subject, const struct last_export *values)
{
    for (size_t i = 0; i < subject->machine_count; i++) {
        struct form_machine *machine = &subject->machines[i];
        machine->selected = !is_excluded(values, &machine->id);
        for (size_t j = 0; j < machine->disk_count; j++)
            machine->disks[j].selected = !is_excluded(values, &machine->disks[j].uuid);
    }
}

/* The point exported last is the natural base of the next one; else what was the base then, else the nearest
 * older point. */
static size_t propose_base(const struct export_form *form, const struct last_export *values)
{
    size_t base = find_base(&form->of_point, &values->point_id);
    if (base == SIZE_MAX)
        base = find_base(&form->of_point, &values->base_id);
    return base == SIZE_MAX ? 0 : base;
}

/* The point that a live export made is the newest one. */
static size_t propose_live_base(const struct export_form *form, const struct last_export *values)
{
    return values->differential && form->of_now.base_count > 1 ? 1 : 0;
}

static void apply_live(struct export_form *form, const struct last_export *values)
{
    if (form->of_now.title)
        form->of = &form->of_now;
    form->of_now.base = propose_live_base(form, values);
    form->application = values->application && form->capabilities.application_consistency;
    form->allow_crash = values->allow_crash;
}

static void apply_point(struct export_form *form, const struct last_export *values)
{
    if (form->of_point.title)
        form->of = &form->of_point;
    form->differential = values->differential && form->of_point.base_count > 0;
    form->of_point.base = propose_base(form, values);
}

void export_form_apply(struct export_form *form, const struct last_export *values)
{
    const struct host_capabilities *can = &form->capabilities;
    form->proposed = false;
    line_editor_set(&form->directory, values->directory ? values->directory : "");
    line_editor_set(&form->base_directory, values->base_directory ? values->base_directory : "");
    line_editor_set(&form->rate, values->rate ? values->rate : "");
    if (values->live)
        apply_live(form, values);
    else
        apply_point(form, values);
    form->format = can->raw_format ? values->format : DISK_FORMAT_QCOW2;
    form->compression = can->zstd_compression ? values->compression : COMPRESSION_NONE;
    form->verify = values->verify;
    form->base_check = values->base_check;
    form->full_if_altered = values->full_if_altered;
    form->bell = values->bell;
    if (guid_equal(&values->collection_id, &form->point.collection_id)) {
        apply_selection(&form->of_point, values);
        apply_selection(&form->of_now, values);
    }
    form->revision++;
    form->directory_revision++;
}

/* What this very form held: its own base and name, not what would be natural next. */
static void put_back(struct export_form *form, const struct last_export *values)
{
    export_form_apply(form, values);
    size_t base = find_base(form->of, &values->base_id);
    if (base != SIZE_MAX)
        form->of->base = base;
    line_editor_set(&form->name, values->name ? values->name : "");
}

static void exclude(struct last_export *values, const struct guid *id)
{
    *ARRAY_APPEND(values->excluded, values->excluded_count) = *id;
}

void export_form_capture(const struct export_form *form, struct last_export *values)
{
    *values = (struct last_export){
        .collection_id = form->point.collection_id,
        .point_id = form->point.point_id,
        .directory = mem_strdup(line_editor_text(&form->directory)),
        .base_directory = mem_strdup(line_editor_text(&form->base_directory)),
        .rate = mem_strdup(line_editor_text(&form->rate)),
        .live = export_form_kind(form) == FORM_LIVE,
        .name = mem_strdup(line_editor_text(&form->name)),
        .application = form->application,
        .allow_crash = form->allow_crash,
        .differential = export_form_base(form) != NULL,
        .format = form->format,
        .compression = form->compression,
        .verify = form->verify,
        .base_check = form->base_check,
        .full_if_altered = form->full_if_altered,
        .bell = form->bell,
    };
    if (form->of->base_count > 0)
        values->base_id = form->of->bases[form->of->base].id;
    for (size_t i = 0; i < form->of->machine_count; i++) {
        const struct form_machine *machine = &form->of->machines[i];
        if (machine->disk_count == 0 && !machine->selected)
            exclude(values, &machine->id);
        for (size_t j = 0; j < machine->disk_count; j++) {
            if (!machine->disks[j].selected)
                exclude(values, &machine->disks[j].uuid);
        }
    }
}

void export_form_restore(struct export_form *form, const struct last_export *values)
{
    if (!guid_equal(&values->point_id, &form->point.point_id) ||
        !guid_equal(&values->collection_id, &form->point.collection_id))
        return;
    put_back(form, values);
    form->directory_touched = *line_editor_text(&form->directory) != '\0';
}

void export_form_press_last(struct export_form *form)
{
    if (form->can_undo) {
        put_back(form, &form->before);
        last_export_clear(&form->before);
        form->can_undo = false;
        return;
    }
    if (guid_is_none(&form->last.collection_id))
        return;
    export_form_capture(form, &form->before);
    form->can_undo = true;
    form->directory_touched = true;
    export_form_apply(form, &form->last);
}
