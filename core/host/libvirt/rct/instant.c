/* The instant of an RCT based point, and what is taken down after it. */
#include <errno.h>
#include <fcntl.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/definition/domain_xml.h"
#include "core/host/layers/freeze/freeze_files.h"
#include "core/host/layers/layers.h"
#include "core/host/libvirt/live/window.h"
#include "core/host/libvirt/rct/backup.h"
#include "core/host/libvirt/rct/checkpoint.h"
#include "core/host/libvirt/rct/files.h"
#include "core/host/libvirt/rct/off.h"
#include "core/host/libvirt/rct/retired.h"
#include "core/host/libvirt/rct/work.h"
#include "core/system/fs.h"

#define WINDOW_LIMIT_MS 4000

bool rct_journal_write(struct rct_work *work, struct error *err)
{
    const struct reference_point *point = &work->frame.point;
    struct work_head head = {.operation = WORK_EXPORT_LIVE,
                             .point = {.point_id = point->id, .collection_id = point->collection_id}};
    config_t config;
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    work_head_set_machines(&head, point);
    work_head_to_cfg(&head, root);
    cfg_put_text(root, "point_name", point->name);
    cfg_put_text(root, "directory", work->place.here);
    if (work->account)
        cfg_put_text(root, "directory_there", work->place.there);
    config_setting_t *scratch = cfg_put_list(root, "scratch");
    for (size_t i = 0; i < work->count; i++) {
        if (work->disks[i].scratch)
            config_setting_set_string(config_setting_add(scratch, NULL, CONFIG_TYPE_STRING),
                                      work->disks[i].scratch);
    }
    bool ok = work_journal_write(work->live->store, &point->id, &config, err);
    config_destroy(&config);
    work_head_clear(&head);
    CLEANUP_FREE char *path = work_journal_path(work->live->store, &point->id);
    if (!ok)
        return false;
    if (!work_journal_open(work->live->store, &point->id, &work->pin, err))
        return false;
    return flock(work->pin, LOCK_EX | LOCK_NB) == 0 ||
           error_errno(err, errno, "store.journal", "cannot lock %s", path);
}

struct member_texts {
    char *text;
    char *checkpoint;
};

static bool describe(const struct rct_work *work, size_t member, bool serve, struct member_texts *texts,
                     struct error *err)
{
    CLEANUP_FREE char *now = NULL;
    CLEANUP_FREE char *socket = serve ? place_socket_there(&work->place, member) : NULL;
    CLEANUP_FREE const char **names = mem_alloc((work->count + 1) * sizeof *names);
    struct backup backup = {.socket = socket, .base = work->base_checkpoint};
    char **ids = NULL;
    size_t id_count = 0;
    size_t name_count = 0;
    if (!domain_read(work->members.items[member].domain, DOMAIN_TEXT_NOW, &now, err) ||
        !domain_xml_disk_ids(now, NULL, &ids, &id_count, err))
        return false;
    for (size_t i = 0; i < work->count; i++) {
        const struct rct_disk *disk = &work->disks[i];
        const struct disk_point *record = &work->frame.point.members[disk->member].disks[disk->disk];
        if (disk->member != member)
            continue;
        /* Raw images have nowhere to keep marks: they are served, and go in full each time. */
        if (disk->marks)
            names[name_count++] = record->disk_id;
        *ARRAY_APPEND(backup.disks, backup.count) = (struct backup_disk){
            .id = record->disk_id, .incremental = disk->incremental, .scratch = mem_strdup(disk->scratch)};
    }
    texts->text = serve ? backup_describe(&backup, ids, id_count) : NULL;
    texts->checkpoint =
        name_count > 0 ? checkpoint_describe(work->checkpoint, ids, id_count, names, name_count) : NULL;
    backup_clear(&backup);
    fs_free_names(ids, id_count);
    return true;
}

static size_t join(const struct rct_work *work, bool serve, const struct member_texts *texts,
                   struct window_member *members)
{
    size_t count = 0;
    bool application = work->frame.point.consistency_asked == CONSISTENCY_APPLICATION;
    for (size_t i = 0; i < work->members.count; i++) {
        const struct machine *machine = &work->frame.point.members[i].machine;
        bool running = machine->state == MACHINE_STATE_RUNNING;
        if (!rct_is_live(work, i))
            continue;
        members[count++] = (struct window_member){.domain = work->members.items[i].domain,
                                                  .name = machine->name,
                                                  .act = serve ? WINDOW_BACKUP : WINDOW_CHECKPOINT,
                                                  .text = texts[i].text,
                                                  .checkpoint = texts[i].checkpoint,
                                                  .pause = running,
                                                  .quiesce = application && running,
                                                  .may_fail_to_quiesce = work->allow_crash};
    }
    return count;
}

