#include "ui/jobs/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"

enum theme_role job_text_role(const struct job_snapshot *job)
{
    switch (job->state) {
    case JOB_STATE_COMPLETED:
        return ROLE_JOB_DONE;
    case JOB_STATE_COMPLETED_WITH_WARNINGS:
        return ROLE_JOB_WARNING;
    case JOB_STATE_KILLED:
        return ROLE_JOB_FAILED;
    case JOB_STATE_EXCEPTION:
        return job_text_is_interrupted(job) ? ROLE_JOB_PAUSED : ROLE_JOB_FAILED;
    case JOB_STATE_TERMINATED:
    case JOB_STATE_SUSPENDED:
        return ROLE_JOB_PAUSED;
    default:
        return ROLE_JOB_RUNNING;
    }
}

enum sign job_text_sign(const struct job_snapshot *job)
{
    switch (job->state) {
    case JOB_STATE_COMPLETED:
        return SIGN_GOOD;
    case JOB_STATE_COMPLETED_WITH_WARNINGS:
        return SIGN_WARNING;
    case JOB_STATE_KILLED:
        return SIGN_BAD;
    case JOB_STATE_EXCEPTION:
        return job_text_is_interrupted(job) ? SIGN_INTERRUPTED : SIGN_BAD;
    case JOB_STATE_TERMINATED:
        return SIGN_INTERRUPTED;
    case JOB_STATE_SUSPENDED:
        return SIGN_PAUSED;
    default:
        return SIGN_RUNNING;
    }
}

const char *job_text_state(const struct job_snapshot *job)
{
    switch (job->state) {
    case JOB_STATE_NEW:
    case JOB_STATE_STARTING:
        return "starting";
    case JOB_STATE_SUSPENDED:
        return job->obstacle != JOB_OBSTACLE_NONE ? "suspended" : "paused";
    case JOB_STATE_SHUTTING_DOWN:
        return "finishing block";
    case JOB_STATE_COMPLETED:
        return "completed";
    case JOB_STATE_COMPLETED_WITH_WARNINGS:
        return "completed with warnings";
    case JOB_STATE_TERMINATED:
        return "cancelled";
    case JOB_STATE_KILLED:
        return "killed";
    case JOB_STATE_EXCEPTION:
        return job_text_is_interrupted(job) ? "interrupted" : "failed";
    default:
        return job->cancel_requested ? "finishing block" : "running";
    }
}

void job_text_short_id(const struct job_snapshot *job, char *field, size_t size)
{
    snprintf(field, size, "%.4s", job->identity.id.text);
}

char *job_text_rate(uint64_t rate)
{
    char field[32];
    size_format(rate, field, sizeof field);
    size_t digits = strspn(field, "0123456789");
    if (digits >= 3 && field[digits] == '.')
        memmove(field + digits, field + digits + 2, strlen(field + digits + 2) + 1);
    return mem_format("%s/s", field);
}

/* In the unit that suits the larger number, rounded so that it is not more exact than it can be. */
static void range_text(struct strbuf *text, uint64_t low_s, uint64_t high_s)
{
    uint64_t unit = high_s >= 7200 ? 3600 : high_s >= 120 ? 60 : 1;
    const char *word = unit == 3600 ? "h" : unit == 60 ? "min" : "s";
    uint64_t low = low_s / unit;
    uint64_t high = (high_s + unit - 1) / unit;
    if (low == 0)
        strbuf_addf(text, "left up to %" PRIu64 " %s", high, word);
    else if (low == high)
        strbuf_addf(text, "left %" PRIu64 " %s", high, word);
    else
        strbuf_addf(text, "left %" PRIu64 "-%" PRIu64 " %s", low, high, word);
}

char *job_text_left(const struct job_snapshot *job)
{
    struct strbuf text = {0};
    if (job->left_high_s > 0 && job->state == JOB_STATE_RUNNING)
        range_text(&text, job->left_low_s, job->left_high_s);
    return strbuf_take(&text);
}

bool job_text_is_interrupted(const struct job_snapshot *job)
{
    return strcmp(job->error.key, "job.interrupted") == 0;
}

bool job_text_is_verify(const struct job_snapshot *job)
{
    return job_is_kind(&job->identity, "verify");
}

