#include "core/export/package/proof/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/package/path.h"
#include "core/syntax/cfg.h"
#include "core/system/digest.h"
#include "core/system/fs.h"

#define FORMAT "refpoint verification"
#define EXTENSION ".cfg"
#define LAST "last-verify" EXTENSION
#define KEPT_MOST 10000 /* the oldest go */
#define KEPT_LEAST 9000

char *package_proof_usual_memory(void)
{
    CLEANUP_FREE char *home = fs_state_home();
    return mem_format("%s/verified", home);
}

/* --- likeness --- */

static void add_number(struct digest *digest, uint64_t number)
{
    digest_add(digest, &number, sizeof number);
}

static void add_file(struct digest *digest, const char *name, const struct stat *status)
{
    digest_add(digest, name, strlen(name) + 1);
    add_number(digest, status->st_dev);
    add_number(digest, status->st_ino);
    add_number(digest, (uint64_t)status->st_size);
    add_number(digest, (uint64_t)status->st_mtim.tv_sec);
    add_number(digest, (uint64_t)status->st_mtim.tv_nsec);
    add_number(digest, (uint64_t)status->st_ctim.tv_sec);
    add_number(digest, (uint64_t)status->st_ctim.tv_nsec);
}

bool package_proof_liken(int directory, char **likeness, struct error *err)
{
    struct package_tree tree = {0};
    char text[DIGEST_TEXT];
    *likeness = NULL;
    if (!package_path_list(directory, &tree, err))
        return false;
    struct digest *digest = digest_begin();
    bool ok = true;
    for (size_t i = 0; ok && i < tree.file_count; i++) {
        struct stat status;
        ok = fstatat(directory, tree.files[i], &status, AT_SYMLINK_NOFOLLOW) == 0 ||
             error_errno(err, errno, "package.stat", "cannot look at %s", tree.files[i]);
        if (ok)
            add_file(digest, tree.files[i], &status);
    }
    digest_end(digest, text);
    package_tree_clear(&tree);
    if (ok)
        *likeness = mem_strdup(text);
    return ok;
}

/* --- memory --- */

/* Several copies of a package have a file each. */
static char *name_of(const struct package *package, int directory)
{
    struct stat status = {0};
    (void)!fstat(directory, &status);
    return mem_format("%s-%" PRIu64 EXTENSION, package->id.text, (uint64_t)status.st_ino);
}

static void read_proof(const config_setting_t *root, struct package_proof *proof)
{
    text_copy_cut(proof->how, sizeof proof->how, cfg_get_text(root, "how", ""));
    proof->bytes = cfg_get_number(root, "bytes", 0);
    proof->milliseconds = cfg_get_number(root, "milliseconds", 0);
    if (!moment_parse_rfc3339(&proof->when, cfg_get_text(root, "when", "")))
        proof->when = (struct moment){0};
}

static bool is_of(const config_setting_t *root, const struct package *package)
{
    return strcmp(cfg_get_text(root, "format", ""), FORMAT) == 0 &&
           strcmp(cfg_get_text(root, "record_sha256", ""), package->record_sha256) == 0;
}

enum package_proof_state package_proof_look(const char *memory, const struct package *package, int directory,
                                            struct package_proof *proof)
{
    config_t config;
    struct error ignored = {0};
    CLEANUP_FREE char *likeness = NULL;
    CLEANUP_FD int kept = -1;
    enum package_proof_state state = PACKAGE_UNPROVEN;
    *proof = (struct package_proof){0};
    if (!memory || !fs_open_directory(AT_FDCWD, memory, &kept, &ignored))
        return state;
    CLEANUP_FREE char *name = name_of(package, directory);
    if (cfg_read(&config, kept, name, CFG_LIMIT_SMALL, &ignored)) {
        const config_setting_t *root = config_root_setting(&config);
        read_proof(root, proof);
        bool same = package_proof_liken(directory, &likeness, &ignored) &&
                    strcmp(likeness, cfg_get_text(root, "files", "")) == 0 && is_of(root, package);
        if (proof->when.seconds != 0)
            state = same ? PACKAGE_PROVEN : PACKAGE_TOUCHED;
    }
    config_destroy(&config);
    return state;
}

