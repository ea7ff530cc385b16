/* What a crash during CreateReferencePoint left, by the state in the journal (design.md, "Protocol: create"):
 *   prepared: no image was replaced. Undo.
 *   commit:   forward, if no disk has changed since; otherwise there can be no point: abort.
 *   abort:    go on with that.
 * The decision is made only when every disk can be seen. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/freeze/freeze_work.h"

enum disk_situation {
    DISK_READY,   /* not yet replaced, and as it was */
    DISK_FLIPPED, /* replaced, and the layer as it was */
    DISK_CHANGED, /* somebody wrote to the original, or has it open for writing */
    DISK_UNCLEAR, /* err says what */
};

static bool unclear(struct error *err, const char *path, const char *why)
{
    error_set(err, RETURN_INVALID_STATE, "point.unclear", "%s %s", path, why);
    return error_next(err,
                      "Nothing was changed. Bring the file system or file back, then run \"refpoint store "
                      "check\".");
}

static bool claim_original(struct freeze_disk *disk, const char *path)
{
    struct error in_use;
    struct stat status;
    disk->image_fd = openat(disk->directory_fd, path_name(path), LAYER_OPEN_FLAGS);
    return disk->image_fd >= 0 && file_claim(disk->image_fd, CLAIM_STILL, path, &in_use) &&
           fstat(disk->image_fd, &status) == 0 && file_identity_matches(&disk->original, &status);
}

static bool has_inode(const struct freeze_disk *disk, const char *path, uint64_t inode)
{
    struct stat status;
    return fstatat(disk->directory_fd, path_name(path), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           status.st_ino == inode;
}

static enum disk_situation look_at(struct freeze_disk *disk, struct error *err)
{
    struct stat image;
    if (!freeze_open_directory(disk, err))
        return DISK_UNCLEAR;
    if (fstatat(disk->directory_fd, path_name(disk->image), &image, AT_SYMLINK_NOFOLLOW) != 0)
        return unclear(err, disk->image, "is not there"), DISK_UNCLEAR;
    if (!has_inode(disk, disk->layer, disk->original.inode))
        return unclear(err, disk->layer, "is not the file that was frozen"), DISK_UNCLEAR;
    if (image.st_ino == disk->original.inode) {
        if (!has_inode(disk, disk->overlay, disk->replacing.inode))
            return unclear(err, disk->overlay, "is not the overlay that was made"), DISK_UNCLEAR;
        return claim_original(disk, disk->image) ? DISK_READY : DISK_CHANGED;
    }
    if (image.st_ino != disk->replacing.inode)
        return unclear(err, disk->image, "is neither the image nor its overlay"), DISK_UNCLEAR;
    return claim_original(disk, disk->layer) ? DISK_FLIPPED : DISK_CHANGED;
}

static bool go_forward(struct freeze_work *work, const bool *ready, struct findings *findings,
                       struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        if (ready[i] && !freeze_flip(&work->disks[i], err))
            return false;
        step_reached(work->hook, "flip", i);
    }
    for (size_t i = 0; i < work->count; i++) {
        if (!file_claim_holds(work->disks[i].image_fd, work->disks[i].image, err))
            return freeze_abort(work, findings, err);
    }
    if (!freeze_finish(work, err))
        return false;
    findings_add(findings, "the reference point %s was unfinished and has been completed", work->point.name);
    return true;
}

static bool recover_commit(struct freeze_work *work, struct findings *findings, struct error *err)
{
    CLEANUP_FREE bool *ready = mem_alloc(work->count * sizeof *ready + 1);
    bool changed = false;
    for (size_t i = 0; i < work->count; i++) {
        enum disk_situation situation = look_at(&work->disks[i], err);
        if (situation == DISK_UNCLEAR)
            return false;
        ready[i] = situation == DISK_READY;
        changed = changed || situation == DISK_CHANGED;
    }
    if (!changed)
        return go_forward(work, ready, findings, err);
    findings_add(findings,
                 "a machine ran while the reference point %s was unfinished: there is no such point",
                 work->point.name);
    return freeze_abort(work, findings, err);
}

static bool recover_prepared(struct freeze_work *work, struct findings *findings, struct error *err)
{
    if (!freeze_undo_prepared(work, err))
        return false;
    findings_add(findings, "the reference point %s had been begun; it has been undone", work->point.name);
    if (work->registration.wanted)
        findings_add(findings,
                     "the machines that were to come with it are not in the store; their imported images are "
                     "whole: \"refpoint machine add --domain-xml FILE\" adds them without the point");
    return true;
}

/* The journal has the machines without their libvirt definitions. Those that came with a point that is only
 * prepared may not be there yet, and go. */
static bool read_domains(struct freeze_work *work, struct error *err)
{
    if (work->registration.wanted && work->state == FREEZE_PREPARED)
        return true;
    for (size_t i = 0; i < work->point.member_count; i++) {
        struct machine *member = &work->point.members[i].machine;
        struct machine stored;
        if (!store_read_machine(work->store, &member->id, &stored, err))
            return false;
        mem_replace(&member->domain_xml, stored.domain_xml);
        machine_clear(&stored);
    }
    return true;
}

bool freeze_recover(const struct store *store, const config_setting_t *root, const struct step_hook *hook,
                    struct findings *findings, struct error *err)
{
    struct freeze_work work = {.store = store, .hook = hook};
    bool ok = freeze_journal_read(&work, root, err) && read_domains(&work, err);
    if (ok && work.state == FREEZE_PREPARED)
        ok = recover_prepared(&work, findings, err);
    else if (ok && work.state == FREEZE_COMMIT)
        ok = recover_commit(&work, findings, err);
    else if (ok)
        ok = freeze_abort(&work, findings, err);
    freeze_work_clear(&work);
    return ok;
}
