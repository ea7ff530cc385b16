#include "tests/unit/support/served/served_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/units.h"

#define WRITE_LIMIT ((uint64_t)200 << 10)

uint64_t dice_roll(struct dice *dice, uint64_t limit)
{
    dice->state = dice->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (dice->state >> 33) % limit;
}

static void attach_guest(struct served_disk *disk)
{
    struct error err = {0};
    storage_daemon_do(&disk->daemon,
                      "{'execute':'block-export-add','arguments':{'type':'nbd','id':'guest','node-name':"
                      "'disk','name':'guest','writable':true}}");
    struct nbd_client_spec spec = {
        .socket = disk->daemon.socket, .export_name = "guest", .label = "the guest"};
    if (!nbd_client_open(&spec, &disk->guest, &err))
        fail_msg("%s: %s", err.what, err.cause);
    disk->size = nbd_client_size(disk->guest);
}

static void detach(struct served_disk *disk, const char *id)
{
    storage_daemon_do(&disk->daemon, "{'execute':'block-export-del','arguments':{'id':'%s','mode':'hard'}}",
                      id);
}

void served_disk_open(struct served_disk *disk, const char *directory, const char *format)
{
    *disk = (struct served_disk){.directory = directory, .granularity = 64 * KIB};
    storage_daemon_start(&disk->daemon, directory);
    storage_daemon_do(&disk->daemon,
                      "{'execute':'blockdev-add','arguments':{'driver':'%s','node-name':'disk','discard':"
                      "'unmap','file':{'driver':'file','filename':'disk','discard':'unmap'}}}",
                      format);
    attach_guest(disk);
}

void served_disk_close(struct served_disk *disk)
{
    nbd_client_close(disk->guest);
    storage_daemon_kill(&disk->daemon);
}

void served_disk_resize(struct served_disk *disk, uint64_t size)
{
    nbd_client_close(disk->guest);
    detach(disk, "guest");
    storage_daemon_do(&disk->daemon,
                      "{'execute':'block_resize','arguments':{'node-name':'disk','size':%llu}}",
                      (unsigned long long)size);
    attach_guest(disk);
    assert_int_equal(disk->size, size_whole_sectors(size));
}

/* As libvirt does it: an image of nothing over the disk, into which the old content goes before it is
 * overwritten. */
static char *begin_backup(struct served_disk *disk)
{
    CLEANUP_FREE char *create = mem_format("qemu-img create -q -f qcow2 '%s/scratch' %llu", disk->directory,
                                           (unsigned long long)disk->size);
    assert_int_equal(system(create), 0); // NOLINT: test code, fixed commands
    storage_daemon_do(&disk->daemon,
                      "{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'scratch','file':"
                      "{'driver':'file','filename':'scratch'},'backing':'disk'}}");
    return mem_strdup(",{'type':'blockdev-backup','data':{'job-id':'point','device':'disk','target':"
                      "'scratch','sync':'none'}}");
}

void served_disk_point(struct served_disk *disk, bool backup)
{
    unsigned now = ++disk->points;
    disk->backup = backup;
    CLEANUP_FREE char *begin = backup ? begin_backup(disk) : mem_strdup("");
    CLEANUP_FREE char *last = mem_format("b%u", now - 1);
    CLEANUP_FREE char *stop =
        now == 1
            ? mem_strdup("")
            : mem_format("{'type':'block-dirty-bitmap-disable','data':{'node':'disk','name':'%s'}},", last);
    storage_daemon_do(&disk->daemon,
                      "{'execute':'transaction','arguments':{'actions':[%s{'type':'block-dirty-bitmap-add',"
                      "'data':{'node':'disk','name':'b%u','granularity':%llu}}%s]}}",
                      stop, now, (unsigned long long)disk->granularity, begin);
    CLEANUP_FREE char *bitmaps =
        now == 1 ? mem_strdup("") : mem_format(",'bitmaps':[{'node':'disk','name':'%s'}]", last);
    storage_daemon_do(&disk->daemon,
                      "{'execute':'block-export-add','arguments':{'type':'nbd','id':'vda','node-name':'%s',"
                      "'name':'vda'%s}}",
                      backup ? "scratch" : "disk", bitmaps);
    snprintf(disk->changes, sizeof disk->changes, "qemu:dirty-bitmap:%s", last);
}

void served_disk_end_point(struct served_disk *disk)
{
    detach(disk, "vda");
    unsigned long gone = disk->daemon.jobs_gone;
    if (disk->backup) {
        storage_daemon_do(&disk->daemon,
                          "{'execute':'block-job-cancel','arguments':{'device':'point','force':true}}");
        storage_daemon_wait_jobs(&disk->daemon, gone + 1);
        storage_daemon_do(&disk->daemon, "{'execute':'blockdev-del','arguments':{'node-name':'scratch'}}");
    }
    if (disk->points > 1)
        storage_daemon_do(&disk->daemon,
                          "{'execute':'block-dirty-bitmap-remove','arguments':{'node':'disk','name':'b%u'}}",
                          disk->points - 1);
}

struct served_write served_disk_write(struct served_disk *disk, struct dice *dice)
{
    static unsigned char bytes[WRITE_LIMIT];
    struct error err = {0};
    struct served_write write = {.offset = dice_roll(dice, disk->size),
                                 .length = 1 + dice_roll(dice, dice_roll(dice, 3) ? 5000 : WRITE_LIMIT)};
    uint64_t boundary = (uint64_t)1 << dice_roll(dice, 17); /* up to whole clusters of 64 KiB */
    write.offset -= write.offset % boundary;
    write.length = (write.length + boundary - 1) / boundary * boundary;
    write.length = write.length < WRITE_LIMIT ? write.length : WRITE_LIMIT;
    if (write.length > disk->size - write.offset)
        write.length = disk->size - write.offset;
    bool ok = false;
    switch (dice_roll(dice, 4)) {
    case 0:
        ok = nbd_client_zero(disk->guest, write.length, write.offset, &err);
        break;
    case 1:
        ok = nbd_client_trim(disk->guest, write.length, write.offset, &err);
        break;
    default:
        memset(bytes, (int)dice_roll(dice, 5), (size_t)write.length);
        ok = nbd_client_write(disk->guest, bytes, (size_t)write.length, write.offset, &err);
    }
    if (!ok)
        fail_msg("%s: %s", err.what, err.cause);
    return write;
}

unsigned char *served_disk_read(struct served_disk *disk)
{
    unsigned char *bytes = mem_alloc((size_t)disk->size + 1);
    struct error err = {0};
    for (uint64_t at = 0; at < disk->size; at += MIB) {
        size_t step = disk->size - at < MIB ? (size_t)(disk->size - at) : (size_t)MIB;
        if (!nbd_client_read(disk->guest, bytes + at, step, at, &err))
            fail_msg("%s: %s", err.what, err.cause);
    }
    return bytes;
}
