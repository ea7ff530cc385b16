#include "core/host/libvirt/change/merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/definition/domain_xml.h"
#include "core/host/layers/layers.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/live/block_job.h"
#include "core/host/libvirt/machine/machine.h"
#include "core/system/fs.h"

static bool check_active(const struct merge *merge, const char *active, struct error *err)
{
    struct machine record;
    const struct disk *disk = NULL;
    if (!store_read_machine(merge->store, &merge->machine_id, &record, err))
        return false;
    for (size_t i = 0; i < record.disk_count; i++) {
        if (guid_equal(&record.disks[i].uuid, &merge->disk_uuid))
            disk = &record.disks[i];
    }
    bool ok = merge_check_active(merge, disk, active, err);
    machine_clear(&record);
    return ok;
}

#define NOWHERE SIZE_MAX

static size_t place_of(const struct disk *disk, const char *path)
{
    if (strcmp(disk->path, path) == 0)
        return 0;
    for (size_t i = 0; i < disk->backing_count; i++) {
        if (strcmp(disk->backing[i].path, path) == 0)
            return i + 1;
    }
    return NOWHERE;
}

static bool give_write(const char *path, struct error *err)
{
    struct stat status;
    CLEANUP_FD int fd = open(path, LAYER_OPEN_FLAGS);
    return (fd >= 0 && fstat(fd, &status) == 0 && fchmod(fd, (status.st_mode & 07777) | S_IWUSR) == 0) ||
           error_errno(err, errno, "point.layer", "cannot make %s writable", path);
}

static bool set_mode(const char *path, mode_t mode, struct error *err)
{
    CLEANUP_FD int fd = open(path, LAYER_OPEN_FLAGS);
    return (fd >= 0 && fchmod(fd, mode & 07777) == 0) ||
           error_errno(err, errno, "point.layer", "cannot set the mode of %s", path);
}

/* One that we began before a crash, which QEMU went on with; another one's is not touched. */
static bool settle_old_job(const struct merge *merge, const struct block_job *job, const char *now,
                           struct error *err)
{
    CLEANUP_FREE char *mirror = NULL;
    int type = 0;
    if (!block_job_find(job, &type, err) || !domain_xml_mirror(now, merge->disk_id, &mirror, err))
        return false;
    if (type == 0 && !mirror)
        return true;
    bool active = mirror && strcmp(mirror, merge->lower) == 0;
    bool ours = active || (!mirror && type == VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT);
    if (ours && merge->after_crash)
        return block_job_follow(job, active, err);
    error_set(err, RETURN_IN_USE, "point.block-job", "%s: another block job works on the disk", merge->label);
    return error_next(err, "Let it end (virsh blockjob %s %s shows it), then try again.", merge->machine_name,
                      merge->disk_id);
}

struct places {
    size_t upper;
    size_t lower;
    char *above; /* what lies on the upper file; NULL: nothing */
    char *first; /* what the machine writes to */
};

static void places_clear(struct places *places)
{
    free(places->above);
    free(places->first);
}

static bool find_places(virDomainPtr domain, const struct merge *merge, struct places *places,
                        struct error *err)
{
    struct disk disk;
    *places = (struct places){0};
    if (!host_machine_read_disk(domain, DOMAIN_TEXT_NOW, merge->disk_id, &disk, err))
        return false;
    if (disk.path) {
        places->upper = place_of(&disk, merge->upper);
        places->lower = place_of(&disk, merge->lower);
        size_t on = places->upper != NOWHERE ? places->upper : places->lower;
        if (on != NOWHERE && on > 0)
            places->above = mem_strdup(on == 1 ? disk.path : disk.backing[on - 2].path);
        places->first = mem_strdup(disk.path);
    }
    disk_clear(&disk);
    if (places->first)
        return true;
    error_set(err, RETURN_INVALID_STATE, "point.disk-gone", "the running machine %s has no disk %s",
              merge->machine_name, merge->disk_id);
    return error_next(err, "Attach the disk again, or shut the machine down, then try again.");
}

/* Below what the machine has open no file is looked for: qemu has it, whatever its name says now. */
static bool commit_live(const struct merge *merge, const struct block_job *job, const struct places *places,
                        struct error *err)
{
    struct stat above;
    bool has_above = places->above && lstat(places->above, &above) == 0;
    if (!give_write(merge->lower, err) || !give_write(merge->upper, err) ||
        (has_above && !give_write(places->above, err)))
        return false;
    bool ok = block_job_commit(job, places->upper == 0 ? NULL : merge->upper, merge->lower, err);
    struct error ignored;
    if (has_above && !set_mode(places->above, above.st_mode, ok ? err : &ignored))
        return false;
    return ok;
}

static bool merge_live(struct merge *merge, virDomainPtr domain, struct error *err)
{
    const struct block_job job = {
        .domain = domain, .disk = merge->disk_id, .label = merge->label, .watch = merge->watch};
    struct places places;
    CLEANUP_FREE char *now = NULL;
    if (!domain_read(domain, DOMAIN_TEXT_NOW, &now, err) || !settle_old_job(merge, &job, now, err) ||
        !find_places(domain, merge, &places, err))
        return false;
    bool ok = check_active(merge, places.first, err);
    if (ok && (places.lower == NOWHERE || (places.upper != NOWHERE && places.lower != places.upper + 1)))
        ok = merge_not_as_it_was(merge, places.first, err);
    if (ok && places.upper != NOWHERE) {
        ok = commit_live(merge, &job, &places, err);
        places_clear(&places);
        /* Whether it came off is seen in the chain. */
        if (!ok || !find_places(domain, merge, &places, err))
            return false;
        if (places.upper != NOWHERE || places.lower == NOWHERE) {
            error_set(err, RETURN_FAILED, "point.block-job", "%s: QEMU did not merge its files",
                      merge->label);
            ok = error_next(err, "See QEMU's log of the machine (/var/log/libvirt/qemu), then run \"refpoint "
                                 "store check\".");
        }
    }
    if (ok) {
        merge->active = places.lower == 0;
        mem_replace(&merge->above, places.lower == 0 ? NULL : places.above);
        ok = !merge->active || set_mode(merge->lower, merge->upper_was.mode, err);
    }
    ok = ok && host_machine_redefine_disk(merge->connect, domain, merge->disk_id, places.first,
                                          merge->active ? merge->lower_format : DISK_FORMAT_QCOW2, err);
    places_clear(&places);
    return ok && merge_remove_upper(merge, err);
}

bool merge_run(struct merge *merge, struct error *err)
{
    enum machine_state state;
    struct error absent = {0};
    struct disk disk;
    CLEANUP_DOMAIN virDomainPtr domain =
        domain_find(merge->connect, &merge->machine_id, merge->machine_name, &absent);
    if (!domain && strcmp(absent.key, "machine.gone") != 0) {
        *err = absent;
        return false;
    }
    if (!domain)
        return merge_off(merge, NULL, NULL, err);
    if (!domain_state(domain, &state, err))
        return false;
    if (domain_state_is_active(state))
        return merge_live(merge, domain, err);
    /* By its definition, what it goes on with at its next start. */
    if (!host_machine_read_disk(domain, DOMAIN_TEXT_NEXT, merge->disk_id, &disk, err))
        return false;
    bool ok = merge_off(merge, domain, disk.path, err);
    disk_clear(&disk);
    return ok;
}
