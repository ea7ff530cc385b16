#include "core/export/verify/verify.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/export/verify/map.h"
#include "core/export/verify/reads.h"
#include "core/image/image.h"
#include "core/image/qemu_img.h"
#include "core/job/workers.h"
#include "core/system/fs.h"

/* By the file's real path and stored names: this is what stock QEMU will do with it. */
static bool check_image(const struct verify_spec *spec, struct error *err)
{
    if (spec->chain[0].format != DISK_FORMAT_QCOW2)
        return true;
    const char *argv[] = {"qemu-img", "check", "-q", "-f", "qcow2", "--", spec->path, NULL};
    struct qemu_img tool = {.argv = argv, .job = spec->halt->job};
    return qemu_img_run(&tool, "export.verify", err) == 0 || error_context(err, "%s", spec->label);
}

/* The stored name, taken from the image's own place, has to lead to the base package's file. */
static bool check_base(const struct verify_spec *spec, struct error *err)
{
    if (spec->chain[0].format != DISK_FORMAT_QCOW2)
        return true;
    struct image_info info = {0};
    if (!image_inspect(spec->chain[0].fd, DISK_FORMAT_QCOW2, spec->path, &info, err))
        return false;
    bool ok = !info.backing_name == (spec->chain_count == 1);
    if (ok && info.backing_name) {
        const char *slash = strrchr(spec->path, '/');
        CLEANUP_FREE char *base =
            mem_format("%.*s/%s", (int)(slash - spec->path), spec->path, info.backing_name);
        struct stat named;
        struct stat known;
        ok = stat(base, &named) == 0 && fstat(spec->chain[1].fd, &known) == 0 &&
             named.st_dev == known.st_dev && named.st_ino == known.st_ino;
    }
    image_info_clear(&info);
    if (ok)
        return true;
    return error_set(err, RETURN_FAILED, "export.verify",
                     "%s: the written image does not lead to the base package's disk", spec->label);
}

/* Nobody has written to it since it was held against the point. */
static bool check_untouched(const struct verify_spec *spec, struct error *err)
{
    struct stat now;
    const struct stat *then = spec->as_read;
    if (fstat(spec->chain[0].fd, &now) != 0)
        return error_errno(err, errno, "export.verify", "cannot look at %s", spec->path);
    if (!then || fs_is_untouched(then, &now))
        return true;
    return error_set(err, RETURN_FAILED, "export.verify",
                     "%s: the written image differs from what was read at the point: something else has "
                     "written to it",
                     spec->label);
}

static bool check_map(const struct verify_spec *spec, struct error *err)
{
    return spec->chain[0].format != DISK_FORMAT_QCOW2 || verify_map(spec, err);
}

struct proof {
    const struct verify_spec *spec;
    _Atomic unsigned next;
};

/* Side by side, since most of each is QEMU's start. */
static bool prove(void *context, struct error *err)
{
    static bool (*const parts[])(const struct verify_spec *spec,
                                 struct error *err) = {check_map, verify_reads, check_image};
    struct proof *proof = context;
    unsigned part;
    while ((part = atomic_fetch_add(&proof->next, 1)) < ARRAY_LENGTH(parts)) {
        if (!parts[part](proof->spec, err))
            return false;
    }
    return true;
}

bool verify_disk(const struct verify_spec *spec, struct error *err)
{
    struct proof proof = {.spec = spec};
    bool ok =
        check_untouched(spec, err) && check_base(spec, err) && workers_run(3, prove, &proof, spec->halt, err);
    return ok ||
           error_advise(err, "The storage or the memory of this machine may be failing: look at the system's "
                             "log, then export again.");
}
