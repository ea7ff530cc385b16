#include "core/host/layers/frozen.h"

#include "core/base/mem.h"

static bool is_same_file(const struct disk_point *record, const struct stat *status)
{
    return record->inode == status->st_ino && record->file_size == (uint64_t)status->st_size &&
           record->modified.seconds == status->st_mtim.tv_sec &&
           record->modified.nanoseconds == (int32_t)status->st_mtim.tv_nsec;
}

enum layer_state layer_state(const struct disk_point *record, const struct stat *status, const char *path)
{
    if (!is_same_file(record, status))
        return LAYER_ANOTHER;
    return touch_is_suspicious(&record->touched, status, path) ? LAYER_TOUCHED : LAYER_UNCHANGED;
}

bool layer_is_unchanged(const struct disk_point *record, const struct stat *status)
{
    return layer_state(record, status, record->layer_path) == LAYER_UNCHANGED;
}

bool layer_check(const struct disk_point *record, const struct stat *status, const char *key,
                 struct error *err)
{
    switch (layer_state(record, status, record->layer_path)) {
    case LAYER_UNCHANGED:
        return true;
    case LAYER_TOUCHED:
        error_set(err, RETURN_INVALID_STATE, key, "%s may not be what was frozen any more",
                  record->layer_path);
        error_cause(err, TOUCH_SUSPICIOUS);
        return error_next(err, "%s", record->content_sha256 ? LAYER_TOUCHED_DIGEST : LAYER_TOUCHED_NO_DIGEST);
    case LAYER_ANOTHER:
        break;
    }
    error_set(err, RETURN_INVALID_STATE, key, "%s is not the file that was frozen", record->layer_path);
    error_cause(err, "it has been written to or replaced since");
    return error_next(err, LAYER_WAYS_OUT);
}

void layer_take_identity(struct disk_point *record, const struct stat *status)
{
    mem_replace(&record->content_sha256, NULL);
    record->device = status->st_dev;
    record->inode = status->st_ino;
    record->file_size = (uint64_t)status->st_size;
    record->modified =
        (struct moment){.seconds = status->st_mtim.tv_sec, .nanoseconds = (int32_t)status->st_mtim.tv_nsec};
    record->touched = touch_of(status);
}

bool layer_take_touch(struct disk_point *record, const struct stat *status)
{
    const struct touch now = touch_of(status);
    if (!is_same_file(record, status) || touch_equal(&record->touched, &now))
        return false;
    record->touched = now;
    return true;
}

void layer_doubt(struct disk_point *record, struct moment since)
{
    if (record->unproven)
        return;
    record->unproven = true;
    record->unproven_since = since;
}
