/* The owner's side of a journal. Order of events when one is made: hidden directory, lock, reserve, request,
 * progress, rename, sync; so whoever sees a job's name sees a locked, complete journal. Progress is replaced
 * without a sync: after a crash of the machine it only has to be some earlier truth. The outcome is synced.
 */
#include "core/service/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/job/json.h"
#include "core/service/journal/files.h"
#include "core/service/journal/place.h"
#include "core/service/journal/request.h"
#include "core/syntax/json_bytes.h"
#include "core/system/fs.h"

#define RESERVE "outcome.reserve"
#define RESERVE_BYTES ((off_t)64 << 10)
#define PROGRESS_TEMPORARY "progress.tmp"

struct journal {
    struct guid id;
    int jobs_fd;
    int directory_fd;
    int lock_fd;
    int log_fd;
};

static bool cannot_keep(struct error *err, const char *state_directory)
{
    if (strcmp(err->key, "journal.link") == 0)
        return false;
    error_context(err, "the journal of the job in %s", state_directory);
    if (err->code == RETURN_ACCESS_DENIED)
        return error_next(err, "No job has been started. Choose another place with XDG_STATE_HOME, or: %s",
                          err->next);
    return error_next(err, "Make room there or make it writable, or choose another place with "
                           "XDG_STATE_HOME; no job has been started.");
}

static struct journal *new_journal(const struct guid *id)
{
    struct journal *journal = mem_alloc(sizeof *journal);
    journal->id = *id;
    journal->jobs_fd = journal->directory_fd = journal->lock_fd = journal->log_fd = -1;
    return journal;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    int *const fds[] = {&journal->log_fd, &journal->lock_fd, &journal->directory_fd, &journal->jobs_fd};
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
        mem_cleanup_fd(fds[i]);
    free(journal);
}

int journal_directory_fd(const struct journal *journal)
{
    return journal->directory_fd;
}

int journal_lock_fd(const struct journal *journal)
{
    return journal->lock_fd;
}

const struct guid *journal_id(const struct journal *journal)
{
    return &journal->id;
}

bool journal_is_gone(const struct journal *journal)
{
    struct stat status;
    return fstat(journal->lock_fd, &status) != 0 || status.st_nlink == 0;
}

