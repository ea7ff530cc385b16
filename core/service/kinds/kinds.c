#include "core/service/kinds/kinds.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/service/kinds/export.h"
#include "core/service/kinds/verify.h"

static const struct job_kind *const kinds[] = {&job_kind_export, &job_kind_verify};

const struct job_kind *job_kind_find(const char *name)
{
    if (!name || !*name)
        return &job_kind_export;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    }
    return NULL;
}
