#include "core/export/package/check/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/check/content.h"
#include "core/export/package/check/facts.h"
#include "core/export/package/check/image.h"
#include "core/export/package/check/machines.h"
#include "core/export/package/check/sums.h"
#include "core/export/package/find_base.h"
#include "core/export/package/hold.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"
#include "core/system/beneath.h"

void package_stack_close(struct package_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++) {
        package_clear(&stack->links[i].package);
        close(stack->links[i].fd);
    }
    free(stack->links);
    *stack = (struct package_stack){0};
}

static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return !slash || slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

/* Moves the packages over and opens each. */
static bool take_bases(struct package_stack *stack, struct base_package *bases, struct error *err)
{
    for (size_t i = 0; i < bases->count; i++) {
        int fd = -1;
        if (!package_path_open_root(bases->packages[i].path, &fd, err))
            return false;
        *ARRAY_APPEND(stack->links, stack->count) =
            (struct package_link){.package = bases->packages[i], .fd = fd};
        char *path = stack->links[stack->count - 1].package.path;
        bases->packages[i] = (struct package){0};
        if (!package_hold(fd, path, err))
            return false;
    }
    return true;
}

static void open_bases(struct package_stack *stack, const struct package_search *search,
                       struct package_problems *problems)
{
    struct error err = {0};
    struct base_package bases;
    bool ok = base_package_find_chain(search, &stack->links[0].package, &bases, &err);
    if (ok)
        ok = take_bases(stack, &bases, &err);
    if (!ok)
        package_problems_add_error(problems, &err);
    base_package_clear(&bases);
}

bool package_stack_open(const char *path, char *const *base_directories, size_t base_directory_count,
                        struct package_stack *stack, struct package_problems *problems, struct error *err)
{
    char real[PATH_MAX];
    CLEANUP_FD int fd = -1;
    *stack = (struct package_stack){0};
    if (!realpath(path, real))
        return error_errno(err, errno, "package.open", "cannot find the package %s", path);
    if (!package_path_open_root(real, &fd, err) || !package_hold(fd, real, err))
        return false;
    struct package package;
    struct error broken = {0};
    if (!package_read_at(fd, real, &package, &broken)) {
        package_problems_add_error(problems, &broken);
        return true;
    }
    *ARRAY_APPEND(stack->links, stack->count) = (struct package_link){.package = package, .fd = fd};
    fd = -1;
    CLEANUP_FREE char *parent = parent_of(real);
    struct package_search search = {.directory = parent,
                                    .base_directories = base_directories,
                                    .base_directory_count = base_directory_count};
    open_bases(stack, &search, problems);
    return true;
}

/* --- layers of a disk --- */

static bool open_disk(const struct package_stack *stack, size_t level, size_t disk,
                      struct package_chain *chain, struct error *err)
{
    *chain = (struct package_chain){0};
    for (;; level++) {
        const struct package_link *link = &stack->links[level];
        const struct package_disk *own = &link->package.disks[disk];
        int fd = -1;
        if (!package_path_open_file(link->fd, own->file, &fd, NULL, err))
            break;
        *ARRAY_APPEND(chain->layers, chain->count) = (struct image_layer){.fd = fd, .format = own->format};
        if (!own->differential)
            return true;
        disk = level + 1 < stack->count
                   ? package_find_disk(&stack->links[level + 1].package, own->machine_id, own->disk_uuid)
                   : SIZE_MAX;
        if (disk == SIZE_MAX) {
            error_set(err, RETURN_INVALID_PARAMETER, "package.base-disk", "the base of %s in %s is missing",
                      own->file, link->package.path);
            error_next(err, "Look at the chain with \"refpoint package verify\".");
            break;
        }
    }
    package_chain_close(chain);
    return false;
}

bool package_stack_open_disk(const struct package_stack *stack, size_t disk, struct package_chain *chain,
                             struct error *err)
{
    return open_disk(stack, 0, disk, chain, err);
}

/* --- checking --- */

static uint64_t size_of(const struct package_link *link)
{
    struct package_tree tree;
    struct error ignored = {0};
    uint64_t total = 0;
    if (!package_path_list(link->fd, &tree, &ignored))
        return 0;
    for (size_t i = 0; i < tree.file_count; i++) {
        struct stat status;
        if (beneath_stat(link->fd, tree.files[i], &status) == 0)
            total += (uint64_t)status.st_size;
    }
    package_tree_clear(&tree);
    return total;
}

/* What QEMU will read of the disks, about. */
static uint64_t content_of(const struct package_link *link)
{
    uint64_t total = 0;
    for (size_t i = 0; i < link->package.disk_count; i++) {
        const struct package_disk *disk = &link->package.disks[i];
        struct stat status;
        if (disk->data_xxh3 && beneath_stat(link->fd, disk->file, &status) == 0)
            total += (uint64_t)status.st_blocks * 512;
    }
    return total;
}

