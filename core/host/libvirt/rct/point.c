/* RCT based points made alone, destroyed, and what a crash left of either or of an export. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/libvirt/rct/checkpoint.h"
#include "core/host/libvirt/rct/retired.h"
#include "core/host/libvirt/rct/work.h"

static bool make(struct rct_work *work, const struct point_request *request, struct error *err)
{
    const struct object_path none = {0};
    struct error while_undoing = {0};
    if (!rct_plan(work, request, &none, err) || !rct_journal_write(work, err))
        return false;
    if (rct_window(work, false, err)) {
        /* From here on the point is there: nothing but its record is missing. */
        return store_write_point(work->live->store, &work->frame.point, err) &&
               work_journal_remove(work->live->store, &work->frame.point.id, err);
    }
    if (!rct_take_down(work, false, &while_undoing) ||
        !work_journal_remove(work->live->store, &work->frame.point.id, &while_undoing)) {
        error_begun(err);
        error_next(err, "It could not all be taken back yet (%s). Run \"refpoint store check\".",
                   while_undoing.what);
    }
    return false;
}

uint32_t rct_create_point(const struct live *live, const struct point_request *request,
                          struct reference_point *made, struct error *err)
{
    struct rct_work work = {.live = live, .frame = {.store = live->store, .keep_names = true}, .pin = -1};
    bool ok = make(&work, request, err);
    if (ok)
        reference_point_copy(made, &work.frame.point);
    rct_work_clear(&work);
    return ok ? RETURN_DONE : err->code;
}

uint32_t rct_destroy_point(const struct live *live, const struct reference_point *point, struct error *err)
{
    const struct object_path path = {.point_id = point->id, .collection_id = point->collection_id};
    CLEANUP_FREE struct guid *machines = NULL;
    size_t count = 0;
    for (size_t i = 0; i < point->member_count; i++)
        *ARRAY_APPEND(machines, count) = point->members[i].machine.id;
    return retired_add(live, &point->id, machines, count, err) && store_hide_point(live->store, &path, err) &&
                   store_remove_point(live->store, &path, err)
               ? RETURN_DONE
               : err->code;
}

/* Somebody holds it: the work is alive. */
static bool is_alive(const struct store *store, const struct guid *id)
{
    struct error ignored;
    CLEANUP_FD int fd = -1;
    return work_journal_open(store, id, &fd, &ignored) && flock(fd, LOCK_EX | LOCK_NB) != 0 &&
           errno == EWOULDBLOCK;
}

static void read_scratch(struct rct_work *work, const config_setting_t *root)
{
    unsigned count = 0;
    const config_setting_t *list = cfg_get_list(root, "scratch", &count);
    for (unsigned i = 0; i < count; i++) {
        const char *path = config_setting_get_string_elem(list, (int)i);
        if (path && *path == '/')
            ARRAY_APPEND(work->disks, work->count)->scratch = mem_strdup(path);
    }
}

bool rct_recover(const struct live *live, const config_setting_t *root, struct findings *findings,
                 struct error *err)
{
    struct work_head head = {0};
    struct rct_work work = {.live = live, .frame = {.store = live->store, .keep_names = true}, .pin = -1};
    if (!work_head_from_cfg(&head, root, err))
        return false;
    if (is_alive(live->store, &head.point.point_id)) {
        work_head_clear(&head);
        return true;
    }
    struct reference_point *point = &work.frame.point;
    point->id = head.point.point_id;
    point->name = mem_strdup(cfg_get_text(root, "point_name", ""));
    work.account = account_of(connection_uri(live->connection));
    work.place.here = mem_strdup(cfg_get_text(root, "directory", NULL));
    work.place.there = mem_strdup(cfg_get_text(root, work.account ? "directory_there" : "directory", NULL));
    work.checkpoint = checkpoint_name(&point->id);
    for (size_t i = 0; i < head.machine_count; i++) {
        struct member_point *member = ARRAY_APPEND(point->members, point->member_count);
        member->machine.id = head.machines[i];
        member->machine.name = mem_strdup(head.machines[i].text);
    }
    read_scratch(&work, root);
    /* It was recorded before its journal went: then the point is there. */
    struct reference_point recorded = {0};
    struct error absent;
    bool there = store_read_point(live->store, &head.point, &recorded, &absent);
    reference_point_clear(&recorded);
    bool ok = rct_take_down(&work, there, err) && work_journal_remove(live->store, &point->id, err);
    if (ok)
        findings_add(
            findings,
            there ? "the reference point %s was unfinished and has been completed"
                  : "the export of running machines as %s was interrupted: it has been taken down, and "
                    "there is no such point",
            point->name);
    work_head_clear(&head);
    rct_work_clear(&work);
    return ok;
}
