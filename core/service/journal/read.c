/* The readers' side. A job is what its outcome says; without one, what its lock says: held = its progress is
 * the truth, free = interrupted. An owner writes the outcome before it lets go of the lock, so a reader that
 * finds the lock free looks for the outcome once more before it says so. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/json.h"
#include "core/service/journal/files.h"
#include "core/service/journal/journal.h"
#include "core/service/journal/place.h"
#include "core/service/journal/request.h"
#include "core/service/kinds/kinds.h"
#include "core/syntax/json_bytes.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

#define PREFIX_MINIMUM 4
#define LEFTOVER_AGE_S 3600

static json_t *read_json(int directory_fd, const char *name)
{
    struct error ignored = {0};
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    if (!fs_read(directory_fd, name, JOURNAL_FILE_LIMIT, &text, &length, &ignored))
        return NULL;
    return json_loadb(text, length, 0, NULL);
}

/* The journal's directory is the job's name, whatever a file says. */
static bool read_snapshot(int directory_fd, const char *name, const struct guid *id,
                          struct job_snapshot *snapshot)
{
    json_t *value = read_json(directory_fd, name);
    bool ok = value && job_snapshot_from_json(snapshot, value) && guid_equal(&snapshot->identity.id, id);
    json_decref(value);
    if (!ok) {
        job_snapshot_clear(snapshot);
        snapshot->identity.id = *id;
    }
    return ok;
}

static bool read_outcome(int directory_fd, const struct guid *id, struct job_snapshot *snapshot)
{
    return read_snapshot(directory_fd, JOURNAL_OUTCOME, id, snapshot) && job_state_is_final(snapshot->state);
}

static bool read_identity(int directory_fd, const struct guid *id, struct job_snapshot *snapshot)
{
    struct journal_request request = {0};
    json_t *value = read_json(directory_fd, JOURNAL_REQUEST);
    bool ok = value && journal_request_from_json(&request, value) && guid_equal(&request.identity.id, id);
    json_decref(value);
    job_snapshot_clear(snapshot);
    if (ok)
        snapshot->identity = request.identity;
    snapshot->identity.id = *id;
    journal_request_clear(&request);
    return ok;
}

