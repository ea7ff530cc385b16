/* Three lists of names are laid side by side: what lies there, what SHA256SUMS says, what the record says. */
#include "core/export/package/check/sums.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"
#include "core/export/package/sums.h"
#include "core/syntax/cfg.h"

struct entry {
    const char *name;          /* borrowed */
    const char *sums_sha256;   /* NULL = not in SHA256SUMS */
    const char *record_sha256; /* NULL = not in the record */
    bool present;
    bool repeated; /* in SHA256SUMS */
    const struct package_digest *actual;
};

struct entries {
    struct entry *items;
    size_t count;
};

static int compare_entries(const void *left, const void *right)
{
    return strcmp(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

/* One entry for each name. */
static void merge(struct entries *entries)
{
    if (entries->count == 0)
        return;
    qsort(entries->items, entries->count, sizeof *entries->items, compare_entries);
    size_t kept = 0;
    for (size_t i = 1; i < entries->count; i++) {
        struct entry *to = &entries->items[kept];
        const struct entry *from = &entries->items[i];
        if (strcmp(to->name, from->name) != 0) {
            entries->items[++kept] = *from;
            continue;
        }
        to->repeated = to->repeated || (to->sums_sha256 && from->sums_sha256);
        to->sums_sha256 = to->sums_sha256 ? to->sums_sha256 : from->sums_sha256;
        to->record_sha256 = to->record_sha256 ? to->record_sha256 : from->record_sha256;
        to->present = to->present || from->present;
        to->actual = to->actual ? to->actual : from->actual;
    }
    entries->count = kept + 1;
}

/* --- SHA256SUMS --- */

/* "DIGEST  NAME" or "DIGEST *NAME"; cuts the text up. */
static bool take_line(char *line, struct entry *entry)
{
    if (strlen(line) < 67 || line[64] != ' ' || (line[65] != ' ' && line[65] != '*'))
        return false;
    line[64] = '\0';
    *entry = (struct entry){.name = line + 66, .sums_sha256 = line};
    return package_digest_is_text(line) &&
           (strcmp(entry->name, PACKAGE_RECORD) == 0 || package_path_is_member(entry->name));
}

static void take_lines(char *text, const char *label, struct entries *entries,
                       struct package_problems *problems)
{
    size_t number = 0;
    for (char *line = text, *next; *line; line = next) {
        char *end = strchr(line, '\n');
        next = end ? end + 1 : line + strlen(line);
        if (end)
            *end = '\0';
        number++;
        struct entry entry;
        if (take_line(line, &entry))
            *ARRAY_APPEND(entries->items, entries->count) = entry;
        else
            package_problems_add(problems, NULL,
                                 "%s" PACKAGE_SUMS ":%zu: not a digest and a name of this package", label,
                                 number);
    }
}

bool package_sums_read(int fd, const char *name, size_t limit, char **text, size_t *length, struct error *err)
{
    struct stat status;
    CLEANUP_FD int file = -1;
    if (!package_path_open_file(fd, name, &file, &status, err))
        return false;
    if ((uintmax_t)status.st_size > limit) {
        error_set(err, RETURN_NOT_SUPPORTED, "package.too-large", "%s is too large", name);
        return false;
    }
    return package_read_descriptor(file, name, (size_t)status.st_size, text, length, err);
}

/* The text of SHA256SUMS, which the entries borrow from; NULL, and a problem, when there is none. */
static char *read_sums(struct package_link *link, const char *label, struct package_problems *problems)
{
    struct error err = {0};
    char *text = NULL;
    size_t length = 0;
    link->sums_sha256[0] = '\0';
    bool ok = package_sums_read(link->fd, PACKAGE_SUMS, CFG_LIMIT_LARGE, &text, &length, &err);
    if (ok)
        package_digest_bytes(text, length, link->sums_sha256);
    if (ok && strlen(text) != length)
        ok = error_set(&err, RETURN_NOT_SUPPORTED, "package.sums", PACKAGE_SUMS " holds a zero byte");
    if (ok)
        return text;
    free(text);
    CLEANUP_FREE char *why = error_text(&err);
    package_problems_add(problems, NULL, "%s%s", label, why);
    return NULL;
}

/* --- comparison --- */

static void judge(const struct entry *entry, bool have_sums, const char *label,
                  struct package_problems *problems)
{
    bool is_record = strcmp(entry->name, PACKAGE_RECORD) == 0;
    if (entry->repeated)
        package_problems_add(problems, entry->name, "%s%s is listed twice in " PACKAGE_SUMS, label,
                             entry->name);
    if (!entry->present) {
        package_problems_add(problems, entry->name, "%s%s is missing", label, entry->name);
        return;
    }
    if (!entry->record_sha256) {
        package_problems_add(problems, entry->name, "%s%s does not belong to the package", label,
                             entry->name);
        return;
    }
    if (!entry->sums_sha256 && have_sums)
        package_problems_add(problems, entry->name, "%s%s is not in " PACKAGE_SUMS, label, entry->name);
    if (!entry->actual)
        return;
    if (entry->actual->failure) {
        CLEANUP_FREE char *why = error_text(entry->actual->failure);
        package_problems_add(problems, entry->name, "%s%s", label, why);
        return;
    }
    bool sums = !entry->sums_sha256 || strcmp(entry->sums_sha256, entry->actual->sha256) == 0;
    bool record = strcmp(entry->record_sha256, entry->actual->sha256) == 0;
    if (!sums && !record)
        package_problems_add(problems, entry->name,
                             "%s%s has been changed: its SHA-256 is not the recorded one", label,
                             entry->name);
    else if (!record)
        package_problems_add(problems, entry->name, "%s%s has been changed%s", label, entry->name,
                             is_record ? " while it was read" : ": its SHA-256 is not the one in the record");
    else if (!sums)
        package_problems_add(problems, entry->name,
                             "%s%s: " PACKAGE_SUMS " has another SHA-256 than the file", label, entry->name);
}

/* They tell of the others, and are told of by nobody. */
static bool is_of_the_sums(const char *name)
{
    return strcmp(name, PACKAGE_SUMS) == 0 || strcmp(name, PACKAGE_SIGNATURE) == 0;
}

static void collect(const struct package *package, const struct package_tree *tree,
                    const struct package_digest *digests, struct entries *entries)
{
    for (size_t i = 0; i < package->file_count; i++)
        *ARRAY_APPEND(entries->items, entries->count) =
            (struct entry){.name = package->files[i].name, .record_sha256 = package->files[i].sha256};
    *ARRAY_APPEND(entries->items, entries->count) =
        (struct entry){.name = PACKAGE_RECORD, .record_sha256 = package->record_sha256};
    for (size_t i = 0; i < tree->file_count; i++) {
        if (!is_of_the_sums(tree->files[i]))
            *ARRAY_APPEND(entries->items, entries->count) =
                (struct entry){.name = tree->files[i], .present = true, .actual = &digests[i]};
    }
}

static void compare(struct package_link *link, const char *label, const struct package_tree *tree,
                    const struct package_digest *digests, struct package_problems *problems)
{
    struct entries entries = {0};
    size_t before = problems->damages;
    CLEANUP_FREE char *text = read_sums(link, label, problems);
    CLEANUP_FREE char *written = package_sums_text(&link->package, link->package.record_sha256);
    bool as_written = text && strcmp(text, written) == 0;
    collect(&link->package, tree, digests, &entries);
    if (text)
        take_lines(text, label, &entries, problems);
    merge(&entries);
    for (size_t i = 0; i < tree->oddity_count; i++)
        package_problems_add(problems, NULL, "%s%s", label, tree->oddities[i]);
    for (size_t i = 0; i < entries.count; i++)
        judge(&entries.items[i], text != NULL, label, problems);
    if (!as_written && problems->damages == before)
        package_problems_add(problems, NULL,
                             "%s" PACKAGE_SUMS " has been changed: it is not as the export wrote it", label);
    free(entries.items);
}

bool package_sums_check(struct package_link *link, const char *label, struct package_progress *progress,
                        struct package_problems *problems, struct error *err)
{
    struct package_tree tree = {0};
    if (!package_path_list(link->fd, &tree, err))
        return error_context(err, "%s", link->package.path);
    struct package_digest *digests = mem_alloc((tree.file_count + 1) * sizeof *digests);
    for (size_t i = 0; i < tree.file_count; i++)
        digests[i].file = tree.files[i];
    bool ok = package_digest_files(link->fd, digests, tree.file_count, progress, err);
    if (ok)
        compare(link, label, &tree, digests, problems);
    package_digest_clear(digests, tree.file_count);
    free(digests);
    package_tree_clear(&tree);
    return ok;
}
