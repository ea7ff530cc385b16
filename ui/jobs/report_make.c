/* What a report says, by what the job did and how it ended. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/jobs/report.h"
#include "ui/jobs/text.h"

#define METHOD_COLUMNS 66 /* that the shortest wide screen has */

static struct job_report_part *add(struct job_report *report, enum job_report_kind kind)
{
    struct job_report_part *part = ARRAY_APPEND(report->parts, report->count);
    *part = (struct job_report_part){.kind = kind, .sign = SIGN_NONE, .role = ROLE_NORMAL};
    return part;
}

static void add_heading(struct job_report *report, const char *name)
{
    add(report, REPORT_HEADING)->text = mem_strdup(name);
}

static struct facts *add_facts(struct job_report *report)
{
    return &add(report, REPORT_FACTS)->facts;
}

/* Takes text. */
static void add_line(struct job_report *report, enum sign sign, enum theme_role role, char *text)
{
    struct job_report_part *part = add(report, REPORT_LINE);
    part->sign = sign;
    part->role = role;
    part->text = text;
}

static char *when_text(struct moment moment)
{
    char time[32];
    char offset[16];
    if (!moment.seconds)
        return mem_strdup("-");
    moment_format_list(moment, true, time, sizeof time);
    moment_format_offset(moment, offset, sizeof offset);
    return mem_format("%s %s", time, offset);
}

static char *copied_text(const struct job_snapshot *job)
{
    char done[32];
    char skipped[32];
    struct strbuf text = {0};
    size_format(job->bytes_done, done, sizeof done);
    size_format(job->bytes_skipped, skipped, sizeof skipped);
    strbuf_addf(&text, "%s copied", done);
    if (job->bytes_kept) {
        char kept[32];
        size_format(job->bytes_kept, kept, sizeof kept);
        strbuf_addf(&text, ", %s of it before it was interrupted, and proven again", kept);
    }
    strbuf_addf(&text, "; %s unchanged or empty, skipped", skipped);
    return strbuf_take(&text);
}

static char *time_text(const struct job_snapshot *job)
{
    struct strbuf text = {0};
    CLEANUP_FREE char *elapsed = job_elapsed_text(job);
    CLEANUP_FREE char *started = when_text(job->started);
    strbuf_add(&text, elapsed);
    if (job->rate_average) {
        CLEANUP_FREE char *rate = job_text_rate(job->rate_average);
        strbuf_addf(&text, "%s %s", job->paused_ms < 1000 ? ", at" : "; at", rate);
    }
    strbuf_addf(&text, "; started %s", started);
    return strbuf_take(&text);
}

/* A person's sentence, and the numbers of the contract's method behind it, in a line that is not broken. */
static void add_method(struct facts *facts, const struct job_snapshot *job)
{
    CLEANUP_FREE char *numbers = job_text_numbers(job);
    const char *sentence = job_text_method(job);
    bool together = strlen(sentence) + 2 + strlen(numbers) <= METHOD_COLUMNS;
    if (!together)
        facts_add(facts, ROLE_NORMAL, "Method", mem_strdup(sentence));
    facts_addf(facts, ROLE_NORMAL, together ? "Method" : "", "%s%s%s", together ? sentence : "",
               together ? "  " : "", numbers);
}

static char *subject_text(const struct job_snapshot *job)
{
    if (job_text_is_change(job))
        return mem_format("%s @ %s", job->identity.collection, job->identity.point);
    return mem_format("%s @ %s, %s", job->identity.collection, job->identity.point,
                      *job->identity.base_point_id ? "since a base" : "in full");
}

/* --- what every report ends with --- */

static void add_again(struct job_report *report, const struct job_report_source *source)
{
    if (!source->settings && !source->again)
        return;
    add_heading(report, "Run it again");
    struct facts *facts = add_facts(report);
    if (source->settings)
        facts_add(facts, ROLE_NORMAL, "Settings", mem_strdup(source->settings));
    if (!source->again)
        return;
    const char **words = mem_alloc((source->again->count + 1) * sizeof *words);
    for (size_t i = 0; i < source->again->count; i++)
        words[i] = source->again->words[i];
    facts_add_command(facts, "Command", words);
    free(words);
}

static void add_rest(struct job_report *report, const struct job_snapshot *job,
                     const struct job_report_source *source)
{
    if (job->disk_count > 0) {
        add_heading(report, "Disks");
        add(report, REPORT_DISKS);
    }
    add_heading(report, "Log");
    struct facts *facts = add_facts(report);
    facts_add(facts, ROLE_NORMAL, "File", mem_strdup(source->log_path ? source->log_path : "-"));
    for (size_t i = 0; i < source->log_count; i++)
        facts_add(facts, ROLE_DIM, "", mem_strdup(source->log[i]));
}

/* --- an export that is there --- */