static struct moment time_of(int directory_fd, const char *name)
{
    struct stat status;
    if (fstatat(directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return (struct moment){0};
    return (struct moment){.seconds = status.st_mtim.tv_sec, .nanoseconds = (int32_t)status.st_mtim.tv_nsec};
}

bool journal_find_naming(int directory_fd, struct job_naming *named)
{
    json_t *value = read_json(directory_fd, JOURNAL_PACKAGE);
    *named =
        (struct job_naming){.package = value ? json_bytes_read(json_object_get(value, "package")) : NULL};
    bool ok = named->package && guid_parse(&named->id, json_get_text(value, "package_id", ""));
    json_decref(value);
    if (ok)
        return true;
    free(named->package);
    named->package = NULL;
    return false;
}

static void explain_interruption(int directory_fd, struct job_snapshot *snapshot)
{
    const struct job_kind *kind = job_kind_find(snapshot->identity.kind);
    struct job_naming named;
    if (kind) {
        bool is_named = journal_find_naming(directory_fd, &named);
        kind->explain_interruption(snapshot, is_named ? &named : NULL);
        free(named.package);
        return;
    }
    error_set(&snapshot->error, RETURN_FAILED, "job.interrupted", "the job was interrupted");
    error_cause(&snapshot->error, "it is of the kind %s, which this version of refpoint does not know",
                snapshot->identity.kind);
    error_next(&snapshot->error, "Look at it with the version that started it, or discard it.");
}

static void make_exception(struct job_snapshot *snapshot)
{
    snapshot->state = JOB_STATE_EXCEPTION;
    snapshot->cancellable = false;
    snapshot->rate_now = snapshot->left_low_s = snapshot->left_high_s = 0;
    snapshot->package[0] = '\0';
    snapshot->package_sum[0] = '\0';
    snapshot->has_freed = false;
    snapshot->bytes_freed = 0;
    snapshot->verified = false;
    snapshot->revision++;
    if (snapshot->percent_complete > 99)
        snapshot->percent_complete = 99;
}

static void read_ownerless(int directory_fd, const struct guid *id, struct job_snapshot *snapshot)
{
    struct stat status;
    bool damaged = fstatat(directory_fd, JOURNAL_OUTCOME, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (!read_snapshot(directory_fd, JOURNAL_PROGRESS, id, snapshot)) {
        damaged = !read_identity(directory_fd, id, snapshot) || damaged;
        snapshot->phase = JOB_PHASE_PLAN;
    }
    make_exception(snapshot);
    snapshot->changed = time_of(directory_fd, damaged ? JOURNAL_OUTCOME : JOURNAL_PROGRESS);
    if (!damaged) {
        explain_interruption(directory_fd, snapshot);
        return;
    }
    error_set(&snapshot->error, RETURN_FAILED, "journal.damaged", "the journal of this job cannot be read");
    error_cause(&snapshot->error, "a file in it is missing, cut or was changed; the outcome is not known");
    error_next(&snapshot->error,
               "Check the packages in its directory with `refpoint package list`; then discard this job.");
}

static void read_open_job(int directory_fd, const struct guid *id, struct job_snapshot *snapshot)
{
    if (read_outcome(directory_fd, id, snapshot))
        return;
    if (!journal_is_locked(directory_fd)) {
        if (!read_outcome(directory_fd, id, snapshot))
            read_ownerless(directory_fd, id, snapshot);
        return;
    }
    if (read_snapshot(directory_fd, JOURNAL_PROGRESS, id, snapshot))
        return;
    /* Its owner lives; what it does cannot be read now. */
    read_identity(directory_fd, id, snapshot);
    snapshot->state = JOB_STATE_STARTING;
    snapshot->phase = JOB_PHASE_PLAN;
    snapshot->cancellable = true;
}

bool journal_read(const char *state_directory, const struct guid *id, struct job_snapshot *snapshot,
                  struct error *err)
{
    CLEANUP_FD int fd = journal_open_job(state_directory, id, err);
    if (fd < 0)
        return false;
    read_open_job(fd, id, snapshot);
    return true;
}

bool journal_read_request(const char *state_directory, const struct guid *id, struct journal_request *request,
                          struct error *err)
{
    CLEANUP_FD int fd = journal_open_job(state_directory, id, err);
    if (fd < 0)
        return false;
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    if (!fs_read(fd, JOURNAL_REQUEST, JOURNAL_FILE_LIMIT, &text, &length, err))
        return error_context(err, "job %s", id->text);
    json_t *value = json_loadb(text, length, 0, NULL);
    bool ok = value && journal_request_from_json(request, value) && guid_equal(&request->identity.id, id);
    json_decref(value);
    if (ok)
        return true;
    journal_request_clear(request);
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "journal.damaged", "the request of job %s cannot be read",
              id->text);
    return error_next(err, "Forget the job with \"refpoint job discard\", and start the export again.");
}

/* Lists */

static bool id_of_name(struct guid *id, const char *name)
{
    return guid_parse(id, name) && strcmp(id->text, name) == 0;
}

/* Half-made and half-removed journals of dead processes. The age keeps away from one that is being made. */
static void sweep(int jobs_fd, const char *name)
{
    struct stat status;
    if (fstatat(jobs_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(status.st_mode) ||
        moment_now().seconds - status.st_mtime < LEFTOVER_AGE_S)
        return;
    const char *ending = strrchr(name, '.');
    if (strlen(name) < 38 || (strcmp(ending, ".new") != 0 && strcmp(ending, ".gone") != 0))
        return;
    CLEANUP_FD int fd = beneath_open(jobs_fd, name, O_RDONLY | O_DIRECTORY, 0);
    struct error ignored = {0};
    if (fd >= 0 && !journal_is_locked(fd) && !fs_remove_tree(jobs_fd, name, &ignored))
        return;
}

/* Names of all jobs, sorted; none when there is no directory yet. */
static bool list_ids(const char *state_directory, int *jobs_fd, struct guid **ids, size_t *count,
                     struct error *err)
{
    struct error cause = {0};
    *ids = NULL;
    *count = 0;
    *jobs_fd = journal_open_jobs(state_directory, &cause);
    if (*jobs_fd < 0 && cause.code == RETURN_FILE_NOT_FOUND)
        return true;
    char **names = NULL;
    size_t name_count = 0;
    if (*jobs_fd < 0 || !fs_list(*jobs_fd, &names, &name_count, &cause)) {
        *err = cause;
        return error_context(err, "the jobs in %s", state_directory);
    }
    *ids = mem_alloc(name_count * sizeof **ids);
    for (size_t i = 0; i < name_count; i++) {
        if (id_of_name(&(*ids)[*count], names[i]))
            (*count)++;
        else if (names[i][0] == '.')
            sweep(*jobs_fd, names[i]);
    }
    fs_free_names(names, name_count);
    return true;
}

static struct moment begin_of(const struct job_snapshot *snapshot)
{
    return snapshot->started.seconds ? snapshot->started : snapshot->changed;
}

static int newest_first(const void *left, const void *right)
{
    int order = moment_compare(begin_of(right), begin_of(left));
    const struct job_snapshot *one = left;
    const struct job_snapshot *other = right;
    return order ? order : strcmp(one->identity.id.text, other->identity.id.text);
}

static void tell_link(const char *state_directory, const struct guid *id, struct job_snapshot *snapshot)
{
    CLEANUP_FREE char *link = mem_format(JOURNAL_JOBS "/%s", id->text);
    *snapshot = (struct job_snapshot){.identity.id = *id, .phase = JOB_PHASE_PLAN};
    make_exception(snapshot);
    journal_refuse_link(state_directory, link, &snapshot->error);
}

static int last_changed_first(const void *left, const void *right)
{
    const struct journal_entry *one = left;
    const struct journal_entry *other = right;
    int order = moment_compare(other->changed, one->changed);
    return order ? order : strcmp(one->id.text, other->id.text);
}

bool journal_list_entries(const char *state_directory, struct journal_entry **entries, size_t *count,
                          struct error *err)
{
    CLEANUP_FD int jobs_fd = -1;
    CLEANUP_FREE struct guid *ids = NULL;
    *entries = NULL;
    if (!list_ids(state_directory, &jobs_fd, &ids, count, err))
        return false;
    if (*count == 0)
        return true;
    *entries = mem_alloc(*count * sizeof **entries);
    for (size_t i = 0; i < *count; i++)
        (*entries)[i] = (struct journal_entry){.id = ids[i], .changed = time_of(jobs_fd, ids[i].text)};
    qsort(*entries, *count, sizeof **entries, last_changed_first);
    return true;
}

bool journal_read_entries(const char *state_directory, const struct journal_entry *entries,
                          size_t entry_count, struct job_snapshot **snapshots, size_t *count,
                          struct error *err)
{
    *snapshots = NULL;
    *count = 0;
    if (entry_count == 0)
        return true;
    struct error cause = {0};
    CLEANUP_FD int jobs_fd = journal_open_jobs(state_directory, &cause);
    if (jobs_fd < 0) {
        *err = cause;
        return error_context(err, "the jobs in %s", state_directory);
    }
    for (size_t i = 0; i < entry_count; i++) {
        const struct guid *id = &entries[i].id;
        CLEANUP_FD int fd = beneath_open(jobs_fd, id->text, O_RDONLY | O_DIRECTORY, 0);
        if (fd >= 0)
            read_open_job(fd, id, ARRAY_APPEND(*snapshots, *count));
        else if (errno == ELOOP) /* else it was discarded meanwhile */
            tell_link(state_directory, id, ARRAY_APPEND(*snapshots, *count));
    }
    if (*count > 0)
        qsort(*snapshots, *count, sizeof **snapshots, newest_first);
    return true;
}

bool journal_list(const char *state_directory, struct job_snapshot **snapshots, size_t *count,
                  struct error *err)
{
    struct journal_entry *entries = NULL;
    size_t entry_count = 0;
    *snapshots = NULL;
    *count = 0;
    bool ok = journal_list_entries(state_directory, &entries, &entry_count, err) &&
              journal_read_entries(state_directory, entries, entry_count, snapshots, count, err);
    free(entries);
    return ok;
}

static bool starts_with_ignoring_case(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

bool journal_resolve(const char *state_directory, const char *text, struct guid *id, struct error *err)
{
    CLEANUP_FD int jobs_fd = -1;
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    if (strlen(text) < PREFIX_MINIMUM) {
        error_set(err, RETURN_INVALID_PARAMETER, "job.unknown", "\"%s\" is too short for the id of a job",
                  text);
        return error_next(err, "Give at least %d characters of its id.", PREFIX_MINIMUM);
    }
    if (!list_ids(state_directory, &jobs_fd, &ids, &count, err))
        return false;
    struct guid whole;
    const char *wanted = guid_parse(&whole, text) ? whole.text : text;
    size_t matches = 0;
    for (size_t i = 0; i < count; i++) {
        if (starts_with_ignoring_case(ids[i].text, wanted) && matches++ == 0)
            *id = ids[i];
    }
    if (matches == 1)
        return true;
    if (matches > 1) {
        error_set(err, RETURN_INVALID_PARAMETER, "job.ambiguous", "\"%s\" fits the ids of %zu jobs", text,
                  matches);
        return error_next(err, "Give more of the id.");
    }
    error_set(err, RETURN_INVALID_PARAMETER, "job.unknown", "there is no job \"%s\"", text);
    return error_next(err, "`refpoint job list` shows the jobs that there are.");
}

bool journal_has_outcome(int directory_fd, const struct guid *id)
{
    struct job_snapshot snapshot = {0};
    bool over = read_outcome(directory_fd, id, &snapshot);
    job_snapshot_clear(&snapshot);
    return over;
}

bool journal_discard(const char *state_directory, const struct guid *id, struct error *err)
{
    CLEANUP_FD int fd = journal_open_job(state_directory, id, err);
    CLEANUP_FD int jobs_fd = fd < 0 ? -1 : journal_open_jobs(state_directory, err);
    if (jobs_fd < 0)
        return false;
    /* A lock that cannot be opened (a strange file in its place) can have no owner of ours. A runner that has
     * written its outcome may live a moment longer, to say so; it touches nothing any more. */
    CLEANUP_FD int lock_fd =
        openat(fd, JOURNAL_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (lock_fd >= 0 && !journal_take_lock(lock_fd) && !journal_has_outcome(fd, id)) {
        error_set(err, RETURN_INVALID_STATE, "job.running", "job %s is running", id->text);
        return error_next(err, "Cancel it first.");
    }
    return journal_remove_directory(jobs_fd, id->text, id, err);
}

char *journal_log_path(const char *state_directory, const struct guid *id)
{
    return mem_format("%s/" JOURNAL_JOBS "/%s/" JOURNAL_LOG, state_directory, id->text);
}

bool journal_read_log(const char *state_directory, const struct guid *id, size_t limit, char **text,
                      struct error *err)
{
    CLEANUP_FREE char *path = journal_log_path(state_directory, id);
    CLEANUP_FD int fd =
        journal_open_entry(state_directory, id, JOURNAL_LOG, O_RDONLY | O_NONBLOCK | O_NOCTTY, err);
    return fd >= 0 && fs_read_open(fd, path, limit, text, NULL, err);
}
