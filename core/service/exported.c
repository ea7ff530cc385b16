#include "core/service/exported.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/find_base.h"
#include "core/export/package/proof/proof.h"
#include "core/export/package/read.h"

#define LINKS_LIMIT 100000 /* packages that are looked at */

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
        [EXPORTED_BASELESS] = "useless: a package that it stands on is missing",
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

/* A package that was read, as a link of chains. */
struct link {
    struct exported_package told; /* its path is this one's */
    struct guid id;
    char *record;
    struct guid base; /* none: it is full */
    char *base_record;
    char *base_path; /* where its images say that the base is; NULL: it is full, or that is no place */
    size_t below;    /* the base among the links, once all are read; SIZE_MAX: it is not there */
};

struct links {
    struct link *items;
    size_t count;
};

static bool is_listed(const struct links *links, const struct guid *point, const char *path)
{
    for (size_t i = 0; i < links->count; i++) {
        const struct exported_package *told = &links->items[i].told;
        if (guid_equal(&told->point, point) && strcmp(told->path, path) == 0)
            return true;
    }
    return false;
}

static const struct package_disk *a_differential_disk(const struct package *package)
{
    for (size_t i = 0; i < package->disk_count; i++) {
        if (package->disks[i].differential)
            return &package->disks[i];
    }
    return NULL;
}

/* The directory of the base package, from the name that a disk's image has for its backing file. */
static char *base_path_of(const struct package *package)
{
    const struct package_disk *disk = a_differential_disk(package);
    if (!disk || !disk->backing_name || !disk->base_file)
        return NULL;
    CLEANUP_FREE char *image = mem_format("%s/%s", package->path, disk->file);
    CLEANUP_FREE char *directory = directory_of(image);
    CLEANUP_FREE char *beside = mem_format("%s/%s", directory, disk->backing_name);
    CLEANUP_FREE char *real = realpath(*disk->backing_name == '/' ? disk->backing_name : beside, NULL);
    size_t length = real ? strlen(real) : 0;
    size_t tail = strlen(disk->base_file);
    bool within = length > tail + 1 && real[length - tail - 1] == '/' &&
                  strcmp(real + length - tail, disk->base_file) == 0;
    return within ? mem_strndup(real, length - tail - 1) : NULL;
}

static void add_package(struct links *links, const char *memory, const struct package *package)
{
    bool differential = a_differential_disk(package) != NULL;
    const struct guid none = {0};
    struct link *link = ARRAY_APPEND(links->items, links->count);
    *link = (struct link){.told = {.point = package->point.id,
                                   .path = mem_strdup(package->path),
                                   .is_differential = differential,
                                   .exported = package->exported},
                          .id = package->id,
                          .record = mem_strdup(package->record_sha256 ? package->record_sha256 : ""),
                          .base = differential ? package->base_package_id : none,
                          .base_record =
                              mem_strdup(package->base_record_sha256 ? package->base_record_sha256 : ""),
                          .base_path = base_path_of(package)};
    link->told.state = state_of(memory, package, &link->told.verified);
}

static void links_clear(struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        free(links->items[i].record);
        free(links->items[i].base_record);
        free(links->items[i].base_path);
    }
    free(links->items);
}

static size_t find_base(const struct links *links, const struct link *link)
{
    for (size_t i = 0; i < links->count; i++) {
        if (guid_equal(&links->items[i].id, &link->base) &&
            strcmp(links->items[i].record, link->base_record) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* Bases that lie elsewhere than where this machine's jobs have written to. The list grows while it is walked:
 * theirs are looked for too. */
static void read_bases(struct links *links, const char *memory)
{
    for (size_t i = 0; i < links->count && links->count < LINKS_LIMIT; i++) {
        const struct link *link = &links->items[i];
        struct package package = {0};
        struct error ignored = {0};
        if (guid_is_none(&link->base) || !link->base_path || find_base(links, link) != SIZE_MAX)
            continue;
        if (package_read(link->base_path, &package, &ignored) && guid_equal(&package.id, &link->base))
            add_package(links, memory, &package);
        package_clear(&package);
    }
}

static void find_bases(struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        struct link *link = &links->items[i];
        link->below = guid_is_none(&link->base) ? SIZE_MAX : find_base(links, link);
    }
}

/* A package is worth what it stands on is worth. */
static struct exported_package told_of(const struct links *links, size_t at)
{
    const struct link *link = &links->items[at];
    struct exported_package told = link->told;
    for (size_t depth = 0; !guid_is_none(&link->base); depth++) {
        if (link->below == SIZE_MAX || depth >= BASE_PACKAGE_CHAIN_LIMIT) {
            told.state = EXPORTED_BASELESS;
            break;
        }
        link = &links->items[link->below];
        if (link->told.state < told.state)
            told.state = link->told.state;
        if (link->told.verified.seconds < told.verified.seconds)
            told.verified = link->told.verified;
    }
    if (told.state != EXPORTED_VERIFIED)
        told.verified = (struct moment){0};
    return told;
}

static void read_directory(const char *directory, const char *memory, struct links *links)
{
    struct package *packages = NULL;
    size_t count = 0;
    char **problems = NULL;
    size_t problem_count = 0;
    struct error ignored = {0}; /* what cannot be read is not there for who asks where a copy is */
    if (!package_list(directory, &packages, &count, &problems, &problem_count, &ignored))
        return;
    for (size_t i = 0; i < count; i++) {
        add_package(links, memory, &packages[i]);
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

static void read_directories(const struct exported_claims *claims, const char *memory, struct links *links)
{
    char *seen[EXPORTED_DIRECTORIES];
    size_t count = 0;
    for (size_t i = 0; i < claims->count && count < EXPORTED_DIRECTORIES; i++) {
        char *directory = directory_of(claims->items[i].package);
        if (is_among(seen, count, directory)) {
            free(directory);
            continue;
        }
        read_directory(directory, memory, links);
        seen[count++] = directory;
    }
    for (size_t i = 0; i < count; i++)
        free(seen[i]);
}

/* A package of a claim that was not found where it was left. One that lies in a directory beyond those that
 * were looked into is looked at by itself. */
static void read_rest(const struct exported_claims *claims, const char *memory, struct links *links)
{
    for (size_t i = 0; i < claims->count; i++) {
        const struct exported_claim *claim = &claims->items[i];
        struct package package = {0};
        struct error ignored = {0};
        if (is_listed(links, &claim->point, claim->package))
            continue;
        if (package_read(claim->package, &package, &ignored) && guid_equal(&package.point.id, &claim->point))
            add_package(links, memory, &package);
        else
            *ARRAY_APPEND(links->items, links->count) = (struct link){
                .told = {.point = claim->point, .path = mem_strdup(claim->package), .exported = claim->when},
                .record = mem_strdup(""),
                .base_record = mem_strdup("")};
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
    struct links links = {0};
    read_directories(claims, memory, &links);
    read_rest(claims, memory, &links);
    read_bases(&links, memory);
    find_bases(&links);
    list->items = mem_alloc((links.count + 1) * sizeof *list->items);
    for (size_t i = 0; i < links.count; i++)
        list->items[list->count++] = told_of(&links, i);
    links_clear(&links);
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
