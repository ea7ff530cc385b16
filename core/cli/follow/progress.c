#include "core/cli/follow/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/cli/follow/signatures.h"
#include "core/cli/line/status.h"

#define TERMINAL_INTERVAL_MS 1000
#define LINE_INTERVAL_MS 5000
#define PHASE_WIDTH strlen("cancelling")

void progress_begin(struct progress *progress, struct output *out, bool has_job)
{
    *progress = (struct progress){.out = out, .has_job = has_job};
}

static void add_left(struct strbuf *text, const struct job_snapshot *snapshot)
{
    const char *limit = job_limit_sentence(snapshot->limited_by);
    if (snapshot->left_high_s == 0 || snapshot->state != JOB_STATE_RUNNING)
        return;
    if (snapshot->left_high_s < 120)
        strbuf_addf(text, "  left %" PRIu64 "-%" PRIu64 " s", snapshot->left_low_s, snapshot->left_high_s);
    else
        strbuf_addf(text, "  left %" PRIu64 "-%" PRIu64 " min", snapshot->left_low_s / 60,
                    (snapshot->left_high_s + 59) / 60);
    if (limit)
        strbuf_addf(text, " (%s)", limit);
}

char *progress_text(const struct job_snapshot *snapshot)
{
    struct strbuf text = {0};
    const char *what = snapshot->phase ? job_phase_word(snapshot->phase) : "starting";
    if (snapshot->state == JOB_STATE_SUSPENDED && snapshot->obstacle != JOB_OBSTACLE_NONE)
        what = "suspended";
    else if (snapshot->state == JOB_STATE_SUSPENDED)
        what = "paused";
    else if (job_state_succeeded(snapshot->state, snapshot->error.code))
        what = "done";
    else if (snapshot->cancel_requested && !job_state_is_final(snapshot->state))
        what = "cancelling";
    strbuf_addf(&text, "%3u%%  %s", snapshot->percent_complete, what);
    uint64_t bytes_done;
    uint64_t bytes_total;
    job_amounts(snapshot, &bytes_done, &bytes_total);
    if (bytes_total > 0) {
        char done[32];
        char total[32];
        size_format(bytes_done, done, sizeof done);
        size_format(bytes_total, total, sizeof total);
        strbuf_addf(&text, "%*s  %s%s of %s", (int)(PHASE_WIDTH - strlen(what)), "",
                    job_verifies_first(snapshot) ? "verified " : "", done, total);
    }
    if (snapshot->rate_now > 0 && snapshot->state == JOB_STATE_RUNNING) {
        char rate[32];
        size_format(snapshot->rate_now, rate, sizeof rate);
        strbuf_addf(&text, "  %s/s", rate);
    }
    add_left(&text, snapshot);
    return strbuf_take(&text);
}

static json_t *job_or_null(const struct job_snapshot *snapshot, bool has_job)
{
    return has_job ? json_text(snapshot->identity.id.text) : json_null();
}

static json_t *progress_json(const struct job_snapshot *snapshot, bool has_job)
{
    json_t *line = json_object();
    json_put_text(line, "event", "progress");
    json_put(line, "job", job_or_null(snapshot, has_job));
    json_put_number(line, "percent_complete", snapshot->percent_complete);
    json_put_number(line, "bytes_done", snapshot->bytes_done);
    json_put_number(line, "bytes_total", snapshot->bytes_total);
    json_put_number(line, "bytes_skipped", snapshot->bytes_skipped);
    json_put_number(line, "bytes_kept", snapshot->bytes_kept);
    json_put_number(line, "work_done", snapshot->work_done);
    json_put_number(line, "work_total", snapshot->work_total);
    json_put_number(line, "job_state", snapshot->state);
    if (snapshot->obstacle != JOB_OBSTACLE_NONE) {
        CLEANUP_FREE char *text = job_obstacle_text(snapshot);
        json_put_text(line, "obstacle", job_obstacle_word(snapshot->obstacle));
        json_put_text(line, "obstacle_text", text);
        json_put_number(line, "bytes_needed", snapshot->bytes_needed);
        json_put_number(line, "bytes_available", snapshot->bytes_available);
    }
    json_put_text(line, "phase", snapshot->phase ? job_phase_word(snapshot->phase) : NULL);
    json_put_number(line, "rate", snapshot->rate_now);
    json_put_number(line, "rate_average", snapshot->rate_average);
    json_put_number(line, "left_low_s", snapshot->left_low_s);
    json_put_number(line, "left_high_s", snapshot->left_high_s);
    json_put_text(line, "limited_by", job_limit_word(snapshot->limited_by));
    json_put_number(line, "elapsed_ms", snapshot->elapsed_ms > 0 ? (uint64_t)snapshot->elapsed_ms : 0);
    json_put_number(line, "paused_ms", snapshot->paused_ms > 0 ? (uint64_t)snapshot->paused_ms : 0);
    return line;
}

