/* The values of a form, and how each is changed. */
#include "ui/screens/form/model/form.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/system/fs.h"

static const char *const labels[FORM_FIELD_COUNT] = {
    [FORM_DIRECTORY] = "Directory",
    [FORM_CREATE] = "Create",
    [FORM_KIND] = "Kind",
    [FORM_BASE] = "Base",
    [FORM_BASE_DIRECTORY] = "Base dir",
    [FORM_BASE_CHECK] = "Base read",
    [FORM_ALTERED] = "Base read",
    [FORM_NAME] = "Name",
    [FORM_CONSISTENCY] = "Level",
    [FORM_ALLOW_CRASH] = "Level",
    [FORM_INCLUDE] = "Include",
    [FORM_FORMAT] = "Format",
    [FORM_COMPRESSION] = "Compress",
    [FORM_VERIFY] = "Verify",
    [FORM_RATE] = "Limit",
    [FORM_BELL] = "When done",
    [FORM_BACK] = "Back",
    [FORM_LAST] = "Last settings",
    [FORM_REVIEW] = "Review",
};

const char *form_field_label(enum form_field field)
{
    return (unsigned)field < FORM_FIELD_COUNT ? labels[field] : "";
}

const char *form_kind_word(enum form_kind kind)
{
    static const char *const words[FORM_KIND_COUNT] = {
        [FORM_DIFFERENTIAL] = "differential", [FORM_FULL] = "full", [FORM_LIVE] = "live"};
    return words[kind];
}

char *form_base_when(const struct form_base *base)
{
    char time[40];
    char offset[16];
    moment_format_list(base->created, false, time, sizeof time);
    moment_format_offset(base->created, offset, sizeof offset);
    bool log_removed = reference_point_log_removed(base->type, base->has_associated_log);
    return mem_format("%s %s, %s%s", time, offset,
                      log_removed ? "log removed" : reference_point_type_word(base->type),
                      log_removed ? "" : " based");
}

char *form_base_text(const struct form_base *base)
{
    if (guid_is_none(&base->id))
        return mem_strdup("none: every disk in full");
    CLEANUP_FREE char *when = form_base_when(base);
    return mem_format("%s%s%s", base->name, *base->name ? "   " : "", when);
}

bool export_form_directory_is_missing(const struct export_form *form)
{
    const struct form_check *check = &form->directory_check;
    return check->answered == form->directory_revision && check->error.code == RETURN_FILE_NOT_FOUND;
}

static bool is_live(const struct export_form *form)
{
    return form->of == &form->of_now;
}

enum form_kind export_form_kind(const struct export_form *form)
{
    if (is_live(form))
        return FORM_LIVE;
    return form->differential ? FORM_DIFFERENTIAL : FORM_FULL;
}

bool export_form_offers(const struct export_form *form, enum form_kind kind)
{
    switch (kind) {
    case FORM_DIFFERENTIAL:
        return form->of_point.base_count > 0;
    case FORM_FULL:
        return !guid_is_none(&form->point.point_id);
    case FORM_LIVE:
        return form->of_now.title != NULL;
    default:
        return false;
    }
}

void export_form_choose_kind(struct export_form *form, enum form_kind kind)
{
    if (!export_form_offers(form, kind) || kind == export_form_kind(form))
        return;
    form->of = kind == FORM_LIVE ? &form->of_now : &form->of_point;
    if (kind != FORM_LIVE)
        form->differential = kind == FORM_DIFFERENTIAL;
    form->revision++;
}

static bool next_kind(struct export_form *form)
{
    enum form_kind kind = export_form_kind(form);
    enum form_kind next = kind;
    do
        next = (next + 1) % FORM_KIND_COUNT;
    while (!export_form_offers(form, next));
    export_form_choose_kind(form, next);
    return next != kind;
}

const struct form_base *export_form_base(const struct export_form *form)
{
    if (export_form_kind(form) == FORM_FULL)
        return NULL;
    const struct form_base *base = &form->of->bases[form->of->base];
    return guid_is_none(&base->id) ? NULL : base;
}