/* A machine that is off is at rest. */
static void take_results(struct rct_work *work, const struct window_member *members)
{
    struct reference_point *point = &work->frame.point;
    bool asked = point->consistency_asked == CONSISTENCY_APPLICATION;
    bool application = asked;
    for (size_t i = 0, joined = 0; i < point->member_count; i++) {
        struct member_point *member = &point->members[i];
        const struct window_member *ran = rct_is_live(work, i) ? &members[joined++] : NULL;
        member->paused = ran ? ran->paused_us : 0;
        member->consistency_level =
            (ran ? ran->quiesced : asked) ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
        application = application && member->consistency_level == CONSISTENCY_APPLICATION;
    }
    point->consistency_level = application ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
    point->created = moment_now();
}

static bool end_serving(const struct rct_work *work, size_t member, struct error *err)
{
    const struct machine *machine = &work->frame.point.members[member].machine;
    struct error absent = {0};
    CLEANUP_FREE char *socket = place_socket_there(&work->place, member);
    CLEANUP_DOMAIN virDomainPtr domain =
        domain_find(work->live->connect, &machine->id, machine->name, &absent);
    if (!domain) {
        *err = absent;
        return strcmp(absent.key, "machine.gone") == 0;
    }
    return backup_end(domain, socket, err);
}

/* All that can be, whatever fails. */
static bool end_serving_all(const struct rct_work *work, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; work->place.there && i < work->frame.point.member_count; i++) {
        struct error failed = {0};
        if (end_serving(work, i, &failed))
            continue;
        if (ok)
            *err = failed;
        ok = false;
    }
    return ok;
}

static bool retire(const struct rct_work *work, struct error *err)
{
    CLEANUP_FREE struct guid *machines = NULL;
    size_t count = 0;
    for (size_t i = 0; i < work->frame.point.member_count; i++)
        *ARRAY_APPEND(machines, count) = work->frame.point.members[i].machine.id;
    return retired_add(work->live, &work->frame.point.id, machines, count, err);
}

static bool run_window(struct rct_work *work, bool serve, struct error *err)
{
    size_t count = work->members.count;
    CLEANUP_FREE struct member_texts *texts = mem_alloc(count * sizeof *texts);
    CLEANUP_FREE struct window_member *members = mem_alloc(count * sizeof *members);
    CLEANUP_FREE char *lock = mem_format("%s/guardian", work->live->store->path);
    struct window window = {.members = members,
                            .uri = connection_uri(work->live->connection),
                            .lock = lock,
                            .limit_ms = WINDOW_LIMIT_MS};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = !rct_is_live(work, i) || describe(work, i, serve, &texts[i], err);
    if (ok) {
        window.count = join(work, serve, texts, members);
        ok = files_are_still(work, err) && (window.count == 0 || window_run(&window, err)) &&
             off_hold(work, err);
    }
    if (ok)
        take_results(work, members);
    for (size_t i = 0; i < count; i++) {
        free(texts[i].text);
        free(texts[i].checkpoint);
    }
    return ok;
}

/* A daemon that has checked no description before makes its checker ready, and two calls at once may find it
 * half made (libxml2, as libvirt 9.0 uses it). The next ones find it whole. */
static bool met_half_made_checker(const struct error *err)
{
    return strstr(err->cause, "Unable to parse RNG") != NULL;
}

static bool delete_running(const struct rct_work *work, struct error *err)
{
    for (size_t i = 0; i < work->members.count; i++) {
        if (rct_is_live(work, i) && !checkpoint_delete(work->members.items[i].domain, work->checkpoint, err))
            return false;
    }
    return true;
}

bool rct_window(struct rct_work *work, bool serve, struct error *err)
{
    struct error ignored = {0};
    if (!off_mark(work, serve, err))
        return false;
    if (run_window(work, serve, err))
        return true;
    return met_half_made_checker(err) && end_serving_all(work, &ignored) && delete_running(work, &ignored) &&
           run_window(work, serve, err);
}

bool rct_take_down(struct rct_work *work, bool keep_checkpoints, struct error *err)
{
    bool ok = end_serving_all(work, err) && (keep_checkpoints || retire(work, err));
    /* libvirt removes scratch files with the backup, but not where it died itself. */
    for (size_t i = 0; ok && i < work->count; i++) {
        if (!work->account && work->disks[i].scratch && path_is_layer(work->disks[i].scratch))
            (void)unlink(work->disks[i].scratch);
    }
    return ok && place_remove(work->account, work->frame.point.member_count, &work->place, err);
}
