#include "core/system/shared_library.h"

#include <dlfcn.h>
#include <string.h>

#include "core/base/mem.h"

char *shared_library_load(const char *library, const struct shared_symbol *symbols, size_t count, void *table)
{
    if (!dlopen(library, RTLD_LAZY | RTLD_GLOBAL)) {
        const char *said = dlerror(); /* NOLINT(concurrency-mt-unsafe): glibc keeps it by thread */
        return mem_strdup(said ? said : library);
    }
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(RTLD_DEFAULT, symbols[i].name);
        if (!found)
            return mem_format("%s has no %s", library, symbols[i].name);
        memcpy((char *)table + symbols[i].offset, &found, sizeof found);
    }
    return NULL;
}
