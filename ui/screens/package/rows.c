#include "ui/screens/package/rows.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/read.h"
#include "core/export/package/write/leavings.h"
#include "ui/draw/fold.h"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Its sentence begins with its path, whose last part has no colon (package/path.h). */
static char *path_in(const char *problem)
{
    const char *end = *problem == '/' ? strstr(problem, ": ") : NULL;
    return end ? mem_strndup(problem, (size_t)(end - problem)) : NULL;
}

static void fill_damaged(struct package_row *row, char *problem)
{
    *row = (struct package_row){.problem = problem, .path = path_in(problem), .base = SIZE_MAX};
    row->name = mem_strdup(row->path ? last_part(row->path) : "a package");
    CLEANUP_FREE char *searched = mem_format("damaged %s", row->name);
    row->folded = fold_text(searched);
}

static void look_at_proof(struct package_row *row, const char *memory)
{
    CLEANUP_FD int directory = open(row->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    row->state =
        directory < 0 ? PACKAGE_UNPROVEN : package_proof_look(memory, &row->package, directory, &row->proof);
}

static void fill(struct package_row *row, struct package *package, const char *memory)
{
    const struct reference_point *point = &package->point;
    *row = (struct package_row){.package = *package, .base = SIZE_MAX};
    row->path = mem_strdup(package->path);
    row->name = mem_format("%s @ %s", point->collection_name ? point->collection_name : "?",
                           point->name ? point->name : "?");
    CLEANUP_FREE char *searched = mem_format("%s %s %s", row->name, last_part(row->path),
                                             package_row_is_differential(row) ? "differential" : "full");
    row->folded = fold_text(searched);
    for (size_t i = 0; i < package->file_count; i++)
        row->bytes += package->files[i].size;
    look_at_proof(row, memory);
}

/* Records can claim anything, themselves as their base too. */
static void find_bases(struct package_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct package_row *row = &rows->items[i];
        if (row->problem || !package_row_is_differential(row))
            continue;
        for (size_t k = 0; k < rows->count; k++) {
            const struct package_row *other = &rows->items[k];
            if (k != i && !other->problem && guid_equal(&other->package.id, &row->package.base_package_id))
                row->base = k;
        }
    }
}

bool package_rows_read(struct package_rows *rows, const char *directory, struct error *err)
{
    struct package *packages = NULL;
    char **problems = NULL;
    size_t count = 0;
    *rows = (struct package_rows){.directory = mem_strdup(directory)};
    if (!package_list(directory, &packages, &count, &problems, &rows->damaged, err))
        return false;
    CLEANUP_FREE char *memory = package_proof_usual_memory();
    rows->count = count + rows->damaged;
    rows->items = mem_alloc((rows->count + 1) * sizeof *rows->items);
    for (size_t i = 0; i < count; i++)
        fill(&rows->items[i], &packages[count - 1 - i], memory);
    for (size_t i = 0; i < rows->damaged; i++)
        fill_damaged(&rows->items[count + i], problems[i]);
    free(packages);
    free(problems);
    find_bases(rows);
    package_partial_tell(directory, &rows->unfinished, &rows->unfinished_count);
    return true;
}

void package_rows_clear(struct package_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct package_row *row = &rows->items[i];
        free(row->name);
        free(row->folded);
        free(row->path);
        free(row->problem);
        package_clear(&row->package);
    }
    for (size_t i = 0; i < rows->unfinished_count; i++)
        free(rows->unfinished[i]);
    free(rows->unfinished);
    free(rows->items);
    free(rows->directory);
    *rows = (struct package_rows){0};
}

size_t package_rows_find(const struct package_rows *rows, const char *path)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->items[i].path && strcmp(rows->items[i].path, path) == 0)
            return i;
    }
    return SIZE_MAX;
}
