#include "ui/screens/form/model/request.h"

#include <string.h>

#include "core/base/mem.h"

/* Without slashes at its end; the caller's. */
static char *directory_of(const struct export_form *form)
{
    CLEANUP_FREE char *text = export_form_path(form, &form->directory);
    size_t length = strlen(text);
    while (form->capabilities.local_directory && length > 1 && text[length - 1] == '/')
        length--;
    return mem_strndup(text, length);
}

static void put_selection(const struct export_form *form, struct export_setting_data *settings)
{
    if (export_form_everything_selected(form))
        return; /* no machines = everything */
    for (size_t i = 0; i < form->of->machine_count; i++) {
        const struct form_machine *machine = &form->of->machines[i];
        enum form_tick tick = export_form_machine_tick(form, i);
        if (tick == FORM_TICK_NONE)
            continue;
        struct machine_to_disks *entry = ARRAY_APPEND(settings->machines, settings->machine_count);
        entry->machine_id = mem_strdup(machine->id.text);
        for (size_t j = 0; tick == FORM_TICK_PARTIAL && j < machine->disk_count; j++) {
            const struct form_disk *disk = &machine->disks[j];
            if (disk->selected)
                *ARRAY_APPEND(entry->disks, entry->disk_count) =
                    mem_strdup(guid_is_none(&disk->uuid) ? disk->id : disk->uuid.text);
        }
    }
}

static void put_live(const struct export_form *form, struct export_request *request)
{
    const char *name = line_editor_text(&form->name);
    bool application = export_form_shows(form, FORM_CONSISTENCY) && form->application;
    request->live = true;
    request->point.point_id = (struct guid){0};
    request->point_name = *name ? mem_strdup(name) : NULL;
    request->consistency_level = application ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
    request->allow_crash = application && form->allow_crash;
}

void export_form_request(const struct export_form *form, struct export_request *request)
{
    *request = (struct export_request){
        .point = form->point, .directory = directory_of(form), .options = export_options_default()};
    const struct form_base *base = export_form_base(form);
    if (export_form_kind(form) == FORM_LIVE)
        put_live(form, request);
    if (base)
        request->settings.base =
            (struct object_path){.point_id = base->id, .collection_id = form->point.collection_id};
    put_selection(form, &request->settings);
    struct export_options *options = &request->options;
    if (export_form_shows(form, FORM_FORMAT))
        options->format = form->format;
    if (export_form_shows(form, FORM_COMPRESSION))
        options->compression = form->compression;
    if (export_form_shows(form, FORM_VERIFY))
        options->verify = form->verify;
    if (export_form_shows(form, FORM_BASE_CHECK))
        options->base_check = form->base_check;
    if (export_form_shows(form, FORM_ALTERED))
        options->full_if_altered = form->full_if_altered;
    (void)export_form_rate(form, &options->rate); /* a bad one is a problem of its field: nothing starts */
    if (export_form_shows(form, FORM_BASE_DIRECTORY) && *line_editor_text(&form->base_directory))
        *ARRAY_APPEND(options->base_packages, options->base_package_count) =
            export_form_path(form, &form->base_directory);
}
