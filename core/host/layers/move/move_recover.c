#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/move/move_work.h"

enum original { ORIGINAL_SAME, ORIGINAL_CHANGED, ORIGINAL_GONE };

/* The claim is held until the work is cleared. */
static enum original look_at_original(struct move_file *file)
{
    struct stat status;
    struct error in_use;
    if (lstat(file->from, &status) != 0 && errno == ENOENT)
        return ORIGINAL_GONE;
    file->fd = open(file->from, LAYER_OPEN_FLAGS);
    if (file->fd < 0 || !file_claim(file->fd, CLAIM_STILL, file->from, &in_use) ||
        fstat(file->fd, &status) != 0 || !file_identity_matches(&file->was, &status))
        return ORIGINAL_CHANGED;
    return ORIGINAL_SAME;
}

static bool is_there(const struct move_file *file)
{
    struct stat status;
    return lstat(file->to, &status) == 0 && status.st_ino == file->is.inode;
}

static bool undo(struct move_work *work, const char *why, struct findings *findings, struct error *err)
{
    if (!move_undo(work, err))
        return false;
    findings_add(findings, "moving the machine %s to %s %s; it has been undone", work->machine_name,
                 work->directory, why);
    return true;
}

static bool forward(struct move_work *work, struct findings *findings, struct error *err)
{
    if (!move_records(work, true, err) || !move_finish(work, findings, err))
        return false;
    findings_add(
        findings,
        "moving the machine %s to %s was unfinished and has been completed: its definition must name "
        "the images there",
        work->machine_name, work->directory);
    return true;
}

static bool unclear(struct error *err, const char *path)
{
    error_set(err, RETURN_INVALID_STATE, "machine.move-unclear", "%s is not the file that was put there",
              path);
    return error_next(err,
                      "Nothing was changed. Bring the file system or file back, then run \"refpoint store "
                      "check\".");
}

/* The records may be changed, wholly or in part. */
static bool recover_commit(struct move_work *work, struct findings *findings, struct error *err)
{
    bool changed = false;
    bool gone = false;
    const char *missing = NULL;
    for (size_t i = 0; i < work->count; i++) {
        struct move_file *file = &work->files[i];
        enum original original = file->temporary ? look_at_original(file) : ORIGINAL_GONE;
        changed = changed || original == ORIGINAL_CHANGED;
        gone = gone || original == ORIGINAL_GONE;
        missing = is_there(file) ? missing : file->to;
    }
    /* Once an original is gone there is no way back; what changed of the others since is told, not removed.
     */
    if (gone)
        return missing ? unclear(err, missing) : forward(work, findings, err);
    if (missing || changed)
        return undo(work, changed ? "was unfinished when the machine ran" : "was unfinished", findings, err);
    return forward(work, findings, err);
}

bool move_recover(const struct store *store, const struct guid *id, const config_setting_t *root,
                  const struct step_hook *hook, struct findings *findings, struct error *err)
{
    struct move_work work = {.store = store, .hook = hook, .id = *id, .directory_fd = -1};
    bool ok = move_journal_read(&work, root, err);
    if (ok && work.state == MOVE_COMMIT)
        ok = recover_commit(&work, findings, err);
    else if (ok)
        ok = undo(&work, "was unfinished", findings, err);
    move_work_clear(&work);
    return ok;
}
