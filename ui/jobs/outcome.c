#include "ui/jobs/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/jobs/text.h"

static void add_error(struct facts *facts, const struct error *err, enum theme_role role)
{
    facts_add(facts, role, "What", mem_strdup(err->what));
    if (*err->cause)
        facts_add(facts, ROLE_NORMAL, "", mem_strdup(err->cause));
}

static void add_identity(struct facts *facts, const struct job_snapshot *job)
{
    char started[32] = "-";
    char offset[16] = "";
    if (job->started.seconds) {
        moment_format_list(job->started, true, started, sizeof started);
        moment_format_offset(job->started, offset, sizeof offset);
    }
    bool verifies = job_text_is_verify(job);
    if (job_text_is_change(job)) {
        facts_addf(facts, ROLE_NORMAL, "Point", "%s @ %s", job->identity.collection, job->identity.point);
    } else {
        facts_addf(facts, ROLE_NORMAL, verifies ? "Holds" : "Export", "%s @ %s, %s", job->identity.collection,
                   job->identity.point, *job->identity.base_point_id ? "since a base" : "in full");
        facts_add(facts, ROLE_NORMAL, verifies ? "Package" : "To", mem_strdup(job->identity.directory));
    }
    facts_add(facts, ROLE_NORMAL, "Started", mem_format("%s %s", started, offset));
}

static char *amounts(const struct job_snapshot *job)
{
    char done[32];
    char skipped[32];
    CLEANUP_FREE char *elapsed = job_elapsed_text(job);
    size_format(job->bytes_done, done, sizeof done);
    size_format(job->bytes_skipped, skipped, sizeof skipped);
    struct strbuf text = {0};
    strbuf_addf(&text, "%s in %s", done, elapsed);
    if (job->rate_average) {
        char rate[32];
        size_format(job->rate_average, rate, sizeof rate);
        strbuf_addf(&text, "%s %s/s", job->paused_ms < 1000 ? "," : "; at", rate);
    }
    if (job->bytes_kept) {
        char kept[32];
        size_format(job->bytes_kept, kept, sizeof kept);
        strbuf_addf(&text, "; %s of it before it was interrupted, and proven again", kept);
    }
    strbuf_addf(&text, "; %s unchanged or empty, skipped", skipped);
    return strbuf_take(&text);
}

/* Nothing is wrong with a disk whose job was cancelled, and nothing waits when its job is over. */
static char *disk_state(const struct job_snapshot *job, const struct job_disk *disk)
{
    if (disk->state == JOB_DISK_FAILED && job->state == JOB_STATE_TERMINATED)
        return mem_strdup("stopped");
    if (disk->state == JOB_DISK_WAITING && disk->bytes_done == 0 && job_state_is_final(job->state))
        return mem_strdup("not begun");
    return job_text_disk(disk);
}

static void add_disks(struct facts *facts, const struct job_snapshot *job)
{
    for (size_t i = 0; i < job->disk_count; i++) {
        const struct job_disk *disk = &job->disks[i];
        char size[32];
        size_format(disk->bytes_done, size, sizeof size);
        bool stopped = disk->state == JOB_DISK_FAILED && job->state == JOB_STATE_TERMINATED;
        CLEANUP_FREE char *state = disk_state(job, disk);
        facts_add(facts, disk->state == JOB_DISK_FAILED && !stopped ? ROLE_ERROR : ROLE_NORMAL,
                  i == 0 ? "Disks" : "",
                  mem_format("%s/%s  %s, %s, %s%s%s", disk->machine, disk->disk, disk->kind, size, state,
                             *disk->reason ? "; " : "", disk->reason));
    }
}

static void add_success(struct facts *facts, const struct job_snapshot *job)
{
    const char *const verify[] = {"refpoint", "package", "verify", job->package, NULL};
    const char *const enter[] = {"cd", job->package, NULL};
    static const char *const sums[] = {"sha256sum", "-c", "SHA256SUMS", NULL};
    if (job->error.code)
        add_error(facts, &job->error, ROLE_WARNING);
    facts_add(facts, job->verified ? ROLE_SUCCESS : ROLE_WARNING, "Verified",
              mem_strdup(
                  job->verified
                      ? "yes: read back from the storage as it was at the point, and QEMU has it all in place"
                      : "no: it was written and synced, but not read back"));
    facts_add(facts, ROLE_NORMAL, "Package", mem_strdup(job->package));
    if (*job->package_sum)
        facts_add(facts, ROLE_NORMAL, "Checksum",
                  mem_format("%s (of SHA256SUMS; verify --sum)", job->package_sum));
    facts_add(facts, ROLE_NORMAL, "Copied", amounts(job));
    for (size_t i = 0; i < job->finding_count; i++)
        facts_add(facts, ROLE_WARNING, i == 0 ? "Not in it" : "", mem_strdup(job->findings[i]));
    facts_add_command(facts, "Check", verify);
    facts_add_command(facts, "", enter);
    facts_add_command(facts, "", sums);
}

