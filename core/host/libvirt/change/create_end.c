/* How the making of a point ends, with a point or without: at once, or after a crash by its journal. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/libvirt/change/create.h"
#include "core/host/libvirt/change/merge.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/machine/machine.h"

/* What libvirt wrote into the definition about the chain goes: it would be believed instead of the files. */
static bool redefine_disk(const struct live *live, virDomainPtr domain, const char *id, const char *path,
                          struct error *err)
{
    struct disk disk;
    if (!host_machine_read_disk(domain, DOMAIN_TEXT_NEXT, id, &disk, err))
        return false;
    /* Somebody may have put another file above it meanwhile: that is told when the machine is next looked at.
     */
    bool as_left = disk.path && strcmp(disk.path, path) == 0;
    disk_clear(&disk);
    return !as_left || host_machine_redefine_disk(live->connect, domain, id, path, DISK_FORMAT_QCOW2, err);
}

static bool redefine_member(const struct live *live, const struct freeze_work *work, size_t member,
                            struct error *err)
{
    const struct machine *machine = &work->point.members[member].machine;
    struct error absent = {0};
    CLEANUP_DOMAIN virDomainPtr domain = domain_find(live->connect, &machine->id, machine->name, &absent);
    if (!domain) {
        *err = absent;
        return strcmp(absent.key, "machine.gone") == 0; /* there is nothing to define */
    }
    for (size_t i = 0; i < work->count; i++) {
        const struct freeze_disk *disk = &work->disks[i];
        if (disk->member == member &&
            !redefine_disk(live, domain, freeze_disk_before(work, disk)->id, disk->overlay, err))
            return false;
    }
    return true;
}

bool create_finish(const struct live *live, struct freeze_work *work, struct error *err)
{
    for (size_t i = 0; i < work->point.member_count; i++) {
        if (!redefine_member(live, work, i, err))
            return false;
    }
    return freeze_finish(work, err);
}

static bool take_back_disk(const struct live *live, const struct freeze_work *work,
                           const struct freeze_disk *disk, bool after_crash, struct error *err)
{
    struct stat status;
    const struct machine *machine = &work->point.members[disk->member].machine;
    const struct disk *before = freeze_disk_before(work, disk);
    CLEANUP_FREE char *label = freeze_disk_label(work, disk);
    struct merge merge = {.store = work->store,
                          .connect = live->connect,
                          .label = label,
                          .point_name = work->point.name,
                          .machine_id = machine->id,
                          .machine_name = machine->name,
                          .disk_id = before->id,
                          .disk_uuid = before->uuid,
                          .lower = disk->image,
                          .lower_format = before->format,
                          .lower_was = disk->original,
                          .upper = disk->overlay,
                          .upper_was = disk->replacing,
                          .after_crash = after_crash};
    /* It had not been made, or it is gone again. */
    if (lstat(disk->overlay, &status) != 0 && errno == ENOENT)
        return true;
    /* Made, and not yet known to the journal: nobody has it. */
    if (merge.upper_was.inode == 0)
        return unlink(disk->overlay) == 0 ||
               error_errno(err, errno, "point.undo", "cannot remove %s", disk->overlay);
    merge.upper_was.mode = disk->original.mode;
    bool ok = merge_run(&merge, err);
    free(merge.above);
    return ok;
}

bool create_take_back(const struct live *live, struct freeze_work *work, bool after_crash, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < work->count; i++) {
        struct error failed = {0};
        if (take_back_disk(live, work, &work->disks[i], after_crash, &failed))
            continue;
        /* The other disks are still taken back. */
        if (ok)
            *err = failed;
        ok = false;
    }
    return ok && work_journal_remove(work->store, &work->point.id, err);
}

/* The journal has the machines without their definitions. */
static bool read_definitions(struct freeze_work *work, struct error *err)
{
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

/* Ran before the point, and stand still by somebody's call: the one that died, with its guardian. */
static void resume_members(const struct live *live, const struct freeze_work *work, struct findings *findings)
{
    for (size_t i = 0; i < work->point.member_count; i++) {
        const struct machine *machine = &work->point.members[i].machine;
        struct error ignored;
        int state = 0;
        int reason = 0;
        CLEANUP_DOMAIN virDomainPtr domain =
            machine->state == MACHINE_STATE_RUNNING
                ? domain_find(live->connect, &machine->id, machine->name, &ignored)
                : NULL;
        if (domain && libvirt()->virDomainGetState(domain, &state, &reason, 0) == 0 &&
            state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_USER &&
            libvirt()->virDomainResume(domain) == 0)
            findings_add(findings, "the machine %s stood still since a point was interrupted; it goes on",
                         machine->name);
    }
}

bool create_recover(const struct live *live, const config_setting_t *root, struct findings *findings,
                    struct error *err)
{
    struct freeze_work work = {.store = live->store, .keep_names = true};
    bool ok = freeze_journal_read(&work, root, err) && read_definitions(&work, err);
    if (ok && work.state == FREEZE_COMMIT) {
        ok = create_finish(live, &work, err);
        if (ok)
            findings_add(findings, "the reference point %s was unfinished and has been completed",
                         work.point.name);
    } else if (ok) {
        resume_members(live, &work, findings);
        ok = create_take_back(live, &work, true, err);
        if (ok)
            findings_add(findings, "the reference point %s had been begun; it has been taken back",
                         work.point.name);
    }
    freeze_work_clear(&work);
    return ok;
}
