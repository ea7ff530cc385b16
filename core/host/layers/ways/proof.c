#include "core/host/layers/ways/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/qemu_tools.h"
#include "core/system/digest.h"
#include "core/system/fs.h"

#define WRITE_BITS 0222
#define WAYS_OUT                                                                                             \
    "Bring the frozen file back; or give the point up: \"refpoint point forget\" drops its record and "      \
    "leaves every file."

static bool is_another(struct error *err, const char *key, const char *path, const char *why)
{
    error_set(err, RETURN_INVALID_STATE, key, "%s is not what was frozen", path);
    error_cause(err, "%s", why);
    error_next(err, WAYS_OUT);
    return false;
}

static bool needs_word(struct error *err, const char *path)
{
    error_set(err, RETURN_INVALID_STATE, "layer.unproven", "%s was put there by somebody else", path);
    error_cause(err, "the store keeps no digest that would prove that it is what was frozen");
    return error_next(err, "If you know that it is a copy of the right file, give --unproven: it is taken by "
                           "your word, and the record says so.");
}

static bool cannot_open(const char *path, int reason, struct error *err)
{
    if (reason == ELOOP)
        return is_another(err, "layer.structure", path, "it is a symbolic link");
    error_errno(err, reason, "layer.missing", "cannot open %s", path);
    if (reason == ENOENT)
        error_next(err,
                   "Bring it back to its place; or tell where it is: \"refpoint machine move MACHINE --to "
                   "DIR --moved\"; or give the point up: \"refpoint point forget\".");
    return false;
}

static bool open_layer(const char *path, int *fd, struct stat *status, struct error *err)
{
    *fd = open(path, LAYER_OPEN_FLAGS);
    if (*fd < 0 || fstat(*fd, status) != 0)
        return cannot_open(path, errno, err);
    return S_ISREG(status->st_mode) || is_another(err, "layer.structure", path, "it is no regular file");
}

/* Our own look at the header first (traps.md 7). */
static bool check_structure(int fd, const struct disk_point *record, const char *path, struct error *err)
{
    struct image_info info;
    struct error why;
    if (!image_inspect(fd, record->layer_format, path, &info, &why))
        return is_another(err, "layer.structure", path, why.what);
    const char *wrong = info.virtual_size != record->virtual_size ? "its virtual size is another one"
                        : info.encrypted                          ? "it is encrypted"
                        : info.external_data_file                 ? "its data is in another file"
                        : info.corrupt || info.dirty              ? "it is damaged"
                                                                  : NULL;
    image_info_clear(&info);
    const struct qemu_layer layer = {.fd = fd, .format = record->layer_format, .claimed = true};
    if (!wrong && !qemu_check(&layer, &why))
        return is_another(err, "layer.structure", path, why.cause);
    return !wrong || is_another(err, "layer.structure", path, wrong);
}

/* As freezing left it; synced, so that what was compared is what stays. */
static bool settle(int fd, const char *path, struct stat *status, struct error *err)
{
    if ((status->st_mode & WRITE_BITS) && fchmod(fd, status->st_mode & 07777 & ~(mode_t)WRITE_BITS) != 0)
        return error_errno(err, errno, "point.layer", "cannot make %s read-only", path);
    if (!fs_sync(fd, path, err))
        return false;
    if (fstat(fd, status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", path);
    return true;
}

bool proof_of_layer(struct disk_point *record, const char *path, const struct proof_wishes *wishes,
                    enum adopted_how *how, struct error *err)
{
    CLEANUP_FD int fd = -1;
    struct stat status;
    struct stat after;
    char digest[DIGEST_TEXT];
    if (!open_layer(path, &fd, &status, err))
        return false;
    if (record->file_size != (uint64_t)status.st_size)
        return is_another(err, "layer.size", path, "it has another size");
    if (!file_claim(fd, CLAIM_STILL, path, err) || !check_structure(fd, record, path, err))
        return false;
    if (!record->content_sha256 && !wishes->unproven)
        return needs_word(err, path);
    if (!digest_file(fd, path, wishes->watch, digest, err))
        return false;
    if (record->content_sha256 && strcmp(record->content_sha256, digest) != 0)
        return is_another(err, "layer.content", path, "its content is another one");
    if (!file_claim_holds(fd, path, err))
        return false;
    after = status;
    if (!settle(fd, path, &after, err))
        return false;
    if (after.st_size != status.st_size || after.st_mtim.tv_sec != status.st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != status.st_mtim.tv_nsec) {
        error_set(err, RETURN_IN_USE, "image.in-use", "%s changes while it is read", path);
        return error_next(err, "End the program that writes to it, then try again.");
    }
    *how = record->content_sha256 ? ADOPTED_PROVEN : ADOPTED_UNPROVEN;
    if (*how == ADOPTED_UNPROVEN)
        layer_doubt(record, wishes->now);
    layer_take_identity(record, &after);
    mem_replace(&record->content_sha256, digest);
    mem_replace(&record->layer_path, path);
    return true;
}

bool proof_of_template(const struct backing_file *record, const struct proof_wishes *wishes,
                       struct stat *status, struct error *err)
{
    if (stat(record->path, status) != 0) {
        error_errno(err, errno, "layer.missing", "cannot find the template %s", record->path);
        return error_next(err, "Bring it back to its place.");
    }
    if (record->file_size != (uint64_t)status->st_size)
        return is_another(err, "layer.size", record->path, "it has another size");
    return wishes->unproven || needs_word(err, record->path);
}
