/* What is wrong with a form. Known at once: what the values say by themselves. Known later: what the host
 * answered, for exactly the revision it was asked about; its refusal is shown at the field that it is about.
 */
#include "ui/screens/form/model/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static bool is_relative(const struct export_form *form, const struct line_editor *field)
{
    if (!form->capabilities.local_directory || line_editor_text(field)[0] == '/')
        return false;
    CLEANUP_FREE char *path = export_form_path(form, field);
    return path[0] != '/';
}

static bool directory_problem(const struct export_form *form, struct error *err)
{
    const char *text = line_editor_text(&form->directory);
    if (!*text) {
        error_set(err, RETURN_INVALID_PARAMETER, "form.directory-empty", "no directory is given");
        error_next(err, "Type where the package is to be made.");
        return true;
    }
    if (!is_relative(form, &form->directory))
        return false;
    error_set(err, RETURN_INVALID_PARAMETER, "form.directory-relative",
              "the directory must begin with / or ~/");
    error_next(err, "Type its whole path.");
    return true;
}

static bool base_directory_problem(const struct export_form *form, struct error *err)
{
    const char *text = line_editor_text(&form->base_directory);
    if (!export_form_shows(form, FORM_BASE_DIRECTORY) || !*text || !is_relative(form, &form->base_directory))
        return false;
    error_set(err, RETURN_INVALID_PARAMETER, "form.directory-relative",
              "the directory must begin with / or ~/");
    error_next(err, "Type its whole path, or nothing.");
    return true;
}

static bool include_problem(const struct export_form *form, struct error *err)
{
    uint64_t size = 0;
    if (export_form_selected_disks(form, &size) > 0)
        return false;
    error_set(err, RETURN_INVALID_PARAMETER, "form.nothing-selected", "no disk is selected");
    error_next(err, "Mark a machine or a disk with Space.");
    return true;
}

static bool format_problem(const struct export_form *form, struct error *err)
{
    if (!export_form_base(form) || !export_form_shows(form, FORM_FORMAT) || form->format != DISK_FORMAT_RAW)
        return false;
    error_set(err, RETURN_INVALID_PARAMETER, "form.raw-differential",
              "a raw image cannot hold only what differs from a base");
    error_next(err, "Choose qcow2, or export in full.");
    return true;
}

static bool rate_problem(const struct export_form *form, struct error *err)
{
    uint64_t rate = 0;
    if (export_form_rate(form, &rate))
        return false;
    error_set(err, RETURN_INVALID_PARAMETER, "form.rate", "\"%s\" is not a rate",
              line_editor_text(&form->rate));
    error_next(err, "Type MiB per second, such as 50, or nothing for no limit.");
    return true;
}

/* Without asking anyone. */
static bool own_problem(const struct export_form *form, enum form_field field, struct error *err)
{
    switch (field) {
    case FORM_DIRECTORY:
        return directory_problem(form, err);
    case FORM_BASE_DIRECTORY:
        return base_directory_problem(form, err);
    case FORM_INCLUDE:
        return include_problem(form, err);
    case FORM_FORMAT:
        return format_problem(form, err);
    case FORM_RATE:
        return rate_problem(form, err);
    default:
        return false;
    }
}

static bool has_own_problem(const struct export_form *form, enum form_field *field)
{
    struct error ignored;
    for (unsigned i = 0; i < FORM_FIELD_COUNT; i++) {
        *field = (enum form_field)i;
        if (own_problem(form, *field, &ignored))
            return true;
    }
    return false;
}

/* The field that a refusal is about, by the beginning of its key. */
static enum form_field field_of(const struct export_form *form, const struct error *err)
{
    static const struct {
        const char *key;
        enum form_field field;
    } fields[] = {
        {"export.directory", FORM_DIRECTORY},
        {"directory.", FORM_DIRECTORY},
        {"export.no-space", FORM_DIRECTORY},
        {"export.base-altered", FORM_BASE_CHECK},
        {"export.base", FORM_BASE},
        {"package.base", FORM_BASE},
        {"export.format", FORM_FORMAT},
        {"export.raw", FORM_FORMAT},
        {"export.compress", FORM_COMPRESSION},
        {"export.nothing", FORM_INCLUDE},
        {"export.no-disks", FORM_INCLUDE},
        {"export.machine", FORM_INCLUDE},
        {"machine.unknown", FORM_INCLUDE},
        {"export.verify", FORM_VERIFY},
        {"export.rate", FORM_RATE},
        {"export.strict", FORM_KIND},
        {"disk.", FORM_INCLUDE},
        {"export.live", FORM_KIND},
        {"machine.off", FORM_KIND},
        {"machine.asleep", FORM_KIND},
        {"name.", FORM_NAME},
        {"point.consistency", FORM_CONSISTENCY},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        if (strncmp(err->key, fields[i].key, strlen(fields[i].key)) == 0)
            return export_form_shows(form, fields[i].field) ? fields[i].field : FORM_REVIEW;
    }
    return FORM_REVIEW;
}