static void add_check(struct job_report *report, const struct job_snapshot *job)
{
    const char *const verify[] = {"refpoint", "package", "verify", job->package, NULL};
    const char *const enter[] = {"cd", job->package, NULL};
    static const char *const sums[] = {"sha256sum", "-c", "SHA256SUMS", NULL};
    add_heading(report, "Check it");
    struct facts *facts = add_facts(report);
    facts_add_command(facts, "All of it", verify);
    facts_add_command(facts, "By hand", enter);
    facts_add_command(facts, "", sums);
    if (*job->package_sum)
        facts_add(facts, ROLE_NORMAL, "Checksum",
                  mem_format("%s (of SHA256SUMS; verify --sum)", job->package_sum));
}

static void add_get_back(struct job_report *report, const struct job_snapshot *job)
{
    const char *const import[] = {"refpoint", "package", "import", job->package, "--to", "DIRECTORY", NULL};
    add_heading(report, "Get the disks back");
    struct facts *facts = add_facts(report);
    facts_add_command(facts, "Import", import);
    facts_add(facts, ROLE_DIM, "",
              mem_strdup(*job->identity.base_point_id
                             ? "whole images, this difference and the packages it is based on put together"
                             : "whole images, and the definitions of the machines"));
}

static char *success_line(const struct job_snapshot *job)
{
    if (!job->verified)
        return mem_strdup("The package is there, not verified");
    return mem_strdup(job->state == JOB_STATE_COMPLETED_WITH_WARNINGS || job->error.code
                          ? "The package is there and verified, with warnings"
                          : "The package is there and verified");
}

static void add_success(struct job_report *report, const struct job_snapshot *job,
                        const struct job_report_source *source)
{
    bool plain = job->verified && job->state == JOB_STATE_COMPLETED && !*job->error.key;
    add_line(report, plain ? SIGN_GOOD : SIGN_WARNING, plain ? ROLE_JOB_DONE : ROLE_JOB_WARNING,
             success_line(job));
    struct facts *facts = add_facts(report);
    if (*job->error.what) {
        facts_add(facts, ROLE_WARNING, "Warning", mem_strdup(job->error.what));
        if (*job->error.cause)
            facts_add(facts, ROLE_WARNING, "", mem_strdup(job->error.cause));
    }
    facts_add(facts, ROLE_NORMAL, "Package", mem_strdup(job->package));
    facts_add(facts, ROLE_NORMAL, "Holds", subject_text(job));
    facts_add(facts, ROLE_NORMAL, "Size", copied_text(job));
    facts_add(facts, ROLE_NORMAL, "Time", time_text(job));
    facts_add(facts, job->verified ? ROLE_NORMAL : ROLE_WARNING, "Verified",
              mem_strdup(job->verified
                             ? "yes: read back from the storage as it was at the point, and QEMU has it all "
                               "in place"
                             : "no: it was written and synced, but not read back"));
    add_method(facts, job);
    for (size_t i = 0; i < job->finding_count; i++)
        facts_add(facts, ROLE_WARNING, i == 0 ? "Not in it" : "", mem_strdup(job->findings[i]));
    add_check(report, job);
    add_get_back(report, job);
    add_again(report, source);
    add(report, REPORT_GRAPH);
}

/* --- what went wrong --- */

/* The code in words and its number, in the colour of how it ended, then why and what next. */
static void add_card(struct job_report *report, const struct job_snapshot *job, const char *next,
                     const char *resume)
{
    enum theme_role role = job_text_role(job);
    const struct error *err = &job->error;
    bool failed = job_text_sign(job) == SIGN_BAD;
    CLEANUP_FREE char *number =
        err->code && failed
            ? mem_format("%s (%u): ", return_code_word(METHOD_EXPORT_REFERENCE_POINT, err->code),
                         (unsigned)err->code)
            : mem_format("%s: ", job_text_state(job));
    add_line(report, job_text_sign(job), role,
             *err->what ? mem_format("%s%s", number, err->what)
                        : mem_format("%sat %u %%", number, job->percent_complete));
    struct facts *facts = add_facts(report);
    if (*err->cause)
        facts_add(facts, role, "Why", mem_strdup(err->cause));
    if (resume)
        facts_addf(facts, ROLE_NORMAL, "Resume",
                   "%s lets it go on where it stopped; what is complete is proven again, not copied again",
                   resume);
    if (*err->next || next)
        facts_add(facts, ROLE_NORMAL, resume ? "Or" : "Next", mem_strdup(*err->next ? err->next : next));
    if (*err->key)
        facts_add(facts, ROLE_DIM, "Key", mem_strdup(err->key));
}

/* Of an interrupted one no more is known than what was looked at, which its error says. */
static void add_left(struct job_report *report, const struct job_snapshot *job)
{
    struct facts *facts = add_facts(report);
    if (*job->package)
        facts_add(facts, ROLE_NORMAL, "Package", mem_strdup(job->package));
    else if (!job_text_is_interrupted(job))
        facts_add(facts, ROLE_NORMAL, "Nothing", mem_strdup("has been left under a final name."));
}

