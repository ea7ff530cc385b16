#include "core/export/package/problems.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_same_place(const struct package_damage *damage, size_t level, const char *file)
{
    return damage->level == level &&
           (damage->file && file ? strcmp(damage->file, file) == 0 : damage->file == file);
}

static bool has_place(const struct package_problems *problems, size_t level, const char *file)
{
    for (size_t i = 0; i < problems->place_count; i++) {
        if (is_same_place(&problems->places[i], level, file))
            return true;
    }
    return false;
}

bool package_problems_is_damaged(const struct package_problems *problems, size_t level, const char *file)
{
    return has_place(problems, level, NULL) || has_place(problems, level, file);
}

void package_problems_add(struct package_problems *problems, const char *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(problems, format, arguments);
    va_end(arguments);
    problems->damages++;
    if (!has_place(problems, problems->level, file))
        *ARRAY_APPEND(problems->places, problems->place_count) =
            (struct package_damage){.level = problems->level, .file = mem_strdup(file)};
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
    package_problems_add(problems, NULL, "%s", text);
}

void package_problems_take(struct package_problems *problems, char ***items, size_t *count)
{
    if (problems->left_out > 0)
        *ARRAY_APPEND(problems->items, problems->count) =
            mem_format("and %zu more of the kind", problems->left_out);
    *items = problems->items;
    *count = problems->count;
    problems->items = NULL;
    problems->count = 0;
    package_problems_clear(problems);
}

void package_problems_clear(struct package_problems *problems)
{
    fs_free_names(problems->items, problems->count);
    for (size_t i = 0; i < problems->place_count; i++)
        free(problems->places[i].file);
    free(problems->places);
    *problems = (struct package_problems){0};
}
