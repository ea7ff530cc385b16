/* CreateReferencePoint of machines that may run.
 *
 *   1 what the machines are now, into the store's records; everything that can be refused is refused
 *   2 journal: prepared
 *   3 a file for each disk, above its image, beside it
 *   4 the instant (live/window.h): running machines write to these files from then on
 *   5 machines that are off: their definitions name them
 *   6 journal: commit. From here on the point exists
 *   7 definitions without chains; layers read-only; the records; end of the journal
 *
 * Before 6 everything is taken back: what was written meanwhile is committed into the image. */
#include "core/host/libvirt/change/create.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/definition/domain_xml.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/freeze/freeze_files.h"
#include "core/host/layers/freeze/freeze_images.h"
#include "core/host/layers/freeze/freeze_plan.h"
#include "core/host/libvirt/change/merge.h"
#include "core/host/libvirt/live/window.h"
#include "core/host/libvirt/machine/machine.h"
#include "core/host/libvirt/machine/members.h"
#include "core/host/store/name.h"
#include "core/syntax/xml.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

#define WINDOW_LIMIT_MS 4000

struct create {
    const struct live *live;
    const struct point_request *request;
    struct freeze_work work;
    struct members members; /* as the collection's */
};

static bool plan(struct create *create, const struct collection *collection, struct error *err)
{
    struct freeze_work *work = &create->work;
    if (!members_look(create->live->store, create->live->connect, true, collection, &create->members, err))
        return false;
    return freeze_begin_point(work, create->request, collection, err) &&
           members_take_states(&create->members, &work->point, err) &&
           freeze_plan_disks(work, collection, create->request->raw_to_qcow2, err) &&
           freeze_check_images(work, create->request, err) && freeze_files_take(work, create->request, err);
}

static bool make_overlays(struct create *create, struct error *err)
{
    for (size_t i = 0; i < create->work.count; i++) {
        if (!freeze_make_overlay(&create->work, &create->work.disks[i], err))
            return false;
    }
    return true;
}

/* What is dirty in the page cache would be written while the machines stand still. */
static void write_back(const struct create *create)
{
    for (size_t i = 0; i < create->work.count; i++)
        (void)fdatasync(create->work.disks[i].image_fd);
}

static const struct freeze_disk *find_disk(const struct create *create, size_t member, const char *id)
{
    for (size_t i = 0; i < create->work.count; i++) {
        const struct freeze_disk *disk = &create->work.disks[i];
        if (disk->member == member && strcmp(freeze_disk_before(&create->work, disk)->id, id) == 0)
            return disk;
    }
    return NULL;
}

/* Every disk is named, or libvirt would take its own snapshots of those that are not. */
static bool describe_snapshot(const struct create *create, size_t member, char **text, struct error *err)
{
    CLEANUP_STRBUF struct strbuf made = {0};
    CLEANUP_FREE char *now = NULL;
    char **ids = NULL;
    size_t count = 0;
    if (!domain_read(create->members.items[member].domain, DOMAIN_TEXT_NOW, &now, err) ||
        !domain_xml_disk_ids(now, NULL, &ids, &count, err))
        return false;
    strbuf_add(&made, "<domainsnapshot><disks>");
    for (size_t i = 0; i < count; i++) {
        const struct freeze_disk *disk = find_disk(create, member, ids[i]);
        CLEANUP_FREE char *id = xml_escape(ids[i]);
        CLEANUP_FREE char *path = disk ? xml_escape(disk->overlay) : NULL;
        if (disk)
            strbuf_addf(
                &made,
                "<disk name=\"%s\" snapshot=\"external\"><driver type=\"qcow2\"/><source file=\"%s\"/>"
                "</disk>",
                id, path);
        else
            strbuf_addf(&made, "<disk name=\"%s\" snapshot=\"no\"/>", id);
    }
    strbuf_add(&made, "</disks></domainsnapshot>");
    fs_free_names(ids, count);
    *text = strbuf_take(&made);
    return true;
}

static bool join_window(struct create *create, struct window *window, size_t **places, struct error *err)
{
    size_t count = 0;
    bool application = create->request->consistency_level == CONSISTENCY_APPLICATION;
    for (size_t i = 0; i < create->members.count; i++) {
        const struct machine *machine = &create->work.point.members[i].machine;
        char *snapshot = NULL;
        if (!machine_state_is_live(machine->state))
            continue;
        if (!describe_snapshot(create, i, &snapshot, err))
            return false;
        bool running = machine->state == MACHINE_STATE_RUNNING;
        *ARRAY_APPEND(window->members, window->count) =
            (struct window_member){.domain = create->members.items[i].domain,
                                   .name = machine->name,
                                   .text = snapshot,
                                   .pause = running,
                                   .quiesce = application && running,
                                   .may_fail_to_quiesce = create->request->allow_crash};
        *ARRAY_APPEND(*places, count) = i;
    }
    return true;
}

/* A paused machine cannot be brought to rest; one that is off is at rest. */
static uint32_t level_of(const struct window_member *member)
{
    return member->quiesced ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
}

static void take_results(struct create *create, const struct window *window, const size_t *places)
{
    struct reference_point *point = &create->work.point;
    bool application = create->request->consistency_level == CONSISTENCY_APPLICATION;
    for (size_t i = 0; i < point->member_count; i++)
        point->members[i].consistency_level = application ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
    for (size_t i = 0; i < window->count; i++) {
        struct member_point *member = &point->members[places[i]];
        member->paused = window->members[i].paused_us;
        member->consistency_level = level_of(&window->members[i]);
        application = application && member->consistency_level == CONSISTENCY_APPLICATION;
    }
    point->consistency_level = application ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
}

