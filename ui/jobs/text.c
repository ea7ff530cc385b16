#include "ui/jobs/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"

#define WIDE_COLUMNS 80

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

/* Three digits are more than is known of a rate: "242 MiB/s", "24.2 MiB/s". */
static char *rate_text(uint64_t rate)
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

char *job_text_return(const struct job_snapshot *job, bool narrow)
{
    const char *gap = narrow ? "  " : "     ";
    struct strbuf text = {0};
    strbuf_addf(&text, "return %d %s%sstate %" PRIu32 " %s%serror %" PRIu32, RETURN_JOB_STARTED,
                return_code_word(METHOD_EXPORT_REFERENCE_POINT, RETURN_JOB_STARTED), gap, job->state,
                job_state_word(job->state), gap, job->error.code);
    if (job->error.code)
        strbuf_addf(&text, " %s", return_code_word(METHOD_EXPORT_REFERENCE_POINT, job->error.code));
    return strbuf_take(&text);
}

char *job_text_amount(const struct job_snapshot *job)
{
    char done[32];
    char total[32];
    uint64_t bytes_done;
    uint64_t bytes_total;
    job_amounts(job, &bytes_done, &bytes_total);
    size_format(bytes_done, done, sizeof done);
    size_format(bytes_total, total, sizeof total);
    if (bytes_total == 0)
        return mem_format("%3u%%", job->percent_complete);
    return mem_format("%3u%%  %s%s / %s", job->percent_complete, job_verifies_first(job) ? "verified " : "",
                      done, total);
}

char *job_text_obstacle(const struct job_snapshot *job)
{
    char needed[32];
    char available[32];
    size_format(job->bytes_needed, needed, sizeof needed);
    size_format(job->bytes_available, available, sizeof available);
    bool is_room = job->obstacle == JOB_OBSTACLE_NO_SPACE || job->obstacle == JOB_OBSTACLE_QUOTA;
    if (is_room && job->bytes_needed > 0)
        return mem_format("%s: %s needed, %s available; free it, then p goes on",
                          job->obstacle == JOB_OBSTACLE_QUOTA ? "quota" : "no space", needed, available);
    return mem_format("%s: %s; mend it, then p goes on", job->obstacle_error.what, job->obstacle_error.cause);
}

static void add_rates(struct strbuf *text, const struct job_snapshot *job, const char *gap, bool brief)
{
    char elapsed[32];
    if (job->rate_now && job->state == JOB_STATE_RUNNING) {
        CLEANUP_FREE char *rate = rate_text(job->rate_now);
        strbuf_addf(text, "now %s%s", rate, gap);
    }
    if (job->rate_average) {
        CLEANUP_FREE char *rate = rate_text(job->rate_average);
        strbuf_addf(text, "avg %s%s", rate, brief ? "" : gap);
    }
    duration_format(job->elapsed_ms / 1000, elapsed, sizeof elapsed);
    strbuf_addf(text, "%s %s", brief && job->rate_average ? " in" : "elapsed", elapsed);
    CLEANUP_FREE char *left = job_text_left(job);
    if (*left)
        strbuf_addf(text, "%s%s", gap, left);
    else if (job->state == JOB_STATE_SUSPENDED)
        strbuf_addf(text, "%s%s", gap, job_text_state(job));
}

static char *limited_text(const struct job_snapshot *job, bool brief)
{
    struct strbuf text = {0};
    add_rates(&text, job, "  ", brief);
    strbuf_addf(&text, " (%s)", job_limit_sentence(job->limited_by));
    return strbuf_take(&text);
}

char *job_text_rates(const struct job_snapshot *job, bool narrow)
{
    struct strbuf text = {0};
    bool has_estimate = job->left_high_s > 0 && job->state == JOB_STATE_RUNNING;
    for (int brief = 0; brief < 2 && !narrow && has_estimate && job->limited_by != JOB_LIMIT_NONE; brief++) {
        char *limited = limited_text(job, brief);
        if (strlen(limited) <= WIDE_COLUMNS)
            return limited;
        free(limited);
    }
    add_rates(&text, job, narrow ? ", " : "  ", narrow);
    return strbuf_take(&text);
}

char *job_text_disk(const struct job_disk *disk)
{
    uint64_t percent =
        disk->bytes_total ? (uint64_t)((double)disk->bytes_done * 100 / (double)disk->bytes_total) : 0;
    if (disk->state == JOB_DISK_COPYING)
        return mem_format("%3" PRIu64 "%% copy", percent > 100 ? 100 : percent);
    /* Copied, and its turn to be verified has not come. */
    if (disk->state == JOB_DISK_WAITING && disk->bytes_total && disk->bytes_done == disk->bytes_total)
        return mem_strdup("copied");
    return mem_strdup(job_disk_state_word(disk->state));
}