bool job_text_is_change(const struct job_snapshot *job)
{
    return job_change_done(&job->identity) != NULL;
}

char *job_text_subject(const struct job_snapshot *job, const char *arrow)
{
    if (job_text_is_verify(job))
        return mem_format("verify %s", job->identity.directory);
    if (job_text_is_change(job))
        return mem_format("%s %s @ %s", job_is_kind(&job->identity, "destroy") ? "destroy" : "remove data of",
                          job->identity.collection, job->identity.point);
    return mem_format("%s %s %s", job->identity.collection, arrow, job->identity.directory);
}

char *job_text_title(const struct job_snapshot *job, const char *arrow)
{
    if (job_text_is_verify(job) || job_text_is_change(job))
        return job_text_subject(job, arrow);
    return mem_format("%s @ %s %s %s", job->identity.collection, job->identity.point, arrow,
                      job->identity.directory);
}

/* Its end, for whoever looked elsewhere. */
static char *ended_text(const struct job_snapshot *job, const char *id, const char *arrow)
{
    bool success = *job->package != '\0' && job->state != JOB_STATE_EXCEPTION;
    if (!success && job->error.code && job->state == JOB_STATE_EXCEPTION)
        return mem_format("job %s %s: %s (%u)", id, job_text_state(job), job->error.what,
                          (unsigned)job->error.code);
    if (job_text_is_change(job)) {
        CLEANUP_FREE char *subject = job_text_subject(job, arrow);
        return mem_format("job %s %s  %s", id, job_text_state(job), subject);
    }
    return mem_format("job %s %s%s  %s", id, job_text_state(job),
                      success && !job_text_is_verify(job) ? job->verified ? ", verified" : ", not verified"
                                                          : "",
                      success ? job->package : job->identity.directory);
}

char *job_text_strip(const struct job_snapshot *job, const char *arrow)
{
    char id[8];
    job_text_short_id(job, id, sizeof id);
    if (job_state_is_final(job->state))
        return ended_text(job, id, arrow);
    CLEANUP_FREE char *subject = job_text_subject(job, arrow);
    bool works = job->state == JOB_STATE_RUNNING && !job->cancel_requested && !job_text_is_change(job);
    return mem_format("job %s %s  %s", id, works ? job_phase_word(job->phase) : job_text_state(job), subject);
}

char *job_text_numbers(const struct job_snapshot *job)
{
    struct strbuf text = {0};
    strbuf_addf(&text, "return %d %s  state %" PRIu32 " %s  error %" PRIu32, RETURN_JOB_STARTED,
                return_code_word(METHOD_EXPORT_REFERENCE_POINT, RETURN_JOB_STARTED), job->state,
                job_state_word(job->state), job->error.code);
    if (job->error.code)
        strbuf_addf(&text, " %s", return_code_word(METHOD_EXPORT_REFERENCE_POINT, job->error.code));
    return strbuf_take(&text);
}

const char *job_text_method(const struct job_snapshot *job)
{
    switch (job->state) {
    case JOB_STATE_NEW:
    case JOB_STATE_STARTING:
        return "Starting.";
    case JOB_STATE_SUSPENDED:
        return job->obstacle != JOB_OBSTACLE_NONE ? "Started, and waiting." : "Started, and paused.";
    case JOB_STATE_SHUTTING_DOWN:
        return "Being cancelled.";
    case JOB_STATE_COMPLETED:
        return "Done.";
    case JOB_STATE_COMPLETED_WITH_WARNINGS:
        return "Done, with warnings.";
    case JOB_STATE_TERMINATED:
        return "Cancelled, as was asked.";
    case JOB_STATE_KILLED:
        return "Killed.";
    case JOB_STATE_EXCEPTION:
        return job_text_is_interrupted(job) ? "Its process ended before it." : "It failed.";
    default:
        return job->cancel_requested ? "Being cancelled." : "Started, and running.";
    }
}

/* "251.3 of 412.0 GiB": the unit once where it is the same. */
static void add_amounts(struct strbuf *text, uint64_t bytes_done, uint64_t bytes_total)
{
    char done[32];
    char total[32];
    size_format(bytes_done, done, sizeof done);
    size_format(bytes_total, total, sizeof total);
    const char *unit = strchr(done, ' ');
    const char *unit_of_total = strchr(total, ' ');
    bool same = unit && unit_of_total && strcmp(unit, unit_of_total) == 0;
    strbuf_addf(text, "%.*s of %s", (int)(same ? (size_t)(unit - done) : strlen(done)), done, total);
}