static bool is_current(const struct form_check *check, uint64_t revision)
{
    return check->answered == revision;
}

/* The host's word on a field, where it is still about these values. */
static bool host_problem(const struct export_form *form, enum form_field field, struct error *err)
{
    const struct form_check *directory = &form->directory_check;
    if (field == FORM_DIRECTORY && is_current(directory, form->directory_revision) && directory->error.code) {
        *err = directory->error;
        return true;
    }
    if (!is_current(&form->check, form->revision) || form->check.error.code == 0 ||
        field_of(form, &form->check.error) != field)
        return false;
    *err = form->check.error;
    /* The host speaks of the command line's option; here it is a field. */
    if (strcmp(err->key, "export.base-package") == 0 || strcmp(err->key, "package.base-missing") == 0)
        error_next(err, "Choose another base, name the directory of its package (%s), or export in full.",
                   form_field_label(FORM_BASE_DIRECTORY));
    return true;
}

bool export_form_problem(const struct export_form *form, enum form_field field, struct error *err)
{
    bool nobody_was_there = !form->directory_touched && !*line_editor_text(&form->directory);
    if (field == FORM_DIRECTORY && nobody_was_there)
        return false;
    return own_problem(form, field, err) || host_problem(form, field, err);
}

enum form_state export_form_state(const struct export_form *form, enum form_field *in_the_way)
{
    if (has_own_problem(form, in_the_way))
        return FORM_BLOCKED;
    struct error ignored;
    for (unsigned i = 0; i < FORM_FIELD_COUNT; i++) {
        *in_the_way = (enum form_field)i;
        if (host_problem(form, *in_the_way, &ignored))
            return FORM_BLOCKED;
    }
    return is_current(&form->check, form->revision) ? FORM_READY : FORM_CHECKING;
}

bool export_form_wants_directory_check(struct export_form *form, uint64_t *revision)
{
    struct error ignored;
    if (!form->capabilities.local_directory || directory_problem(form, &ignored) ||
        form->directory_check.asked == form->directory_revision)
        return false;
    *revision = form->directory_check.asked = form->directory_revision;
    return true;
}

static void answer(struct form_check *check, uint64_t revision, const struct error *err)
{
    check->answered = revision;
    check->error = *err;
}

void export_form_directory_checked(struct export_form *form, uint64_t revision, uint64_t available,
                                   const struct error *err)
{
    if (revision != form->directory_revision)
        return;
    answer(&form->directory_check, revision, err);
    form->available = available;
}

bool export_form_wants_check(struct export_form *form, uint64_t *revision)
{
    enum form_field ignored;
    bool directory_is_good = !form->capabilities.local_directory ||
                             (is_current(&form->directory_check, form->directory_revision) &&
                              form->directory_check.error.code == 0);
    if (!directory_is_good || form->check.asked == form->revision || has_own_problem(form, &ignored))
        return false;
    *revision = form->check.asked = form->revision;
    return true;
}

void export_form_checked(struct export_form *form, uint64_t revision, struct export_estimate *estimate,
                         const struct error *err)
{
    if (revision != form->revision)
        return;
    answer(&form->check, revision, err);
    export_estimate_clear(&form->estimate);
    form->estimate = *estimate;
    *estimate = (struct export_estimate){0};
}

void form_needed_clear(struct form_needed **needed, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        free((*needed)[i].name);
        free((*needed)[i].path);
    }
    free(*needed);
    *needed = NULL;
    *count = 0;
}

/* A point that was destroyed since has no name any more. */
static const char *name_of(const struct export_form *form, const struct guid *point)
{
    for (size_t i = 0; i < form->points.count; i++) {
        const struct reference_point *known = &form->points.items[i];
        if (guid_equal(&known->id, point) && known->name && *known->name)
            return known->name;
    }
    return guid_is_none(point) ? "an earlier point" : point->text;
}

void export_form_found_needed(struct export_form *form, uint64_t revision,
                              const struct packages_needed *needed)
{
    if (revision != form->revision)
        return;
    form_needed_clear(&form->needed, &form->needed_count);
    for (size_t i = 0; i < needed->count; i++) {
        const struct package_needed *item = &needed->items[i];
        *ARRAY_APPEND(form->needed, form->needed_count) =
            (struct form_needed){.name = mem_strdup(name_of(form, &item->point)),
                                 .path = item->path ? mem_strdup(item->path) : NULL};
    }
}

void export_form_check_again(struct export_form *form)
{
    form->revision++;
    form->directory_revision++;
}
