#include "core/host/layers/change/register.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/change/create.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/eligible.h"
#include "core/host/layers/freeze/freeze_images.h"
#include "core/host/layers/freeze/freeze_plan.h"
#include "core/host/store/kept_files.h"

static bool check_machine(const struct store *store, const struct machine *machine, struct error *err)
{
    struct machine known;
    struct error absent;
    if (!store_read_machine(store, &machine->id, &known, &absent)) {
        bool free_id = strcmp(absent.key, "machine.unknown") == 0;
        if (!free_id)
            *err = absent;
        return free_id;
    }
    CLEANUP_FREE char *quoted = text_shell_quote(known.name);
    error_set(err, RETURN_INVALID_PARAMETER, "register.machine",
              "the store has the machine %s (%s) already, with other images", known.name, machine->id.text);
    error_next(
        err,
        "To have the imported one in its place, take that out first: refpoint machine remove %s (its files "
        "stay). To have both, import it with --as NAME: it gets a new id. Without --register nothing is "
        "taken into the store.",
        quoted);
    machine_clear(&known);
    return false;
}

static bool check_point(const struct store *store, const struct reference_point *point, struct error *err)
{
    const struct object_path path = {.point_id = point->id, .collection_id = point->collection_id};
    struct reference_point known;
    struct error absent;
    if (!store_read_point(store, &path, &known, &absent)) {
        bool free_id = strcmp(absent.key, "point.unknown") == 0;
        if (!free_id)
            *err = absent;
        return free_id;
    }
    CLEANUP_FREE char *collection = text_shell_quote(known.collection_name);
    CLEANUP_FREE char *name = text_shell_quote(known.name);
    error_set(err, RETURN_INVALID_PARAMETER, "register.point", "the store has the point %s of %s already",
              known.name, known.collection_name);
    error_next(
        err,
        "It can be the base of an export as it is. To have it anew, drop its record first, which leaves "
        "every file: refpoint point forget %s %s. To have copies of its machines beside them, import "
        "with --as NAME. Without --register nothing is taken into the store.",
        collection, name);
    reference_point_clear(&known);
    return false;
}

bool register_check(const struct store *store, const struct reference_point *point, struct error *err)
{
    if (!check_point(store, point, err))
        return false;
    for (size_t i = 0; i < point->member_count; i++) {
        if (!check_machine(store, &point->members[i].machine, err))
            return false;
    }
    return true;
}

/* As the store keeps a machine: its files are where its definition has them. */
static void make_record(struct machine *record, const struct machine *imported)
{
    machine_copy(record, imported);
    for (size_t i = 0; i < record->file_count; i++) {
        struct machine_file *file = &record->files[i];
        mem_replace(&file->file, NULL);
        mem_replace(&file->sha256, NULL);
        mem_replace(&file->missing, NULL);
        file->size = 0;
    }
}

/* The content goes into the store, if it is what the package promises. */
static bool take_file(const struct store *store, struct machine_file *file, struct error *err)
{
    char sha256[DIGEST_TEXT];
    if (!file->file)
        return true;
    CLEANUP_FD int fd = open(file->file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "register.file", "cannot open %s", file->file);
    if (!kept_files_put(store, fd, file->file, sha256, &file->size, err))
        return false;
    if (strcmp(sha256, file->sha256) != 0) {
        error_set(err, RETURN_IN_USE, "register.changed", "%s is not what was imported any more", file->file);
        return error_next(err, "Import the package again, to another directory.");
    }
    mem_replace(&file->file, NULL);
    return true;
}

static const struct member_point *find_member(const struct reference_point *point, const struct guid *machine)
{
    for (size_t i = 0; i < point->member_count; i++) {
        if (guid_equal(&point->members[i].machine.id, machine))
            return &point->members[i];
    }
    return NULL;
}

static bool add_member(struct freeze_work *work, const struct imported *imported,
                       const struct machine *machine, struct error *err)
{
    const struct member_point *then = find_member(&imported->point, &machine->id);
    struct member_point *member = ARRAY_APPEND(work->point.members, work->point.member_count);
    machine_copy(&member->machine, machine);
    member->machine.state = MACHINE_STATE_UNKNOWN; /* nothing runs here */
    member->instance_id = then ? then->instance_id : guid_new();
    member->consistency_level = then ? then->consistency_level : 0;
    member->paused = then ? then->paused : 0;
    for (size_t i = 0; i < member->machine.file_count; i++) {
        if (!take_file(work->store, &member->machine.files[i], err))
            return error_context(err, "machine %s", machine->name);
    }
    return true;
}

/* Its own place among the points of its collection, where it is free; else behind them all. */
static bool find_sequence(struct freeze_work *work, uint64_t wanted, struct error *err)
{
    struct reference_point *point = &work->point;
    point->sequence = wanted ? wanted : 1;
    if (work->registration.new_collection)
        return true;
    uint64_t next = 0;
    if (!freeze_next_sequence(work->store, &point->collection_id, &next, err))
        return false;
    if (point->sequence < next)
        point->sequence = next;
    return true;
}

static bool begin_point(struct freeze_work *work, const struct imported *imported, struct error *err)
{
    const struct reference_point *from = &imported->point;
    struct reference_point *point = &work->point;
    point->id = from->id;
    point->collection_id = from->collection_id;
    point->collection_name = mem_strdup(from->collection_name);
    point->name = mem_strdup(from->name);
    point->created = from->created;
    point->type = POINT_TYPE_LOG_BASED; /* whatever it was: its layers are here now */
    point->consistency_asked = from->consistency_asked;
    point->consistency_level = from->consistency_level;
    point->has_associated_log = true;
    for (size_t i = 0; i < imported->machine_count; i++) {
        if (!add_member(work, imported, &imported->machines[i], err))
            return false;
    }
    return find_sequence(work, from->sequence, err);
}