char *job_text_amount(const struct job_snapshot *job)
{
    struct strbuf text = {0};
    uint64_t bytes_done;
    uint64_t bytes_total;
    job_amounts(job, &bytes_done, &bytes_total);
    if (bytes_total > 0 && job_verifies_first(job))
        strbuf_add(&text, "verified ");
    if (bytes_total > 0)
        add_amounts(&text, bytes_done, bytes_total);
    return strbuf_take(&text);
}

const char *job_text_limit(const struct job_snapshot *job)
{
    static const char *const texts[JOB_LIMIT_COUNT] = {NULL, "limited by the source", "limited by the target",
                                                       "limited by processor", "held to your limit"};
    return job->state == JOB_STATE_RUNNING && job->limited_by < JOB_LIMIT_COUNT ? texts[job->limited_by]
                                                                                : NULL;
}

char *job_text_obstacle(const struct job_snapshot *job, const char *key)
{
    char needed[32];
    char available[32];
    size_format(job->bytes_needed, needed, sizeof needed);
    size_format(job->bytes_available, available, sizeof available);
    bool is_room = job->obstacle == JOB_OBSTACLE_NO_SPACE || job->obstacle == JOB_OBSTACLE_QUOTA;
    if (is_room && job->bytes_needed > 0)
        return mem_format("%s: %s needed, %s available; free it, then %s goes on",
                          job->obstacle == JOB_OBSTACLE_QUOTA ? "quota" : "no space", needed, available, key);
    return mem_format("%s: %s; mend it, then %s goes on", job->obstacle_error.what, job->obstacle_error.cause,
                      key);
}

static struct job_disk_words disk_words(enum sign sign, const char *word)
{
    struct job_disk_words words = {.sign = sign};
    snprintf(words.word, sizeof words.word, "%s", word);
    return words;
}

/* Nothing is wrong with a disk whose job was cancelled, and nothing waits when its job is over. */
static struct job_disk_words words_at_rest(const struct job_snapshot *job, const struct job_disk *disk)
{
    bool over = job_state_is_final(job->state);
    if (disk->state == JOB_DISK_FAILED)
        return job->state == JOB_STATE_TERMINATED ? disk_words(SIGN_INTERRUPTED, "stopped")
                                                  : disk_words(SIGN_BAD, "failed");
    if (disk->state == JOB_DISK_DONE)
        return disk_words(SIGN_GOOD, job->verified || job->phase == JOB_PHASE_VERIFY ? "verified" : "copied");
    /* Copied, and its turn to be verified has not come. */
    if (disk->bytes_total > 0 && disk->bytes_done == disk->bytes_total)
        return disk_words(SIGN_GOOD, "copied");
    if (over)
        return disk_words(SIGN_NONE, disk->bytes_done > 0 ? "unfinished" : "not begun");
    return disk_words(SIGN_NONE, "waiting");
}

unsigned job_text_disk_percent(const struct job_disk *disk)
{
    if (disk->bytes_total == 0)
        return disk->state == JOB_DISK_DONE ? 100 : 0;
    double percent = (double)disk->bytes_done * 100 / (double)disk->bytes_total;
    return percent > 100 ? 100 : (unsigned)percent;
}

struct job_disk_words job_text_disk(const struct job_snapshot *job, const struct job_disk *disk)
{
    bool works = disk->state == JOB_DISK_COPYING || disk->state == JOB_DISK_VERIFYING;
    if (!works)
        return words_at_rest(job, disk);
    enum sign sign = job_state_is_final(job->state)      ? SIGN_INTERRUPTED
                     : job->state == JOB_STATE_SUSPENDED ? SIGN_PAUSED
                                                         : SIGN_RUNNING;
    if (disk->state == JOB_DISK_VERIFYING)
        return disk_words(sign, "verifying");
    struct job_disk_words words = {.sign = sign};
    snprintf(words.word, sizeof words.word, "%u %%", job_text_disk_percent(disk));
    return words;
}
