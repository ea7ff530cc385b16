/* The values of a form as a whole: taken over from what was started last or left unfinished, and captured. */
#include "ui/screens/form/model/values.h"

#include <stdint.h>

#include "core/base/mem.h"

static size_t find_base(const struct export_form *form, const struct guid *id)
{
    for (size_t i = 0; i < form->base_count; i++) {
        if (guid_equal(&form->bases[i].id, id))
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

static void apply_selection(struct export_form *form, const struct last_export *values)
{
    for (size_t i = 0; i < form->machine_count; i++) {
        struct form_machine *machine = &form->machines[i];
        machine->selected = !is_excluded(values, &machine->id);
        for (size_t j = 0; j < machine->disk_count; j++)
            machine->disks[j].selected = !is_excluded(values, &machine->disks[j].uuid);
    }
}

/* The point exported last is the natural base of the next one; else what was the base then, else the nearest
 * older point. */
static size_t propose_base(const struct export_form *form, const struct last_export *values)
{
    size_t base = find_base(form, &values->point_id);
    if (base == SIZE_MAX)
        base = find_base(form, &values->base_id);
    return base == SIZE_MAX ? 0 : base;
}

void export_form_apply(struct export_form *form, const struct last_export *values)
{
    const struct host_capabilities *can = &form->capabilities;
    line_editor_set(&form->directory, values->directory ? values->directory : "");
    line_editor_set(&form->base_directory, values->base_directory ? values->base_directory : "");
    line_editor_set(&form->rate, values->rate ? values->rate : "");
    form->differential = values->differential && form->base_count > 0;
    form->base = propose_base(form, values);
    form->format = can->raw_format ? values->format : DISK_FORMAT_QCOW2;
    form->compression = can->zstd_compression ? values->compression : COMPRESSION_NONE;
    form->verify = values->verify;
    form->bell = values->bell;
    if (guid_equal(&values->collection_id, &form->point.collection_id))
        apply_selection(form, values);
    form->revision++;
    form->directory_revision++;
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
        .differential = form->differential,
        .format = form->format,
        .compression = form->compression,
        .verify = form->verify,
        .bell = form->bell,
    };
    if (form->base_count > 0)
        values->base_id = form->bases[form->base].id;
    for (size_t i = 0; i < form->machine_count; i++) {
        const struct form_machine *machine = &form->machines[i];
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
    export_form_apply(form, values);
    form->directory_touched = *line_editor_text(&form->directory) != '\0';
}

void export_form_press_last(struct export_form *form)
{
    if (form->can_undo) {
        export_form_apply(form, &form->before);
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