struct kept_file {
    char *name;
    struct timespec written;
};

static int by_age(const void *left, const void *right)
{
    const struct timespec *a = &((const struct kept_file *)left)->written;
    const struct timespec *b = &((const struct kept_file *)right)->written;
    return a->tv_sec != b->tv_sec ? (a->tv_sec < b->tv_sec ? -1 : 1)
                                  : (a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

/* Nobody says when a package has gone for good. */
static void forget_oldest(int kept)
{
    char **names = NULL;
    size_t count = 0;
    struct error ignored = {0};
    if (!fs_list(kept, &names, &count, &ignored))
        return;
    if (count > KEPT_MOST) {
        struct kept_file *files = mem_alloc(count * sizeof *files);
        for (size_t i = 0; i < count; i++) {
            struct stat status = {0};
            (void)!fstatat(kept, names[i], &status, AT_SYMLINK_NOFOLLOW);
            files[i] = (struct kept_file){.name = names[i], .written = status.st_mtim};
        }
        qsort(files, count, sizeof *files, by_age);
        for (size_t i = 0; i < count - KEPT_LEAST; i++)
            unlinkat(kept, files[i].name, 0);
        free(files);
    }
    fs_free_names(names, count);
}

static bool write_proof(int kept, const char *name, const struct package *package, const char *likeness,
                        const struct package_proof *proof, struct error *err)
{
    config_t config;
    char when[64];
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    moment_format_rfc3339(proof->when, true, when, sizeof when);
    cfg_put_text(root, "format", FORMAT);
    cfg_put_text(root, "package_id", package->id.text);
    cfg_put_text(root, "record_sha256", package->record_sha256);
    cfg_put_text(root, "files", likeness);
    cfg_put_text(root, "when", when);
    cfg_put_text(root, "how", proof->how);
    cfg_put_number(root, "bytes", proof->bytes);
    cfg_put_number(root, "milliseconds", proof->milliseconds);
    bool ok = cfg_write(&config, kept, name, 0600, err);
    config_destroy(&config);
    return ok;
}

bool package_proof_note(const char *memory, const struct package *package, int directory,
                        const char *likeness, const struct package_proof *proof, struct error *err)
{
    CLEANUP_FREE char *now = NULL;
    CLEANUP_FD int kept = -1;
    if (!memory || !likeness)
        return true;
    if (!package_proof_liken(directory, &now, err))
        return false;
    if (strcmp(likeness, now) != 0) {
        error_set(err, RETURN_FAILED, "package.touched",
                  "%s was changed while it was verified: the verification is not remembered", package->path);
        return error_next(err, "Find out what writes to it, then verify it again.");
    }
    if (!fs_make_directories(memory, 0700, err) || !fs_open_directory(AT_FDCWD, memory, &kept, err))
        return false;
    CLEANUP_FREE char *name = name_of(package, directory);
    bool ok = write_proof(kept, name, package, likeness, proof, err);
    if (ok && strcmp(proof->how, PROOF_HOW_VERIFY) == 0)
        ok = write_proof(kept, LAST, package, likeness, proof, err);
    forget_oldest(kept);
    return ok;
}

uint64_t package_proof_rate(const char *memory)
{
    config_t config;
    struct error ignored = {0};
    CLEANUP_FD int kept = -1;
    struct package_proof proof = {0};
    if (!memory || !fs_open_directory(AT_FDCWD, memory, &kept, &ignored))
        return 0;
    if (cfg_read(&config, kept, LAST, CFG_LIMIT_SMALL, &ignored))
        read_proof(config_root_setting(&config), &proof);
    config_destroy(&config);
    return proof.milliseconds > 0 ? (uint64_t)((double)proof.bytes * 1000.0 / (double)proof.milliseconds) : 0;
}
