#include "core/export/package/problems.h"

#include <stdarg.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/system/fs.h"

static void add(struct package_problems *problems, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void add(struct package_problems *problems, const char *format, va_list arguments)
{
    if (problems->count >= PACKAGE_PROBLEM_LIMIT) {
        problems->left_out++;
        return;
    }
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    *ARRAY_APPEND(problems->items, problems->count) = text_escape(text);
}

void package_problems_add(struct package_problems *problems, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(problems, format, arguments);
    va_end(arguments);
    problems->damages++;
}

void package_problems_add_place(struct package_problems *problems, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(problems, format, arguments);
    va_end(arguments);
}

void package_problems_add_error(struct package_problems *problems, const struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    package_problems_add(problems, "%s", text);
}

void package_problems_take(struct package_problems *problems, char ***items, size_t *count)
{
    if (problems->left_out > 0)
        *ARRAY_APPEND(problems->items, problems->count) =
            mem_format("and %zu more of the kind", problems->left_out);
    *items = problems->items;
    *count = problems->count;
    *problems = (struct package_problems){0};
}

void package_problems_clear(struct package_problems *problems)
{
    fs_free_names(problems->items, problems->count);
    *problems = (struct package_problems){0};
}