static void add_failure(struct facts *facts, const struct job_snapshot *job)
{
    if (job->error.code)
        add_error(facts, &job->error, ROLE_ERROR);
    else
        facts_add(facts, ROLE_WARNING, "What",
                  mem_format("the job was %s at %u%%", job_text_state(job), job->percent_complete));
    /* Of an interrupted one no more is known than what was looked at, which its error says. */
    if (*job->package)
        facts_add(facts, ROLE_NORMAL, "Package", mem_strdup(job->package));
    else if (strcmp(job->error.key, "job.interrupted") != 0)
        facts_add(facts, ROLE_NORMAL, "Nothing", mem_strdup("has been left under a final name."));
    facts_add(facts, ROLE_NORMAL, "Next",
              mem_strdup(*job->error.next ? job->error.next : "Start the export again from its point."));
    if (*job->error.key)
        facts_add(facts, ROLE_NORMAL, "Code", mem_strdup(job->error.key));
}

static void add_running(struct facts *facts, const struct job_snapshot *job)
{
    CLEANUP_FREE char *amount = job_text_amount(job);
    if (job->obstacle != JOB_OBSTACLE_NONE)
        facts_add(facts, ROLE_WARNING, "Waits for", job_obstacle_text(job));
    facts_add(facts, ROLE_NORMAL, "Done", mem_strdup(amount + strspn(amount, " ")));
    facts_add(facts, ROLE_NORMAL, "Rate", job_text_rates(job, false));
}

/* A verification: what was looked at, the verdict, and every problem. */
static void add_verification(struct facts *facts, const struct job_snapshot *job)
{
    bool whole = job_state_succeeded(job->state, job->error.code);
    if (whole)
        facts_add(
            facts, ROLE_SUCCESS, "Verified",
            mem_strdup("yes: every file has its recorded checksum, every image and its chain are sound"));
    else if (job->error.code)
        add_error(facts, &job->error, ROLE_ERROR);
    else
        facts_add(facts, ROLE_WARNING, "What",
                  mem_format("the verification was %s at %u%%: there is no verdict", job_text_state(job),
                             job->percent_complete));
    for (size_t i = 0; i < job->finding_count; i++)
        facts_add(facts, ROLE_ERROR, i == 0 ? "Problems" : "", mem_strdup(job->findings[i]));
    if (!whole)
        facts_add(facts, ROLE_NORMAL, "Next",
                  mem_strdup(*job->error.next ? job->error.next : "Verify the package again."));
    if (*job->error.key)
        facts_add(facts, ROLE_NORMAL, "Code", mem_strdup(job->error.key));
}

/* A point destroyed, or its data given back. Interrupted at any moment, nothing is lost. */
static void add_change(struct facts *facts, const struct job_snapshot *job)
{
    if (job_state_succeeded(job->state, job->error.code)) {
        facts_addf(facts, ROLE_SUCCESS, "Done", "the point %s %s", job->identity.point,
                   job_change_done(&job->identity));
        if (job->has_freed)
            facts_add(facts, ROLE_NORMAL, "Space", job_freed_sentence(job->bytes_freed));
        return;
    }
    if (job->error.code)
        add_error(facts, &job->error, ROLE_ERROR);
    else
        facts_addf(facts, ROLE_WARNING, "What", "the job was %s at %u%%", job_text_state(job),
                   job->percent_complete);
    facts_add(facts, ROLE_NORMAL, "Next",
              mem_strdup(*job->error.next
                             ? job->error.next
                             : "\"refpoint store check\" says what is left to do, and goes on with it."));
    if (*job->error.key)
        facts_add(facts, ROLE_NORMAL, "Code", mem_strdup(job->error.key));
}

static void add_end(struct facts *facts, const struct job_snapshot *job)
{
    bool success =
        job_state_succeeded(job->state, job->error.code) || job->state == JOB_STATE_COMPLETED_WITH_WARNINGS;
    if (job_text_is_verify(job))
        add_verification(facts, job);
    else if (job_text_is_change(job))
        add_change(facts, job);
    else if (success && *job->package)
        add_success(facts, job);
    else
        add_failure(facts, job);
}

void job_outcome_make(struct facts *facts, const struct job_snapshot *job, const char *log_path)
{
    CLEANUP_FREE char *numbers = job_text_return(job, true);
    facts_add(facts, job_text_role(job), "Result", mem_strdup(numbers));
    if (!job_state_is_final(job->state))
        add_running(facts, job);
    else
        add_end(facts, job);
    facts_add(facts, ROLE_NORMAL, "Log", mem_strdup(log_path));
    add_identity(facts, job);
    add_disks(facts, job);
}
