#include "core/export/package/base_index.h"

#include "core/export/package/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/system/fs.h"

void base_index_clear(struct base_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        package_clear(&index->items[i]);
    free(index->items);
    fs_free_names(index->broken, index->broken_count);
    strbuf_free(&index->places);
    *index = (struct base_index){0};
}

/* The same package may be reached twice; the first place wins. A changed copy is another item. */
static void index_take(struct base_index *index, struct package *package)
{
    for (size_t i = 0; i < index->count; i++) {
        if (guid_equal(&index->items[i].id, &package->id) &&
            strcmp(index->items[i].record_sha256, package->record_sha256) == 0) {
            package_clear(package);
            return;
        }
    }
    *ARRAY_APPEND(index->items, index->count) = *package;
}

static bool is_package(const char *directory)
{
    CLEANUP_FREE char *record = mem_format("%s/" PACKAGE_RECORD, directory);
    struct stat status;
    return lstat(record, &status) == 0;
}

static bool index_place(struct base_index *index, const char *directory, struct error *err)
{
    struct stat status;
    int number = stat(directory, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
    if (number != 0) {
        error_errno(err, number, "export.base-directory", "cannot look for base packages in %s", directory);
        err->code = RETURN_INVALID_PARAMETER;
        return error_next(err, "Name a directory that holds packages, or a package.");
    }
    strbuf_addf(&index->places, "%s%s", index->places.length ? ", " : "", directory);
    if (is_package(directory)) {
        struct package package;
        struct error broken = {0};
        if (package_read(directory, &package, &broken))
            index_take(index, &package);
        else
            *ARRAY_APPEND(index->broken, index->broken_count) = error_text(&broken);
        return true;
    }
    struct package *packages = NULL;
    char **problems = NULL;
    size_t count = 0;
    size_t problem_count = 0;
    if (!package_list(directory, &packages, &count, &problems, &problem_count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        index_take(index, &packages[i]);
    for (size_t i = 0; i < problem_count; i++)
        *ARRAY_APPEND(index->broken, index->broken_count) = problems[i];
    free(packages);
    free(problems);
    return true;
}

bool base_index_make(struct base_index *index, const struct package_search *search, struct error *err)
{
    *index = (struct base_index){0};
    bool ok = !search->directory || index_place(index, search->directory, err);
    for (size_t i = 0; i < search->base_directory_count && ok; i++)
        ok = index_place(index, search->base_directories[i], err);
    if (!ok)
        base_index_clear(index);
    return ok;
}

/* Where was looked, and what was found there that could not be used. */
void base_index_explain(const struct base_index *index, struct error *err)
{
    struct strbuf text = {0};
    strbuf_addf(&text, "looked in %s", index->places.length ? index->places.data : "no directory");
    for (size_t i = 0; i < index->broken_count && i < 3; i++)
        strbuf_addf(&text, "; unusable: %s", index->broken[i]);
    error_cause(err, "%s", text.data);
    strbuf_free(&text);
}