static bool run_window(struct create *create, struct error *err)
{
    CLEANUP_FREE char *lock = mem_format("%s/guardian", create->live->store->path);
    struct window window = {
        .uri = connection_uri(create->live->connection), .lock = lock, .limit_ms = WINDOW_LIMIT_MS};
    CLEANUP_FREE size_t *places = NULL;
    bool ok = members_check_quiesce(&create->work.point, create->request->allow_crash, err) &&
              join_window(create, &window, &places, err);
    write_back(create);
    ok = ok && freeze_files_are_still(&create->work, err) && (window.count == 0 || window_run(&window, err));
    /* What a guest wrote to its variable store meanwhile is not what was copied. */
    ok = ok && freeze_files_are_still(&create->work, err);
    if (ok) {
        create->work.point.created = moment_now();
        take_results(create, &window, places);
    }
    for (size_t i = 0; i < window.count; i++) {
        union {
            const char *given;
            char *taken;
        } snapshot = {.given = window.members[i].text};
        free(snapshot.taken);
    }
    free(window.members);
    return ok;
}

/* They stand still, claimed since the plan; which file they go on with is in their definitions. */
static bool flip_those_off(struct create *create, struct error *err)
{
    const struct freeze_work *work = &create->work;
    for (size_t i = 0; i < work->count; i++) {
        const struct freeze_disk *disk = &work->disks[i];
        const struct machine *machine = &work->point.members[disk->member].machine;
        if (machine_state_is_live(machine->state))
            continue;
        if (!host_machine_redefine_disk(create->live->connect, create->members.items[disk->member].domain,
                                        freeze_disk_before(work, disk)->id, disk->overlay, DISK_FORMAT_QCOW2,
                                        err))
            return error_context(err, "machine %s", machine->name);
    }
    return true;
}

static bool still_off(const struct create *create, struct error *err)
{
    for (size_t i = 0; i < create->members.count; i++) {
        const struct machine *machine = &create->work.point.members[i].machine;
        enum machine_state state;
        if (machine_state_is_live(machine->state))
            continue;
        if (!domain_state(create->members.items[i].domain, &state, err))
            return false;
        if (state == machine->state)
            continue;
        error_set(err, RETURN_IN_USE, "machine.started", "the machine %s was started meanwhile",
                  machine->name);
        return error_next(err, "Try again.");
    }
    return true;
}

/* Whose machine is off, was written to by nobody since the plan. */
static bool claims_hold(const struct create *create, struct error *err)
{
    for (size_t i = 0; i < create->work.count; i++) {
        const struct freeze_disk *disk = &create->work.disks[i];
        if (!freeze_disk_is_live(&create->work, disk) && !file_claim_holds(disk->image_fd, disk->image, err))
            return false;
    }
    return true;
}

static bool take_back(struct create *create, struct error *err)
{
    struct error while_undoing = {0};
    /* Whether it will be needed: QEMU's locks, not ours, are to keep others away from here on. */
    for (size_t i = 0; i < create->work.count; i++)
        mem_cleanup_fd(&create->work.disks[i].image_fd);
    if (create_take_back(create->live, &create->work, false, &while_undoing))
        return false;
    error_begun(err);
    return error_next(err, "It could not all be taken back yet (%s). Run \"refpoint store check\".",
                      while_undoing.what);
}

static bool execute(struct create *create, struct error *err)
{
    struct freeze_work *work = &create->work;
    if (!freeze_journal_write(work, err))
        return take_back(create, err);
    if (!make_overlays(create, err) || !freeze_journal_write(work, err) || !run_window(create, err) ||
        !still_off(create, err) || !claims_hold(create, err) || !flip_those_off(create, err))
        return take_back(create, err);
    work->state = FREEZE_COMMIT;
    if (!freeze_journal_write(work, err)) {
        /* Whether it is on the disk is not known. */
        work->state = FREEZE_ABORT;
        return take_back(create, err);
    }
    if (create_finish(create->live, work, err))
        return true;
    error_begun(err);
    return error_next(err,
                      "The disks are frozen, but the point is not recorded to the end. Remove the cause, "
                      "then run \"refpoint store check\".");
}

static void create_clear(struct create *create)
{
    freeze_work_clear(&create->work);
    members_clear(&create->members);
}

uint32_t live_create_point(const struct live *live, const struct point_request *request,
                           struct reference_point *made, struct point_remarks *remarks, struct error *err)
{
    struct collection collection;
    struct create create = {
        .live = live, .request = request, .work = {.store = live->store, .keep_names = true}};
    if ((request->name && !name_check(request->name, "reference point", err)) ||
        !store_read_collection(live->store, &request->collection_id, &collection, err))
        return err->code;
    bool ok = proc_check_program("qemu-img", err) &&
              work_journal_check_free(live->store, &collection.id, collection.members,
                                      collection.member_count, err) &&
              plan(&create, &collection, err) && execute(&create, err);
    if (ok) {
        reference_point_copy(made, &create.work.point);
        if (remarks)
            freeze_add_remarks(&create.work, remarks);
    }
    create_clear(&create);
    collection_clear(&collection);
    return ok ? RETURN_DONE : err->code;
}
