#include "core/service/exported.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/proof/proof.h"
#include "core/export/package/read.h"

void exported_claims_add(struct exported_claims *claims, const struct job_snapshot *job)
{
    struct guid point;
    if (!job_is_kind(&job->identity, "export") || !*job->package ||
        !guid_parse(&point, job->identity.point_id))
        return;
    struct exported_claim *claim = ARRAY_APPEND(claims->items, claims->count);
    *claim = (struct exported_claim){.point = point,
                                     .job = job->identity.id,
                                     .package = mem_strdup(job->package),
                                     .sum = mem_strdup(job->package_sum),
                                     .when = job->changed};
}

void exported_claims_clear(struct exported_claims *claims)
{
    for (size_t i = 0; i < claims->count; i++) {
        free(claims->items[i].package);
        free(claims->items[i].sum);
    }
    free(claims->items);
    *claims = (struct exported_claims){0};
}

const char *exported_state_word(enum exported_state state)
{
    static const char *const words[] = {
        [EXPORTED_GONE] = "gone",
        [EXPORTED_UNPROVEN] = "not verified",
        [EXPORTED_TOUCHED] = "touched since it was verified",
        [EXPORTED_VERIFIED] = "verified",
    };
    return words[state];
}

static char *directory_of(const char *package)
{
    const char *slash = strrchr(package, '/');
    return slash ? mem_strndup(package, slash == package ? 1 : (size_t)(slash - package)) : mem_strdup(".");
}

static bool is_listed(const struct exported_list *list, const struct guid *point, const char *path)
{
    for (size_t i = 0; i < list->count; i++) {
        if (guid_equal(&list->items[i].point, point) && strcmp(list->items[i].path, path) == 0)
            return true;
    }
    return false;
}

static enum exported_state state_of(const char *memory, const struct package *package, struct moment *when)
{
    CLEANUP_FD int directory = open(package->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct package_proof proof = {0};
    if (directory < 0)
        return EXPORTED_GONE;
    switch (package_proof_look(memory, package, directory, &proof)) {
    case PACKAGE_PROVEN:
        /* Its own files were, by the export that made it, but what they stand on was not. */
        if (!package->verified && strcmp(proof.how, PROOF_HOW_EXPORT) == 0)
            return EXPORTED_UNPROVEN;
        *when = proof.when;
        return EXPORTED_VERIFIED;
    case PACKAGE_TOUCHED:
        return EXPORTED_TOUCHED;
    default:
        return EXPORTED_UNPROVEN;
    }
}

static void add_package(struct exported_list *list, const char *memory, const struct package *package)
{
    struct exported_package *item = ARRAY_APPEND(list->items, list->count);
    *item = (struct exported_package){.point = package->point.id,
                                      .path = mem_strdup(package->path),
                                      .is_differential = !guid_is_none(&package->base_package_id),
                                      .exported = package->exported};
    item->state = state_of(memory, package, &item->verified);
}

static void read_directory(const char *directory, const char *memory, struct exported_list *list)
{
    struct package *packages = NULL;
    size_t count = 0;
    char **problems = NULL;
    size_t problem_count = 0;
    struct error ignored = {0}; /* what cannot be read is not there for who asks where a copy is */
    if (!package_list(directory, &packages, &count, &problems, &problem_count, &ignored))
        return;
    for (size_t i = 0; i < count; i++) {
        add_package(list, memory, &packages[i]);
        package_clear(&packages[i]);
    }
    free(packages);
    for (size_t i = 0; i < problem_count; i++)
        free(problems[i]);
    free(problems);
}

static bool is_among(char *const *texts, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i], text) == 0)
            return true;
    }
    return false;
}

static void read_directories(const struct exported_claims *claims, const char *memory,
                             struct exported_list *list)
{
    char *seen[EXPORTED_DIRECTORIES];
    size_t count = 0;
    for (size_t i = 0; i < claims->count && count < EXPORTED_DIRECTORIES; i++) {
        char *directory = directory_of(claims->items[i].package);
        if (is_among(seen, count, directory)) {
            free(directory);
            continue;
        }
        read_directory(directory, memory, list);
        seen[count++] = directory;
    }
    for (size_t i = 0; i < count; i++)
        free(seen[i]);
}

/* A package of a claim that was not found where it was left. One that lies in a directory beyond those that
 * were looked into is looked at by itself. */
static void read_rest(const struct exported_claims *claims, const char *memory, struct exported_list *list)
{
    for (size_t i = 0; i < claims->count; i++) {
        const struct exported_claim *claim = &claims->items[i];
        struct package package = {0};
        struct error ignored = {0};
        if (is_listed(list, &claim->point, claim->package))
            continue;
        if (package_read(claim->package, &package, &ignored) &&
            guid_equal(&package.point.id, &claim->point)) {
            add_package(list, memory, &package);
        } else {
            struct exported_package *item = ARRAY_APPEND(list->items, list->count);
            *item = (struct exported_package){
                .point = claim->point, .path = mem_strdup(claim->package), .exported = claim->when};
        }
        package_clear(&package);
    }
}

static int compare(const void *left, const void *right)
{
    const struct exported_package *a = left;
    const struct exported_package *b = right;
    int order = strcmp(a->point.text, b->point.text);
    if (order)
        return order;
    if (a->state != b->state)
        return a->state > b->state ? -1 : 1;
    int64_t first = a->exported.seconds;
    int64_t second = b->exported.seconds;
    return first > second ? -1 : first < second;
}

void exported_read(const struct exported_claims *claims, const char *memory, struct exported_list *list)
{
    read_directories(claims, memory, list);
    read_rest(claims, memory, list);
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare);
}

void exported_list_clear(struct exported_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].path);
    free(list->items);
    *list = (struct exported_list){0};
}

const struct exported_package *exported_find(const struct exported_list *list, const struct guid *point,
                                             size_t *count)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(list->items[middle].point.text, point->text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < list->count && guid_equal(&list->items[low + *count].point, point))
        ++*count;
    return *count > 0 ? &list->items[low] : NULL;
}