static bool open_log(struct journal *journal, struct error *err)
{
    journal->log_fd = openat(journal->directory_fd, JOURNAL_LOG,
                             O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    return journal->log_fd >= 0 || error_errno(err, errno, "journal.log", "cannot open the log of the job");
}

static bool make_lock(struct journal *journal, struct error *err)
{
    journal->lock_fd =
        openat(journal->directory_fd, JOURNAL_LOCK, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (journal->lock_fd < 0 || !journal_take_lock(journal->lock_fd))
        return error_errno(err, errno, "journal.lock", "cannot lock the job");
    return true;
}

static bool reserve_outcome(int directory_fd, struct error *err)
{
    CLEANUP_FD int fd = openat(directory_fd, RESERVE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int number = fd < 0 ? errno : posix_fallocate(fd, 0, RESERVE_BYTES);
    return number == 0 || error_errno(err, number, "journal.reserve", "cannot keep room for the outcome");
}

static bool write_request(int directory_fd, const struct journal_request *request, struct error *err)
{
    json_t *value = journal_request_to_json(request);
    CLEANUP_FREE char *text = json_line(value);
    json_decref(value);
    return fs_write_atomic(directory_fd, JOURNAL_REQUEST, text, strlen(text), 0600, err);
}

static bool write_first_progress(struct journal *journal, const struct job_identity *identity,
                                 struct error *err)
{
    struct job_snapshot fresh = {.identity = *identity,
                                 .state = JOB_STATE_NEW,
                                 .phase = JOB_PHASE_PLAN,
                                 .changed = moment_now(),
                                 .cancellable = true};
    return journal_write_progress(journal, &fresh, err);
}

static bool fill(struct journal *journal, const struct journal_request *request, struct error *err)
{
    return make_lock(journal, err) && reserve_outcome(journal->directory_fd, err) &&
           write_request(journal->directory_fd, request, err) &&
           write_first_progress(journal, &request->identity, err) && open_log(journal, err);
}

static bool publish(const struct journal *journal, const char *hidden, struct error *err)
{
    if (renameat2(journal->jobs_fd, hidden, journal->jobs_fd, journal->id.text, RENAME_NOREPLACE) != 0)
        return error_errno(err, errno, "journal.rename", "cannot name the job %s", journal->id.text);
    return fs_sync(journal->jobs_fd, "jobs", err);
}

bool journal_create(const char *state_directory, const struct journal_request *request,
                    struct journal **journal, struct error *err)
{
    struct journal *made = new_journal(&request->identity.id);
    CLEANUP_FREE char *hidden = mem_format(".%s.new", made->id.text);
    bool made_directory = false;
    bool ok = (made->jobs_fd = journal_make_jobs(state_directory, err)) >= 0;
    if (ok) {
        made_directory = mkdirat(made->jobs_fd, hidden, 0700) == 0;
        ok = made_directory ||
             error_errno(err, errno, "journal.create", "cannot make a directory for the job");
    }
    ok = ok && fs_open_directory(made->jobs_fd, hidden, &made->directory_fd, err) &&
         fill(made, request, err) && publish(made, hidden, err);
    if (ok) {
        *journal = made;
        return true;
    }
    struct error ignored = {0};
    if (made_directory && !fs_remove_tree(made->jobs_fd, hidden, &ignored))
        error_context(err, "%s", ignored.what);
    journal_close(made);
    return cannot_keep(err, state_directory);
}

/* The descriptor must be of this journal's lock file, and hold the lock. */
static bool adopt_lock(struct journal *journal, struct error *err)
{
    struct stat handed;
    struct stat named;
    if (fstat(journal->lock_fd, &handed) != 0 ||
        fstatat(journal->directory_fd, JOURNAL_LOCK, &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        handed.st_dev != named.st_dev || handed.st_ino != named.st_ino)
        return error_set(err, RETURN_FAILED, "journal.lock", "the lock handed over is not that of this job");
    if (!journal_take_lock(journal->lock_fd))
        return error_set(err, RETURN_IN_USE, "journal.lock", "the job has another owner");
    return fcntl(journal->lock_fd, F_SETFD, FD_CLOEXEC) == 0 ||
           error_errno(err, errno, "journal.lock", "cannot keep the lock of the job");
}

bool journal_own(const char *state_directory, const struct guid *id, int lock_fd, struct journal **journal,
                 struct error *err)
{
    struct journal *made = new_journal(id);
    made->lock_fd = lock_fd;
    bool ok = (made->jobs_fd = journal_open_jobs(state_directory, err)) >= 0 &&
              (made->directory_fd = journal_open_job(state_directory, id, err)) >= 0;
    if (ok && lock_fd < 0) {
        made->lock_fd = openat(made->directory_fd, JOURNAL_LOCK,
                               O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        ok = made->lock_fd >= 0 || error_errno(err, errno, "journal.lock", "cannot open the lock of the job");
    }
    ok = ok && adopt_lock(made, err) && open_log(made, err);
    if (ok)
        *journal = made;
    else
        journal_close(made);
    return ok;
}

void journal_remove(struct journal *journal)
{
    struct error ignored = {0}; /* what remains has a hidden name and is swept later */
    if (!journal_remove_directory(journal->jobs_fd, journal->id.text, &journal->id, &ignored))
        ignored = (struct error){0};
    journal_close(journal);
}

static char *snapshot_text(const struct job_snapshot *snapshot)
{
    json_t *value = job_snapshot_to_json(snapshot);
    char *text = json_line(value);
    json_decref(value);
    return text;
}

bool journal_write_progress(struct journal *journal, const struct job_snapshot *snapshot, struct error *err)
{
    CLEANUP_FREE char *text = snapshot_text(snapshot);
    CLEANUP_FD int fd = openat(journal->directory_fd, PROGRESS_TEMPORARY,
                               O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_errno(err, errno, "journal.progress", "cannot write the progress of the job");
    if (!fs_write_all(fd, text, strlen(text), "the progress of the job", err))
        return false;
    return renameat(journal->directory_fd, PROGRESS_TEMPORARY, journal->directory_fd, JOURNAL_PROGRESS) ==
               0 ||
           error_errno(err, errno, "journal.progress", "cannot write the progress of the job");
}

bool journal_write_outcome(struct journal *journal, const struct job_snapshot *snapshot, struct error *err)
{
    CLEANUP_FREE char *text = snapshot_text(snapshot);
    size_t length = strlen(text);
    /* Not O_TRUNC: it would give the reserved blocks back. */
    CLEANUP_FD int fd =
        openat(journal->directory_fd, RESERVE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_errno(err, errno, "journal.outcome", "cannot write the outcome of the job");
    if (!fs_write_all(fd, text, length, "the outcome of the job", err))
        return false;
    if (ftruncate(fd, (off_t)length) != 0)
        return error_errno(err, errno, "journal.outcome", "cannot write the outcome of the job");
    if (!fs_sync(fd, "the outcome of the job", err))
        return false;
    if (renameat(journal->directory_fd, RESERVE, journal->directory_fd, JOURNAL_OUTCOME) != 0)
        return error_errno(err, errno, "journal.outcome", "cannot write the outcome of the job");
    return fs_sync(journal->directory_fd, "the outcome of the job", err);
}

bool journal_write_naming(const struct journal *journal, const char *package, const struct guid *id,
                          struct error *err)
{
    json_t *value = json_object();
    json_put(value, "package", json_bytes(package));
    json_put_text(value, "package_id", id->text);
    CLEANUP_FREE char *text = json_line(value);
    json_decref(value);
    return fs_write_atomic(journal->directory_fd, JOURNAL_PACKAGE, text, strlen(text), 0600, err);
}

bool journal_is_over(const struct journal *journal)
{
    return journal_has_outcome(journal->directory_fd, &journal->id);
}

bool journal_read_naming(const struct journal *journal, struct job_naming *named)
{
    return journal_find_naming(journal->directory_fd, named);
}

bool journal_forget_naming(const struct journal *journal, struct error *err)
{
    return unlinkat(journal->directory_fd, JOURNAL_PACKAGE, 0) == 0 || errno == ENOENT ||
           error_errno(err, errno, "journal.package", "cannot write to the journal of the job");
}

bool journal_append_log(const struct journal *journal, const char *line, struct error *err)
{
    char when[64];
    moment_format_rfc3339(moment_now(), false, when, sizeof when);
    CLEANUP_FREE char *text = mem_format("%s %s\n", when, line);
    /* One write: lines of several threads do not mix. */
    return fs_write_all(journal->log_fd, text, strlen(text), "the log of the job", err);
}