static void add_failure(struct job_report *report, const struct job_snapshot *job,
                        const struct job_report_source *source)
{
    add_heading(report, "Progress");
    add(report, REPORT_PROGRESS);
    add(report, REPORT_BLANK);
    bool goes_on = job_text_is_interrupted(job) && !source->is_live;
    const char *key = source->pause_key ? source->pause_key : "p";
    add_card(report, job, "Start the export again from its point.", goes_on ? key : NULL);
    add_left(report, job);
    struct facts *facts = add_facts(report);
    add_method(facts, job);
    facts_add(facts, ROLE_NORMAL, "Export", subject_text(job));
    facts_add(facts, ROLE_NORMAL, "To", mem_strdup(job->identity.directory));
    add_again(report, source);
}

/* --- other kinds --- */

/* What was looked at, the verdict, and every problem. */
static void add_verification(struct job_report *report, const struct job_snapshot *job)
{
    bool whole = job_state_succeeded(job->state, job->error.code);
    if (whole)
        add_line(report, SIGN_GOOD, ROLE_JOB_DONE, mem_strdup("The package is whole"));
    else if (job->error.code)
        add_card(report, job, "Verify the package again.", NULL);
    else
        add_line(report, job_text_sign(job), job_text_role(job),
                 mem_format("the verification was %s at %u%%: there is no verdict", job_text_state(job),
                            job->percent_complete));
    struct facts *facts = add_facts(report);
    if (whole)
        facts_add(facts, ROLE_NORMAL, "Verified",
                  mem_strdup("every file has its recorded checksum, every image and its chain are sound"));
    for (size_t i = 0; i < job->finding_count; i++)
        facts_add(facts, ROLE_ERROR, i == 0 ? "Problems" : "", mem_strdup(job->findings[i]));
    facts_add(facts, ROLE_NORMAL, "Package", mem_strdup(job->identity.directory));
    facts_add(facts, ROLE_NORMAL, "Holds", subject_text(job));
    facts_add(facts, ROLE_NORMAL, "Time", time_text(job));
    add_method(facts, job);
    if (!whole && !job->error.code)
        facts_add(facts, ROLE_NORMAL, "Next", mem_strdup("Verify the package again."));
}

/* A point destroyed, or its data given back. Interrupted at any moment, nothing is lost. */
static void add_change(struct job_report *report, const struct job_snapshot *job)
{
    static const char next[] = "\"refpoint store check\" says what is left to do, and goes on with it.";
    bool done = job_state_succeeded(job->state, job->error.code);
    if (done)
        add_line(report, SIGN_GOOD, ROLE_JOB_DONE,
                 mem_format("the point %s %s", job->identity.point, job_change_done(&job->identity)));
    else if (job->error.code)
        add_card(report, job, next, NULL);
    else
        add_line(report, job_text_sign(job), job_text_role(job),
                 mem_format("the job was %s at %u%%", job_text_state(job), job->percent_complete));
    struct facts *facts = add_facts(report);
    if (done && job->has_freed)
        facts_add(facts, ROLE_NORMAL, "Space", job_freed_sentence(job->bytes_freed));
    if (!done && !job->error.code)
        facts_add(facts, ROLE_NORMAL, "Next", mem_strdup(next));
    facts_add(facts, ROLE_NORMAL, "Point", subject_text(job));
    facts_add(facts, ROLE_NORMAL, "Time", time_text(job));
    add_method(facts, job);
}

static void add_running(struct job_report *report, const struct job_snapshot *job)
{
    add_line(report, job_text_sign(job), job_text_role(job), mem_strdup(job_text_state(job)));
    add(report, REPORT_PROGRESS);
    struct facts *facts = add_facts(report);
    if (job->obstacle != JOB_OBSTACLE_NONE)
        facts_add(facts, ROLE_WARNING, "Waits for", job_obstacle_text(job));
    facts_add(facts, ROLE_NORMAL, "What", job_text_subject(job, "->"));
    facts_add(facts, ROLE_NORMAL, "Time", time_text(job));
    add_method(facts, job);
}

void job_report_make(struct job_report *report, const struct job_snapshot *job,
                     const struct job_report_source *source)
{
    bool success =
        job_state_succeeded(job->state, job->error.code) || job->state == JOB_STATE_COMPLETED_WITH_WARNINGS;
    if (!job_state_is_final(job->state))
        add_running(report, job);
    else if (job_text_is_verify(job))
        add_verification(report, job);
    else if (job_text_is_change(job))
        add_change(report, job);
    else if (success && *job->package)
        add_success(report, job, source);
    else
        add_failure(report, job, source);
    add_rest(report, job, source);
}
