#include "core/service/kinds/kinds.h"

#include <string.h>

#include "core/service/kinds/export.h"
#include "core/service/kinds/point_change.h"
#include "core/service/kinds/verify.h"

enum { KIND_COUNT = 4 };
static const struct job_kind *const kinds[KIND_COUNT] = {&job_kind_export, &job_kind_verify,
                                                         &job_kind_destroy, &job_kind_remove_data};

const struct job_kind *job_kind_find(const char *name)
{
    if (!name || !*name)
        return &job_kind_export;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    }
    return NULL;
}