static bool is_due(const struct progress *progress, const struct job_snapshot *snapshot, int64_t now)
{
    bool moved = !progress->shown || snapshot->state != progress->state || snapshot->phase != progress->phase;
    if (progress->out->terminal)
        return moved || now - progress->shown_ms >= TERMINAL_INTERVAL_MS;
    return moved || snapshot->percent_complete != progress->percent ||
           now - progress->shown_ms >= LINE_INTERVAL_MS;
}

/* Once, in lines of its own: what it waits for, and what to do. */
static void say_obstacle(struct progress *progress, const struct job_snapshot *snapshot)
{
    if (snapshot->obstacle != JOB_OBSTACLE_NONE && progress->obstacle == JOB_OBSTACLE_NONE) {
        CLEANUP_FREE char *text = job_obstacle_text(snapshot);
        output_warning(progress->out, "suspended: %s", text);
    }
    progress->obstacle = snapshot->obstacle;
}

void progress_show(struct progress *progress, const struct job_snapshot *snapshot)
{
    int64_t now = monotonic_milliseconds();
    if (progress->out->json) {
        if (!progress->shown || snapshot->revision != progress->revision)
            output_json(progress->out, progress_json(snapshot, progress->has_job));
    } else if (is_due(progress, snapshot, now)) {
        CLEANUP_FREE char *text = progress_text(snapshot);
        output_progress(progress->out, text);
        say_obstacle(progress, snapshot);
        progress->shown_ms = now;
    } else {
        return;
    }
    progress->shown = true;
    progress->percent = snapshot->percent_complete;
    progress->state = snapshot->state;
    progress->phase = snapshot->phase;
    progress->revision = snapshot->revision;
}

static json_t *disk_rows(const struct job_snapshot *snapshot)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < snapshot->disk_count; i++) {
        const struct job_disk *disk = &snapshot->disks[i];
        json_t *row = json_object();
        json_put_text(row, "machine", disk->machine);
        json_put_text(row, "disk", disk->disk);
        json_put_text(row, "kind", disk->kind);
        json_put_text(row, "reason", *disk->reason ? disk->reason : NULL);
        json_put_number(row, "bytes_total", disk->bytes_total);
        json_put_number(row, "bytes_skipped", disk->bytes_skipped);
        json_put_number(row, "bytes_kept", disk->bytes_kept);
        json_array_append_new(rows, row);
    }
    return rows;
}

void progress_put_error(json_t *object, const struct error *err)
{
    CLEANUP_FREE char *text = *err->what ? error_text(err) : NULL;
    json_put_number(object, "error_code", err->code);
    json_put_text(object, "error_key", err->code ? err->key : NULL);
    json_put_text(object, "error", err->code ? text : NULL);
    json_put_text(object, "warning", err->code ? NULL : text);
}

static json_t *finding_rows(const struct job_snapshot *snapshot)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < snapshot->finding_count; i++)
        json_array_append_new(rows, json_text(snapshot->findings[i]));
    return rows;
}

/* The members of package verify; ok is null where there is no verdict. */
static void put_verdict(json_t *line, const struct job_snapshot *snapshot)
{
    bool whole = job_state_succeeded(snapshot->state, snapshot->error.code);
    json_put_text(line, "package", snapshot->identity.directory);
    json_put(line, "ok", whole || snapshot->finding_count ? json_boolean(whole) : json_null());
    json_put(line, "problems", finding_rows(snapshot));
    signatures_put(line, snapshot->signatures, snapshot->signature_count);
}

json_t *progress_finished_json(const struct job_snapshot *snapshot, bool has_job, uint32_t return_value)
{
    json_t *line = json_object();
    json_put_text(line, "event", "finished");
    json_put(line, "job", job_or_null(snapshot, has_job));
    json_put_number(line, "return_value", return_value);
    json_put(line, "job_state", snapshot->state ? json_integer(snapshot->state) : json_null());
    progress_put_error(line, &snapshot->error);
    if (job_is_kind(&snapshot->identity, "verify")) {
        put_verdict(line, snapshot);
        return line;
    }
    if (job_change_done(&snapshot->identity)) {
        json_put_text(line, "id", snapshot->identity.point_id);
        json_put_text(line, "collection_id", snapshot->identity.collection_id);
        if (snapshot->has_freed)
            json_put(line, "bytes_freed", json_integer(snapshot->bytes_freed));
        return line;
    }
    json_put_text(line, "package", *snapshot->package ? snapshot->package : NULL);
    json_put_text(line, "package_sum", *snapshot->package_sum ? snapshot->package_sum : NULL);
    json_put_bool(line, "verified", snapshot->verified);
    json_put_bool(line, "signed", snapshot->signature_count > 0);
    json_put_text(line, "key_fingerprint",
                  snapshot->signature_count > 0 ? snapshot->signatures[0].key : NULL);
    json_put(line, "disks", disk_rows(snapshot));
    json_put(line, "left_out", finding_rows(snapshot));
    return line;
}

