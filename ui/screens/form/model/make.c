/* A form begins with what its source says, and with the values that were started last. */
#include "ui/screens/form/model/make.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/form/model/subject.h"
#include "ui/screens/form/model/values.h"

#define DIRECTORY_LIMIT 4095 /* PATH_MAX with its NUL */
#define RATE_LIMIT 24
#define NAME_LIMIT 255 /* bytes: what a store takes */

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

/* An RCT based point holds no data that could be exported again: it is the base of what is now. */
static void propose_kind(struct export_form *form, const struct reference_point *point)
{
    struct form_subject *now = &form->of_now;
    bool exportable = point && point->type != POINT_TYPE_RCT_BASED;
    form->of = exportable || !now->title ? &form->of_point : now;
    for (size_t i = 0; point && i < now->base_count; i++) {
        if (guid_equal(&now->bases[i].id, &point->id))
            now->base = i;
    }
}

struct export_form *export_form_new(const struct form_source *source)
{
    struct export_form *form = mem_alloc(sizeof *form);
    *form = (struct export_form){
        .capabilities = *source->capabilities,
        .point = source->path,
        .directory = {.limit = DIRECTORY_LIMIT},
        .base_directory = {.limit = DIRECTORY_LIMIT},
        .rate = {.limit = RATE_LIMIT},
        .name = {.limit = NAME_LIMIT},
        .format = DISK_FORMAT_QCOW2,
        .verify = true,
        .bell = source->bell,
        .revision = 1,
        .directory_revision = 1,
    };
    if (source->point)
        form_subject_of_point(&form->of_point, source);
    if (source->machines && source->capabilities->live_export)
        form_subject_of_now(&form->of_now, source);
    copy_points(form, source->points);
    form->of = &form->of_point;
    if (source->last && !guid_is_none(&source->last->collection_id)) {
        last_export_copy(&form->last, source->last);
        export_form_apply(form, &form->last);
    }
    propose_kind(form, source->point);
    return form;
}

void export_form_take_also(struct export_form *form, const struct guid *also, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *ARRAY_APPEND(form->also, form->also_count) = also[i];
}

void export_form_free(struct export_form *form)
{
    if (!form)
        return;
    form_subject_clear(&form->of_point);
    form_subject_clear(&form->of_now);
    reference_point_list_clear(&form->points);
    line_editor_clear(&form->directory);
    line_editor_clear(&form->base_directory);
    line_editor_clear(&form->rate);
    line_editor_clear(&form->name);
    last_export_clear(&form->last);
    last_export_clear(&form->before);
    export_estimate_clear(&form->estimate);
    form_needed_clear(&form->needed, &form->needed_count);
    free(form->also);
    free(form);
}