char *package_stack_label(const struct package_stack *stack, size_t level)
{
    if (level == 0)
        return mem_strdup("");
    const char *path = stack->links[level].package.path;
    return mem_format("base package %s: ", strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
}

/* Of an image that is damaged otherwise, that has been said. */
static bool check_content(const struct package_stack *stack, size_t level, size_t disk, const char *label,
                          struct package_progress *progress, struct package_problems *problems,
                          struct error *err)
{
    struct package_chain chain;
    struct error broken = {0};
    if (problems->damages > 0 || !open_disk(stack, level, disk, &chain, &broken))
        return true;
    bool ok = package_content_check(&stack->links[level].package.disks[disk], &chain, label, progress,
                                    problems, err);
    package_chain_close(&chain);
    return ok;
}

/* What a package says of the chain beneath it is what lies there. */
static void check_bases(const struct package_stack *stack, size_t level, const char *label,
                        struct package_problems *problems)
{
    const struct package *package = &stack->links[level].package;
    size_t beneath = stack->count - level - 1;
    bool is_whole = guid_is_none(&stack->links[stack->count - 1].package.base_package_id);
    if (package->base_count == 0) /* a full package, or one of an earlier version */
        return;
    if (is_whole && package->base_count != beneath)
        package_problems_add(problems, NULL,
                             "%s" PACKAGE_RECORD ": it names %zu packages beneath it, and stands on %zu",
                             label, package->base_count, beneath);
    for (size_t i = 0; i < package->base_count && i < beneath; i++) {
        const struct package_base *said = &package->bases[i];
        const struct package *there = &stack->links[level + 1 + i].package;
        if (!guid_equal(&said->id, &there->id) || strcmp(said->record_sha256, there->record_sha256) != 0)
            package_problems_add(problems, NULL,
                                 "%s" PACKAGE_RECORD ": it names %s as a package beneath it where %s lies",
                                 label, said->id.text, there->id.text);
    }
}

static bool check_link(struct package_stack *stack, size_t level, struct package_progress *progress,
                       struct package_problems *problems, struct error *err)
{
    struct package_link *link = &stack->links[level];
    const struct package_link *base = level + 1 < stack->count ? &stack->links[level + 1] : NULL;
    CLEANUP_FREE char *label = package_stack_label(stack, level);
    problems->level = level;
    if (!package_sums_check(link, label, progress, problems, err))
        return false;
    package_facts_check(&link->package, label, problems);
    check_bases(stack, level, label, problems);
    package_machines_check(link, label, problems);
    for (size_t i = 0; i < link->package.disk_count; i++) {
        if (!package_image_check(link, base, i, label, progress->job, problems, err) ||
            !check_content(stack, level, i, label, progress, problems, err))
            return false;
    }
    return true;
}

/* One package, and remembers it where it is whole. That it cannot be remembered is no fault of the package.
 */
static bool prove_link(struct package_stack *stack, size_t level, const struct package_stack_check *check,
                       struct package_progress *progress, struct package_problems *problems,
                       struct error *err)
{
    const struct package_link *link = &stack->links[level];
    CLEANUP_FREE char *likeness = NULL;
    struct error unknown = {0};
    int64_t start = monotonic_milliseconds();
    struct package_proof proof = {
        .when = moment_now(), .how = PROOF_HOW_VERIFY, .bytes = package_stack_bytes(link)};
    bool is_likened = package_proof_liken(link->fd, &likeness, &unknown);
    if (!check_link(stack, level, progress, problems, err))
        return false;
    if (problems->damages > 0 || !is_likened) /* of damage above, its disks were not read either */
        return true;
    proof.milliseconds = (uint64_t)(monotonic_milliseconds() - start);
    bool is_noted = package_proof_note(check->memory, &link->package, link->fd, likeness, &proof, &unknown);
    if (!is_noted && strcmp(unknown.key, "package.touched") == 0)
        package_problems_add_error(problems, &unknown);
    else if (check->proofs)
        check->proofs[level] = proof;
    if (!is_noted && check->memory && check->job) {
        CLEANUP_FREE char *why = error_text(&unknown);
        job_log(check->job, "this verification is not remembered: %s", why);
    }
    return true;
}

uint64_t package_stack_bytes(const struct package_link *link)
{
    return size_of(link) + content_of(link);
}

bool package_stack_check(struct package_stack *stack, const struct package_stack_check *check,
                         struct package_problems *problems, struct error *err)
{
    struct package_progress progress = {.job = check->job};
    for (size_t i = 0; i < stack->count; i++) {
        if (!check->skipped || !check->skipped[i])
            progress.total += package_stack_bytes(&stack->links[i]);
    }
    for (size_t i = 0; i < stack->count; i++) {
        if ((!check->skipped || !check->skipped[i]) && !prove_link(stack, i, check, &progress, problems, err))
            return false;
    }
    return true;
}

bool package_stack_is_damaged(const struct package_stack *stack, const struct package_problems *problems,
                              size_t disk)
{
    for (size_t level = 0; level < stack->count; level++) {
        const struct package_disk *own = &stack->links[level].package.disks[disk];
        if (package_problems_is_damaged(problems, level, own->file))
            return true;
        if (!own->differential)
            return false;
        if (level + 1 < stack->count)
            disk = package_find_disk(&stack->links[level + 1].package, own->machine_id, own->disk_uuid);
        if (disk == SIZE_MAX)
            return true;
    }
    return true; /* a base is missing */
}
