/* Where the files are, in the records. Each is written whole and by itself: while only some are, the journal
 * says so, and doing it again comes to the same. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/faults.h"
#include "core/definition/rewrite.h"
#include "core/host/layers/move/move_work.h"
#include "core/host/layers/templates.h"
#include "core/system/fs.h"

static const char *old_path(const struct move_file *file, bool forward)
{
    return forward ? file->from : file->to;
}

static const char *new_path(const struct move_file *file, bool forward)
{
    return forward ? file->to : file->from;
}

static const struct move_file *file_of(const struct move_work *work, const struct disk *disk, bool forward)
{
    for (size_t i = 0; i < work->count; i++) {
        if (work->files[i].is_image && strcmp(new_path(&work->files[i], forward), disk->path) == 0)
            return &work->files[i];
    }
    return NULL;
}

/* A definition that has more against the points than paths stays as it is: it has to be put right, by a word
 * of the operator, before the next point. */
static bool is_sound(const struct machine *machine, struct error *err)
{
    struct definition_fault *faults = NULL;
    size_t count = 0;
    if (!definition_faults(machine->domain_xml, machine, &faults, &count, err))
        return false;
    bool sound = true;
    for (size_t i = 0; i < count; i++)
        sound = sound && faults[i].kind == DEFINITION_PATH;
    definition_faults_free(faults, count);
    return sound;
}

/* The definition that the machine's record keeps gets the new paths. One that cannot be changed stays, and
 * the next point says so. */
static void change_definition(struct machine *machine, const struct move_work *work, bool forward)
{
    struct definition_disk *disks = NULL;
    size_t count = 0;
    char *made = NULL;
    char **notes = NULL;
    size_t note_count = 0;
    struct error ignored = {0};
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        if (file_of(work, disk, forward))
            *ARRAY_APPEND(disks, count) =
                (struct definition_disk){.id = disk->id, .path = disk->path, .format = disk->format};
    }
    const struct definition_change change = {.disks = disks, .disk_count = count};
    if (machine->domain_xml && is_sound(machine, &ignored) &&
        definition_rewrite(machine->domain_xml, &change, &made, &notes, &note_count, &ignored)) {
        free(machine->domain_xml);
        machine->domain_xml = made;
        fs_free_names(notes, note_count);
    }
    free(disks);
}

static bool change_machine(struct move_work *work, bool forward, struct error *err)
{
    struct machine machine;
    if (!store_read_machine(work->store, &work->machine, &machine, err))
        return false;
    for (size_t i = 0; i < work->count; i++) {
        const struct move_file *file = &work->files[i];
        for (size_t j = 0; j < machine.disk_count; j++) {
            struct backing_file *backing = templates_find(&machine.disks[j], old_path(file, forward));
            if (file->is_image && strcmp(machine.disks[j].path, old_path(file, forward)) == 0)
                mem_replace(&machine.disks[j].path, new_path(file, forward));
            if (backing)
                mem_replace(&backing->path, new_path(file, forward));
        }
    }
    change_definition(&machine, work, forward);
    bool ok = store_write_machine(work->store, &machine, err);
    machine_clear(&machine);
    return ok;
}

/* The device is today's; the rest is the journal's. */
static struct stat status_of(const struct move_file *file, bool forward)
{
    const struct file_identity *identity = forward ? &file->is : &file->was;
    struct stat now = {0};
    if (fstatat(AT_FDCWD, new_path(file, forward), &now, AT_SYMLINK_NOFOLLOW) != 0)
        now = (struct stat){0};
    now.st_ino = identity->inode;
    now.st_size = (off_t)identity->size;
    now.st_mtim =
        (struct timespec){.tv_sec = identity->modified.seconds, .tv_nsec = identity->modified.nanoseconds};
    return now;
}

static bool change_layer(const struct move_file *file, bool forward, struct disk_point *record)
{
    if (file->is_image || !record->layer_path || strcmp(record->layer_path, old_path(file, forward)) != 0)
        return false;
    struct stat status = status_of(file, forward);
    /* What was not read keeps the digest it had; back, the header is what it was. */
    const char *digest = !forward ? file->promised : file->sha256 ? file->sha256 : record->content_sha256;
    CLEANUP_FREE char *kept = mem_strdup(digest);
    layer_take_identity(record, &status);
    mem_replace(&record->content_sha256, kept);
    mem_replace(&record->layer_path, new_path(file, forward));
    if (forward && file->unproven)
        layer_doubt(record, file->unproven_since);
    return true;
}

static bool change_template(const struct move_file *file, bool forward, struct disk *disk,
                            struct disk_point *record)
{
    struct backing_file *backing = templates_find(disk, old_path(file, forward));
    struct stat status = status_of(file, forward);
    if (!backing)
        return false;
    mem_replace(&backing->path, new_path(file, forward));
    if (backing->file_size != 0)
        template_take_identity(backing, &status);
    if (forward && file->unproven)
        layer_doubt(record, file->unproven_since);
    return true;
}

static bool change_member(const struct move_work *work, bool forward, struct member_point *member)
{
    bool changed = false;
    for (size_t i = 0; i < work->count; i++) {
        const struct move_file *file = &work->files[i];
        for (size_t j = 0; j < member->disk_count && j < member->machine.disk_count; j++) {
            struct disk_point *record = &member->disks[j];
            changed = change_layer(file, forward, record) || changed;
            changed = change_template(file, forward, &member->machine.disks[j], record) || changed;
        }
    }
    return changed;
}

static bool change_points(struct move_work *work, bool forward, struct error *err)
{
    struct layers layers;
    if (!layers_load(work->store, &work->machine, 1, &layers, NULL, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < layers.points.count; i++) {
        struct reference_point *point = &layers.points.items[i];
        bool changed = false;
        for (size_t j = 0; j < point->member_count; j++) {
            if (guid_equal(&point->members[j].machine.id, &work->machine))
                changed = change_member(work, forward, &point->members[j]) || changed;
        }
        ok = !changed || store_write_point(work->store, point, err);
        step_reached(work->hook, "point", i);
    }
    layers_clear(&layers);
    return ok;
}

static bool is_of(const struct move_work *work, const char *path, bool forward)
{
    for (size_t i = 0; i < work->count; i++) {
        if (strcmp(new_path(&work->files[i], forward), path) == 0)
            return true;
    }
    return false;
}

/* Its files have lost a name, which is the last that is done to them. */
bool move_take_touches(struct move_work *work, bool forward, struct error *err)
{
    struct layers layers;
    bool ok = layers_load(work->store, &work->machine, 1, &layers, NULL, err);
    for (size_t p = 0; ok && p < layers.points.count; p++) {
        bool changed = false;
        for (size_t i = 0; i < layers.count; i++) {
            const struct layer *layer = &layers.items[i];
            struct stat status;
            if (layer->point == &layers.points.items[p] && is_of(work, layer->disk->layer_path, forward) &&
                touch_is_known(&layer->disk->touched) && lstat(layer->disk->layer_path, &status) == 0)
                changed = layer_take_touch(layer->disk, &status) || changed;
        }
        ok = !changed || store_write_point(work->store, &layers.points.items[p], err);
        step_reached(work->hook, "touched", p);
    }
    layers_clear(&layers);
    return ok;
}

bool move_records(struct move_work *work, bool forward, struct error *err)
{
    if (!change_points(work, forward, err) || !change_machine(work, forward, err))
        return false;
    step_reached(work->hook, "machine", 0);
    return true;
}