/* Which machines have to become members of the collection, where there is one. */
static bool look_at_collection(struct freeze_work *work, const struct imported *imported, struct error *err)
{
    struct collection collection;
    struct error absent;
    struct freeze_registration *registration = &work->registration;
    if (!store_read_collection(work->store, &imported->point.collection_id, &collection, &absent)) {
        registration->new_collection = strcmp(absent.key, "collection.unknown") == 0;
        if (!registration->new_collection)
            *err = absent;
        return registration->new_collection;
    }
    for (size_t i = 0; i < imported->machine_count; i++) {
        bool member = false;
        for (size_t j = 0; j < collection.member_count; j++)
            member = member || guid_equal(&collection.members[j], &imported->machines[i].id);
        if (!member)
            *ARRAY_APPEND(registration->joined, registration->joined_count) = imported->machines[i].id;
    }
    collection_clear(&collection);
    return true;
}

/* The images are claimed: what is so now stays so. */
static bool check_images(const struct freeze_work *work, const struct imported *imported, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        const struct freeze_disk *disk = &work->disks[i];
        bool same = false;
        for (size_t j = 0; j < imported->image_count; j++) {
            const struct imported_image *image = &imported->images[j];
            same = same || (strcmp(image->path, disk->image) == 0 && image->inode == disk->original.inode &&
                            image->size == disk->original.size &&
                            moment_compare(image->modified, disk->original.modified) == 0);
        }
        if (same)
            continue;
        error_set(err, RETURN_IN_USE, "register.changed", "%s is not what was imported any more",
                  disk->image);
        return error_next(err, "Import the package again, to another directory.");
    }
    return true;
}

/* What the package's point held by somebody's word alone, it holds here by no more. */
static void take_doubts(struct freeze_work *work, const struct reference_point *from)
{
    for (size_t i = 0; i < work->count; i++) {
        struct disk_point *record = freeze_disk_point(work, &work->disks[i]);
        const struct member_point *then =
            find_member(from, &work->point.members[work->disks[i].member].machine.id);
        for (size_t j = 0; then && j < then->disk_count; j++) {
            if (guid_equal(&then->disks[j].disk_uuid, &record->disk_uuid) && then->disks[j].unproven)
                layer_doubt(record, then->disks[j].unproven_since);
        }
    }
}

static bool check_raw(const struct machine *machine, struct error *err)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (machine->disks[i].format == DISK_FORMAT_QCOW2)
            continue;
        error_set(err, RETURN_NOT_SUPPORTED, "register.raw", "%s is a raw image", machine->disks[i].path);
        return error_next(err, "Add the machine without the point: refpoint machine add --domain-xml FILE.");
    }
    return true;
}

/* The machines as they will be in the store; *records is an array for the caller to clear. */
static bool make_records(const struct store *store, const struct imported *imported, struct machine *records,
                         struct error *err)
{
    for (size_t i = 0; i < imported->machine_count; i++)
        make_record(&records[i], &imported->machines[i]);
    for (size_t i = 0; i < imported->machine_count; i++) {
        if (!check_machine(store, &records[i], err) || (!imported->renamed && !check_raw(&records[i], err)) ||
            !eligible_machine(store, &records[i], 0, err))
            return error_context(err, "machine %s", records[i].name);
    }
    return true;
}

static bool register_alone(const struct store *store, const struct machine *records, size_t count,
                           struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!store_write_machine(store, &records[i], err))
            return i > 0 ? error_begun(err) : false;
    }
    return true;
}

static bool register_with_point(const struct store *store, const struct imported *imported,
                                const struct machine *records, const struct step_hook *hook,
                                struct error *err)
{
    struct freeze_work work = {
        .store = store, .hook = hook, .registration = {.wanted = true, .machines = records}};
    const struct point_request request = {.collection_id = imported->point.collection_id};
    struct collection members = {.id = imported->point.collection_id,
                                 .name = imported->point.collection_name};
    for (size_t i = 0; i < imported->machine_count; i++)
        *ARRAY_APPEND(members.members, members.member_count) = imported->machines[i].id;
    bool ok = check_point(store, &imported->point, err) && look_at_collection(&work, imported, err) &&
              work_journal_check_free(store, &members.id, members.members, members.member_count, err) &&
              begin_point(&work, imported, err) && freeze_plan_disks(&work, &members, false, err) &&
              check_images(&work, imported, err) && freeze_check_images(&work, &request, err);
    if (ok) {
        take_doubts(&work, &imported->point);
        ok = freeze_execute(&work, err) == RETURN_DONE;
    }
    if (!ok && work.state == FREEZE_ABORT) {
        error_begun(err);
        error_next(err, "The machines are in the store, without the point.");
    }
    free(members.members);
    freeze_work_clear(&work);
    return ok;
}

uint32_t register_import(const struct store *store, const struct imported *imported,
                         const struct step_hook *hook, struct error *err)
{
    CLEANUP_FD int lock = -1;
    if (!store_lock(store, &lock, err) || !recovery_run(store, NULL, NULL, err))
        return err->code;
    struct machine *records = mem_alloc((imported->machine_count + 1) * sizeof *records);
    bool ok = make_records(store, imported, records, err) &&
              (imported->renamed ? register_alone(store, records, imported->machine_count, err)
                                 : register_with_point(store, imported, records, hook, err));
    for (size_t i = 0; i < imported->machine_count; i++)
        machine_clear(&records[i]);
    free(records);
    return ok ? RETURN_DONE : err->code;
}