bool export_form_shows(const struct export_form *form, enum form_field field)
{
    const struct host_capabilities *can = &form->capabilities;
    switch (field) {
    case FORM_CREATE:
        return export_form_directory_is_missing(form);
    case FORM_BASE:
        return export_form_kind(form) != FORM_FULL;
    case FORM_BASE_DIRECTORY:
        return export_form_base(form) && can->local_directory;
    case FORM_BASE_CHECK:
        return export_form_base(form) && can->verify && can->local_directory;
    case FORM_ALTERED:
        return export_form_shows(form, FORM_BASE_CHECK) && form->base_check != BASE_CHECK_NEVER;
    case FORM_NAME:
        return is_live(form);
    case FORM_CONSISTENCY:
        return is_live(form) && can->application_consistency;
    case FORM_ALLOW_CRASH:
        return export_form_shows(form, FORM_CONSISTENCY) && form->application;
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

void export_form_propose(struct export_form *form, const char *directory)
{
    if (form->directory.length > 0 || form->directory_touched || !form->capabilities.local_directory)
        return;
    line_editor_set(&form->directory, directory);
    export_form_edited(form, FORM_DIRECTORY);
    form->directory_touched = false;
    form->proposed = true;
}

void export_form_before_key(struct export_form *form, enum form_field field, bool types)
{
    if (field == FORM_DIRECTORY && form->proposed && types)
        line_editor_set(&form->directory, "");
    if (field == FORM_DIRECTORY && types)
        form->proposed = false;
}

void export_form_edited(struct export_form *form, enum form_field field)
{
    form->revision++;
    if (field == FORM_DIRECTORY) {
        form->directory_revision++;
        form->directory_touched = true;
        form->proposed = false;
    }
}

bool export_form_toggle(struct export_form *form, enum form_field field)
{
    switch (field) {
    case FORM_KIND:
        return next_kind(form);
    case FORM_CONSISTENCY:
        form->application = !form->application;
        break;
    case FORM_ALLOW_CRASH:
        form->allow_crash = !form->allow_crash;
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
    case FORM_BASE_CHECK:
        form->base_check = (form->base_check + 1) % (BASE_CHECK_NEVER + 1);
        break;
    case FORM_ALTERED:
        form->full_if_altered = !form->full_if_altered;
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
    if (base >= form->of->base_count || base == form->of->base)
        return;
    form->of->base = base;
    form->revision++;
}

bool export_form_choose_base_check(struct export_form *form, int check)
{
    if (check < BASE_CHECK_AUTO || check > BASE_CHECK_NEVER)
        return false;
    form->base_check = (enum base_check)check;
    form->revision++;
    return true;
}

enum form_tick export_form_machine_tick(const struct export_form *form, size_t index)
{
    const struct form_machine *machine = &form->of->machines[index];
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
    if (machine >= form->of->machine_count)
        return;
    select_machine(&form->of->machines[machine], export_form_machine_tick(form, machine) != FORM_TICK_ALL);
    form->revision++;
}

void export_form_toggle_disk(struct export_form *form, size_t machine, size_t disk)
{
    if (machine >= form->of->machine_count || disk >= form->of->machines[machine].disk_count)
        return;
    bool *selected = &form->of->machines[machine].disks[disk].selected;
    *selected = !*selected;
    form->revision++;
}

bool export_form_everything_selected(const struct export_form *form)
{
    for (size_t i = 0; i < form->of->machine_count; i++) {
        if (export_form_machine_tick(form, i) != FORM_TICK_ALL)
            return false;
    }
    return true;
}

void export_form_toggle_all(struct export_form *form)
{
    bool selected = !export_form_everything_selected(form);
    for (size_t i = 0; i < form->of->machine_count; i++)
        select_machine(&form->of->machines[i], selected);
    form->revision++;
}

size_t export_form_selected_machines(const struct export_form *form)
{
    size_t count = 0;
    for (size_t i = 0; i < form->of->machine_count; i++)
        count += export_form_machine_tick(form, i) != FORM_TICK_NONE;
    return count;
}

size_t export_form_selected_disks(const struct export_form *form, uint64_t *virtual_size)
{
    size_t count = 0;
    *virtual_size = 0;
    for (size_t i = 0; i < form->of->machine_count; i++) {
        for (size_t j = 0; j < form->of->machines[i].disk_count; j++) {
            const struct form_disk *disk = &form->of->machines[i].disks[j];
            count += disk->selected;
            *virtual_size += disk->selected ? disk->virtual_size : 0;
        }
    }
    return count;
}

char *export_form_path(const struct export_form *form, const struct line_editor *field)
{
    const char *text = line_editor_text(field);
    return form->capabilities.local_directory ? fs_expand_home(text) : mem_strdup(text);
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
