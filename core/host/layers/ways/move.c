#include "core/host/layers/ways/move.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/ways/move_plan.h"
#include "core/host/layers/ways/moved_plan.h"
#include "core/system/proc.h"

struct moving {
    struct move_work work;
    const struct move_request *request;
    struct machine machine;
    struct machine_list others;
    struct layers layers;
    struct moved_machine *moved;
};

static void moving_clear(struct moving *moving)
{
    move_work_clear(&moving->work);
    machine_clear(&moving->machine);
    machine_list_clear(&moving->others);
    layers_clear(&moving->layers);
}

/* As it was named, but that its parts are there for good. */
static char *directory_of(const char *path)
{
    bool plain = !strstr(path, "/./") && !strstr(path, "/../") && !strstr(path, "//");
    char *directory = plain ? mem_strdup(path) : realpath(path, NULL);
    if (!directory)
        directory = mem_strdup(path);
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        directory[--length] = '\0';
    return directory;
}

static void tell_disks(struct moving *moving)
{
    for (size_t i = 0; i < moving->work.count; i++) {
        const struct move_file *file = &moving->work.files[i];
        struct moved_machine *moved = moving->moved;
        moved->file_count++;
        moved->copied += file->temporary && !file->linked;
        moved->unproven += file->unproven;
        for (size_t j = 0; file->is_image && j < moving->machine.disk_count; j++) {
            const char *path = moving->machine.disks[j].path;
            if (strcmp(path, file->from) != 0 && strcmp(path, file->to) != 0)
                continue;
            *ARRAY_APPEND(moved->disks, moved->disk_count) =
                (struct moved_disk){.disk = mem_strdup(moving->machine.disks[j].id),
                                    .from = mem_strdup(file->from),
                                    .to = mem_strdup(file->to)};
        }
    }
    moving->moved->has_definition = moving->machine.domain_xml != NULL;
}

static void take_notes(struct moving *moving, struct findings *findings)
{
    moving->moved->notes = findings->items;
    moving->moved->note_count = findings->count;
    *findings = (struct findings){0};
}

static bool go_back(struct move_work *work, struct error *err)
{
    struct error while_undoing = {0};
    if (move_undo(work, &while_undoing))
        return false;
    error_begun(err);
    return error_next(err, "It could not be undone yet (%s). Run \"refpoint store check\".",
                      while_undoing.what);
}

static bool finish(struct moving *moving, struct error *err)
{
    struct findings findings = {0};
    bool ok = move_finish(&moving->work, &findings, err);
    if (ok) {
        tell_disks(moving);
        take_notes(moving, &findings);
        return true;
    }
    findings_clear(&findings);
    error_begun(err);
    return error_next(err, "The machine is moved; its journal is still there. Remove the cause, then run "
                           "\"refpoint store check\".");
}

static bool move_files(struct moving *moving, struct error *err)
{
    struct move_work *work = &moving->work;
    if (!proc_check_program("qemu-img", err) ||
        !move_plan(work, &moving->machine, &moving->others, &moving->layers, err))
        return false;
    work->state = MOVE_PREPARED;
    if (!move_journal_write(work, err))
        return go_back(work, err);
    step_reached(work->hook, "prepared", 0);
    if (!move_place(work, err) || !move_commit(work, err))
        return go_back(work, err);
    return finish(moving, err);
}

static bool follow_files(struct moving *moving, struct error *err)
{
    struct move_work *work = &moving->work;
    const struct proof_wishes wishes = {
        .unproven = moving->request->unproven, .now = moment_now(), .watch = work->watch};
    if (!proc_check_program("qemu-img", err) ||
        !moved_plan(work, &moving->machine, &moving->layers, &wishes, err))
        return false;
    work->state = MOVE_COMMIT;
    if (!move_journal_write(work, err))
        return false;
    step_reached(work->hook, "commit", 0);
    if (move_records(work, true, err))
        return finish(moving, err);
    error_begun(err);
    return error_next(err, "The records are changed in part. Remove the cause, then run \"refpoint store "
                           "check\".");
}

static bool move_locked(struct moving *moving, struct error *err)
{
    struct move_work *work = &moving->work;
    const struct guid *id = &moving->request->machine;
    if (*moving->request->directory != '/') {
        error_set(err, RETURN_INVALID_PARAMETER, "machine.directory", "the directory is not a full path");
        return error_next(err, "Give it from the root, such as /srv/vm.");
    }
    work->id = guid_new();
    work->machine = *id;
    work->directory = directory_of(moving->request->directory);
    if (!recovery_run(work->store, NULL, NULL, err) ||
        !work_journal_check_free(work->store, NULL, id, 1, err) ||
        !store_read_machine(work->store, id, &moving->machine, err) || !move_open_directory(work, err) ||
        !store_list_machines(work->store, &moving->others, NULL, err) ||
        !layers_load(work->store, id, 1, &moving->layers, NULL, err))
        return false;
    work->machine_name = mem_strdup(moving->machine.name);
    return moving->request->moved ? follow_files(moving, err) : move_files(moving, err);
}

bool move_machine(const struct store *store, const struct move_request *request, struct watch *watch,
                  const struct step_hook *hook, struct moved_machine *moved, struct error *err)
{
    CLEANUP_FD int lock = -1;
    struct moving moving = {
        .work = {.store = store, .hook = hook, .watch = watch, .directory_fd = -1},
        .request = request,
        .moved = moved,
    };
    *moved = (struct moved_machine){0};
    bool ok = store_lock(store, &lock, err) && move_locked(&moving, err);
    moving_clear(&moving);
    if (!ok)
        moved_machine_clear(moved);
    return ok;
}