static void show_receipt(struct output *out, const struct job_snapshot *snapshot)
{
    static const char *const headings[] = {"MACHINE", "DISK", "KIND", ">WRITTEN", "REASON"};
    CLEANUP_FREE char *quoted = text_shell_quote(snapshot->package);
    CLEANUP_FREE char *done = progress_text(snapshot);
    CLEANUP_FREE char *elapsed = job_elapsed_text(snapshot);
    output_progress(out, done);
    output_line(out, "package   %s", snapshot->package);
    output_line(out, "verified  %s",
                snapshot->verified
                    ? "yes: read back from the storage as it was at the point, and QEMU has it all in place"
                    : "no");
    for (size_t i = 0; i < snapshot->signature_count; i++)
        output_line(out, "signed    with %s",
                    snapshot->signatures[i].key ? snapshot->signatures[i].key : "?");
    output_line(out, "elapsed   %s", elapsed);
    if (*snapshot->package_sum)
        output_line(out, "checksum of the package: %s", snapshot->package_sum);
    for (size_t i = 0; i < snapshot->finding_count; i++)
        output_line(out, "%-9s %s", i == 0 ? "not in it" : "", snapshot->findings[i]);
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < snapshot->disk_count; i++) {
        const struct job_disk *disk = &snapshot->disks[i];
        char written[32];
        size_format(disk->bytes_total, written, sizeof written);
        table_add(&table, disk->machine);
        table_add(&table, disk->disk);
        table_add(&table, disk->kind);
        table_add(&table, written);
        table_add(&table, disk->reason);
    }
    table_end(&table, out);
    output_line(out, "Check it at any time:");
    output_line(out, "  (cd %s && sha256sum -c SHA256SUMS)", quoted);
    output_line(out, "  refpoint package verify %s", quoted);
    output_line(out, "Get the disks back as plain images:");
    output_line(out, "  refpoint package import %s --to DIR", quoted);
}

/* As package verify does without a job. */
static bool show_verdict(struct output *out, const struct job_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->finding_count; i++)
        output_line(out, "%s", snapshot->findings[i]);
    signatures_show(out, snapshot->signatures, snapshot->signature_count);
    bool whole = job_state_succeeded(snapshot->state, snapshot->error.code);
    if (whole)
        output_line(out, "%s is whole", snapshot->identity.directory);
    return whole;
}

static const char *cancelled_text(const struct job_snapshot *snapshot)
{
    if (job_change_done(&snapshot->identity))
        return "cancelled; \"refpoint store check\" says what is left to do, and goes on with it";
    return job_is_kind(&snapshot->identity, "verify")
               ? "cancelled; the package is neither proven nor found damaged"
               : "cancelled; nothing has been left of the package";
}

static void show_end(struct output *out, const struct job_snapshot *snapshot)
{
    if (job_is_kind(&snapshot->identity, "verify") && show_verdict(out, snapshot))
        return;
    if (job_state_succeeded(snapshot->state, 0) && *snapshot->package) {
        show_receipt(out, snapshot);
        if (*snapshot->error.what)
            output_error(out, &snapshot->error);
        return;
    }
    const char *done = job_change_done(&snapshot->identity);
    if (done && job_state_succeeded(snapshot->state, snapshot->error.code)) {
        CLEANUP_FREE char *freed = snapshot->has_freed ? job_freed_sentence(snapshot->bytes_freed) : NULL;
        output_line(out, "point %s %s", snapshot->identity.point, done);
        if (freed)
            output_line(out, "%s", freed);
        return;
    }
    if (snapshot->state == JOB_STATE_TERMINATED || snapshot->state == JOB_STATE_KILLED) {
        output_warning(out, "%s", cancelled_text(snapshot));
        return;
    }
    if (snapshot->error.code)
        output_error(out, &snapshot->error);
    else
        output_warning(out, "the job ended as %s", job_state_word(snapshot->state));
}

static int status_of(const struct job_snapshot *snapshot)
{
    if (snapshot->state == JOB_STATE_COMPLETED || snapshot->state == JOB_STATE_COMPLETED_WITH_WARNINGS)
        return CLI_DONE;
    if (snapshot->state == JOB_STATE_TERMINATED || snapshot->state == JOB_STATE_KILLED)
        return CLI_CANCELLED;
    return CLI_FAILED;
}

int progress_finish(struct output *out, const struct job_snapshot *snapshot, bool has_job,
                    uint32_t return_value)
{
    output_json(out, progress_finished_json(snapshot, has_job, return_value));
    show_end(out, snapshot);
    return status_of(snapshot);
}
