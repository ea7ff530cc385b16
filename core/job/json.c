/* Reading is for hostile text too: every number is put into its range, every text is cut to its field and
 * what is shown as it is (rows, note, error) is escaped once more. Paths keep their bytes as far as JSON can
 * carry them: what is no UTF-8 arrives escaped. */
#include "core/job/json.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

#define DISK_LIMIT 100000

static void put_moment(json_t *object, const char *key, struct moment moment)
{
    if (moment.seconds == 0 && moment.nanoseconds == 0) {
        json_put(object, key, json_null());
        return;
    }
    char text[64];
    moment_format_rfc3339(moment, true, text, sizeof text);
    json_put_text(object, key, text);
}

static struct moment get_moment(const json_t *object, const char *key)
{
    struct moment moment = {0};
    const char *text = json_get_text(object, key, NULL);
    if (text && !moment_parse_rfc3339(&moment, text))
        moment = (struct moment){0};
    return moment;
}

static void put_text_or_null(json_t *object, const char *key, const char *text)
{
    json_put_text(object, key, *text ? text : NULL);
}

#define GET_TEXT(object, key, field) text_copy_cut((field), sizeof(field), json_get_text((object), (key), ""))

static void get_escaped(const json_t *object, const char *key, char *field, size_t size)
{
    CLEANUP_FREE char *safe = text_escape(json_get_text(object, key, ""));
    text_copy_cut(field, size, safe);
}

#define GET_ESCAPED(object, key, field) get_escaped((object), (key), (field), sizeof(field))

static uint32_t get_number32(const json_t *object, const char *key)
{
    uint64_t number = json_get_number(object, key, 0);
    return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

json_t *error_to_json(const struct error *err)
{
    if (err->code == 0 && !*err->key)
        return json_null();
    json_t *object = json_object();
    json_put_number(object, "code", err->code);
    json_put_text(object, "key", err->key);
    json_put_text(object, "what", err->what);
    json_put_text(object, "cause", err->cause);
    json_put_text(object, "next", err->next);
    return object;
}

void error_from_json(struct error *err, const json_t *value)
{
    *err = (struct error){0};
    if (!json_is_object(value))
        return;
    err->code = get_number32(value, "code");
    GET_ESCAPED(value, "key", err->key);
    GET_ESCAPED(value, "what", err->what);
    GET_ESCAPED(value, "cause", err->cause);
    GET_ESCAPED(value, "next", err->next);
}

static json_t *disk_to_json(const struct job_disk *disk)
{
    json_t *object = json_object();
    json_put_text(object, "machine", disk->machine);
    json_put_text(object, "disk", disk->disk);
    json_put_text(object, "kind", disk->kind);
    put_text_or_null(object, "reason", disk->reason);
    json_put_text(object, "state", job_disk_state_word(disk->state));
    json_put_number(object, "bytes_done", disk->bytes_done);
    json_put_number(object, "bytes_total", disk->bytes_total);
    json_put_number(object, "bytes_skipped", disk->bytes_skipped);
    json_put_number(object, "bytes_kept", disk->bytes_kept);
    json_put_number(object, "bytes_zero", disk->bytes_zero);
    return object;
}

static void disk_from_json(struct job_disk *disk, const json_t *value)
{
    GET_ESCAPED(value, "machine", disk->machine);
    GET_ESCAPED(value, "disk", disk->disk);
    GET_ESCAPED(value, "kind", disk->kind);
    GET_ESCAPED(value, "reason", disk->reason);
    const char *word = json_get_text(value, "state", "");
    for (int state = JOB_DISK_WAITING; state <= JOB_DISK_FAILED; state++) {
        if (strcmp(word, job_disk_state_word((enum job_disk_state)state)) == 0)
            disk->state = (enum job_disk_state)state;
    }
    disk->bytes_done = json_get_number(value, "bytes_done", 0);
    disk->bytes_total = json_get_number(value, "bytes_total", 0);
    disk->bytes_skipped = json_get_number(value, "bytes_skipped", 0);
    disk->bytes_kept = json_get_number(value, "bytes_kept", 0);
    disk->bytes_zero = json_get_number(value, "bytes_zero", 0);
}

static void put_identity(json_t *object, const struct job_identity *identity)
{
    json_put_text(object, "job", identity->id.text);
    bool exports = job_is_kind(identity, "export");
    json_put_text(object, "class", exports ? JOB_CLASS_EXPORT : JOB_CLASS_CONCRETE);
    if (!exports) /* an export's journal looks as it did when there was no other kind */
        json_put_text(object, "kind", identity->kind);
    json_put_text(object, "collection", identity->collection);
    json_put_text(object, "collection_id", identity->collection_id);
    json_put_text(object, "point", identity->point);
    json_put_text(object, "reference_point_id", identity->point_id);
    put_text_or_null(object, "base_reference_point_id", identity->base_point_id);
    json_put_text(object, "directory", identity->directory);
    json_put_text(object, "owner", identity->owner);
}

static void get_identity(const json_t *object, struct job_identity *identity)
{
    GET_ESCAPED(object, "kind", identity->kind);
    GET_ESCAPED(object, "collection", identity->collection);
    GET_ESCAPED(object, "collection_id", identity->collection_id);
    GET_ESCAPED(object, "point", identity->point);
    GET_ESCAPED(object, "reference_point_id", identity->point_id);
    GET_ESCAPED(object, "base_reference_point_id", identity->base_point_id);
    GET_TEXT(object, "directory", identity->directory);
    GET_ESCAPED(object, "owner", identity->owner);
}

/* Left out where there is none. */
static void put_obstacle(json_t *object, const struct job_snapshot *snapshot)
{
    if (snapshot->obstacle == JOB_OBSTACLE_NONE)
        return;
    CLEANUP_FREE char *sentence = error_text(&snapshot->obstacle_error);
    json_t *obstacle = json_object();
    json_put_text(obstacle, "kind", job_obstacle_word(snapshot->obstacle));
    json_put_number(obstacle, "error_code", snapshot->obstacle_error.code);
    json_put_text(obstacle, "error", sentence);
    json_put(obstacle, "error_detail", error_to_json(&snapshot->obstacle_error));
    json_put_number(obstacle, "bytes_needed", snapshot->bytes_needed);
    json_put_number(obstacle, "bytes_available", snapshot->bytes_available);
    put_moment(obstacle, "until", snapshot->obstacle_until);
    json_put(object, "obstacle", obstacle);
}

static void get_obstacle(const json_t *object, struct job_snapshot *snapshot)
{
    const json_t *obstacle = json_object_get(object, "obstacle");
    const char *word = json_get_text(obstacle, "kind", "");
    for (int kind = JOB_OBSTACLE_NONE; obstacle && kind < JOB_OBSTACLE_COUNT; kind++) {
        if (strcmp(word, job_obstacle_word((enum job_obstacle)kind)) == 0)
            snapshot->obstacle = (enum job_obstacle)kind;
    }
    if (snapshot->obstacle == JOB_OBSTACLE_NONE)
        return;
    error_from_json(&snapshot->obstacle_error, json_object_get(obstacle, "error_detail"));
    snapshot->bytes_needed = json_get_number(obstacle, "bytes_needed", 0);
    snapshot->bytes_available = json_get_number(obstacle, "bytes_available", 0);
    snapshot->obstacle_until = get_moment(obstacle, "until");
}

/* The rate over time is left out where there is none: old journals, and jobs that have not begun. */
static void put_history(json_t *object, const struct job_history *history)
{
    if (history->count == 0)
        return;
    json_t *value = json_object();
    json_t *bytes = json_array();
    for (size_t i = 0; i < history->count; i++)
        json_array_append_new(bytes, json_integer((json_int_t)history->bytes[i]));
    json_put_number(value, "slice_ms", (uint64_t)history->slice_ms);
    json_put_number(value, "elapsed_ms", (uint64_t)history->at_ms);
    json_put(value, "bytes", bytes);
    json_put(object, "rate_history", value);
}

/* As many slices as fit into the time that is told, else none: where they lie is counted, not told. */
static void get_history(const json_t *object, struct job_history *history)
{
    const json_t *value = json_object_get(object, "rate_history");
    const json_t *bytes = json_object_get(value, "bytes");
    uint64_t slice_ms = json_get_number(value, "slice_ms", 0);
    uint64_t at_ms = json_get_number(value, "elapsed_ms", 0);
    size_t count = json_array_size(bytes);
    if (count == 0 || count > JOB_HISTORY_SLICES || slice_ms == 0 ||
        slice_ms > INT64_MAX / JOB_HISTORY_SLICES)
        return;
    if (at_ms <= slice_ms * (count - 1) || at_ms > slice_ms * count)
        return;
    *history = (struct job_history){
        .slice_ms = (int64_t)slice_ms, .at_ms = (int64_t)at_ms, .given_ms = (int64_t)at_ms, .count = count};
    for (size_t i = 0; i < count; i++) {
        json_int_t number = json_integer_value(json_array_get(bytes, i));
        history->bytes[i] = number > 0 ? (uint64_t)number : 0;
    }
}

static void put_progress(json_t *object, const struct job_snapshot *snapshot)
{
    json_put_text(object, "state", job_state_word(snapshot->state));
    json_put_number(object, "job_state", snapshot->state);
    json_put_text(object, "phase", job_phase_word(snapshot->phase));
    json_put_number(object, "phase_index", snapshot->phase);
    json_put_number(object, "phase_count", JOB_PHASE_COUNT);
    json_put_number(object, "percent_complete", snapshot->percent_complete);
    json_put_number(object, "work_done", snapshot->work_done);
    json_put_number(object, "work_total", snapshot->work_total);
    json_put_number(object, "bytes_done", snapshot->bytes_done);
    json_put_number(object, "bytes_total", snapshot->bytes_total);
    json_put_number(object, "bytes_skipped", snapshot->bytes_skipped);
    json_put_number(object, "bytes_kept", snapshot->bytes_kept);
    json_put_number(object, "rate_now", snapshot->rate_now);
    json_put_number(object, "rate_average", snapshot->rate_average);
    json_put_number(object, "left_low_s", snapshot->left_low_s);
    json_put_number(object, "left_high_s", snapshot->left_high_s);
    json_put_text(object, "limited_by", job_limit_word(snapshot->limited_by));
    put_history(object, &snapshot->history);
    put_moment(object, "start_time", snapshot->started);
    put_moment(object, "time_of_last_state_change", snapshot->changed);
    json_put_number(object, "elapsed_ms", snapshot->elapsed_ms < 0 ? 0 : (uint64_t)snapshot->elapsed_ms);
    json_put_number(object, "paused_ms", snapshot->paused_ms < 0 ? 0 : (uint64_t)snapshot->paused_ms);
    json_put_bool(object, "cancellable", snapshot->cancellable);
    json_put_bool(object, "cancel_requested", snapshot->cancel_requested);
}

static enum job_limit get_limit(const json_t *object)
{
    const char *word = json_get_text(object, "limited_by", "");
    for (int limit = JOB_LIMIT_SOURCE; limit < JOB_LIMIT_COUNT; limit++) {
        if (strcmp(word, job_limit_word((enum job_limit)limit)) == 0)
            return (enum job_limit)limit;
    }
    return JOB_LIMIT_NONE;
}

static void get_progress(const json_t *object, struct job_snapshot *snapshot)
{
    snapshot->state = get_number32(object, "job_state");
    uint32_t phase = get_number32(object, "phase_index");
    if (phase >= JOB_PHASE_PLAN && phase <= JOB_PHASE_COMMIT)
        snapshot->phase = (enum job_phase)phase;
    uint32_t percent = get_number32(object, "percent_complete");
    snapshot->percent_complete = percent > 100 ? 100 : percent;
    snapshot->work_done = json_get_number(object, "work_done", 0);
    snapshot->work_total = json_get_number(object, "work_total", 0);
    snapshot->bytes_done = json_get_number(object, "bytes_done", 0);
    snapshot->bytes_total = json_get_number(object, "bytes_total", 0);
    snapshot->bytes_skipped = json_get_number(object, "bytes_skipped", 0);
    snapshot->bytes_kept = json_get_number(object, "bytes_kept", 0);
    snapshot->rate_now = json_get_number(object, "rate_now", 0);
    snapshot->rate_average = json_get_number(object, "rate_average", 0);
    snapshot->left_low_s = json_get_number(object, "left_low_s", 0);
    snapshot->left_high_s = json_get_number(object, "left_high_s", 0);
    snapshot->limited_by = get_limit(object);
    get_history(object, &snapshot->history);
    snapshot->started = get_moment(object, "start_time");
    snapshot->changed = get_moment(object, "time_of_last_state_change");
    snapshot->elapsed_ms = (int64_t)json_get_number(object, "elapsed_ms", 0);
    snapshot->paused_ms = (int64_t)json_get_number(object, "paused_ms", 0);
    snapshot->cancellable = json_get_bool(object, "cancellable", false);
    snapshot->cancel_requested = json_get_bool(object, "cancel_requested", false);
}

/* Left out where there are none. */
static void put_findings(json_t *object, const struct job_snapshot *snapshot)
{
    json_t *findings = snapshot->finding_count ? json_array() : NULL;
    for (size_t i = 0; i < snapshot->finding_count; i++)
        json_array_append_new(findings, json_text(snapshot->findings[i]));
    if (findings)
        json_put(object, "findings", findings);
}

static void get_findings(const json_t *object, struct job_snapshot *snapshot)
{
    const json_t *findings = json_object_get(object, "findings");
    for (size_t i = 0; i < json_array_size(findings) && i < JOB_FINDING_LIMIT; i++) {
        const char *sentence = json_string_value(json_array_get(findings, i));
        *ARRAY_APPEND(snapshot->findings, snapshot->finding_count) = text_escape(sentence ? sentence : "");
    }
}

/* Left out where it is not known. */
static void put_freed(json_t *object, const struct job_snapshot *snapshot)
{
    if (snapshot->has_freed)
        json_put(object, "bytes_freed", json_integer(snapshot->bytes_freed));
}

static void get_freed(const json_t *object, struct job_snapshot *snapshot)
{
    const json_t *value = json_object_get(object, "bytes_freed");
    snapshot->has_freed = json_is_integer(value);
    snapshot->bytes_freed = snapshot->has_freed ? json_integer_value(value) : 0;
}

json_t *job_signature_to_json(const struct job_signature *signature)
{
    json_t *object = json_object();
    json_put_text(object, "package", signature->package);
    json_put_bool(object, "signed", signature->is_signed);
    json_put_text(object, "signer", signature->signer);
    json_put_text(object, "key_fingerprint", signature->key);
    json_put_bool(object, "asked", signature->asked);
    json_put_bool(object, "unseen", signature->unseen);
    return object;
}

static void put_signatures(json_t *object, const struct job_snapshot *snapshot)
{
    json_t *rows = snapshot->signature_count ? json_array() : NULL;
    for (size_t i = 0; i < snapshot->signature_count; i++)
        json_array_append_new(rows, job_signature_to_json(&snapshot->signatures[i]));
    if (rows)
        json_put(object, "signatures", rows);
}

static char *get_new_escaped(const json_t *object, const char *key)
{
    const char *text = json_get_text(object, key, NULL);
    return text ? text_escape(text) : NULL;
}

static void get_signatures(const json_t *object, struct job_snapshot *snapshot)
{
    const json_t *rows = json_object_get(object, "signatures");
    for (size_t i = 0; i < json_array_size(rows) && i < JOB_SIGNATURE_LIMIT; i++) {
        const json_t *row = json_array_get(rows, i);
        *ARRAY_APPEND(snapshot->signatures, snapshot->signature_count) =
            (struct job_signature){.package = get_new_escaped(row, "package"),
                                   .signer = get_new_escaped(row, "signer"),
                                   .key = get_new_escaped(row, "key_fingerprint"),
                                   .is_signed = json_get_bool(row, "signed", false),
                                   .asked = json_get_bool(row, "asked", false),
                                   .unseen = json_get_bool(row, "unseen", false)};
    }
}

json_t *job_snapshot_to_json(const struct job_snapshot *snapshot)
{
    json_t *object = json_object();
    put_identity(object, &snapshot->identity);
    put_progress(object, snapshot);
    json_put_number(object, "error_code", snapshot->error.code);
    CLEANUP_FREE char *sentence = error_text(&snapshot->error);
    put_text_or_null(object, "error", sentence);
    json_put(object, "error_detail", error_to_json(&snapshot->error));
    put_obstacle(object, snapshot);
    put_text_or_null(object, "package", snapshot->package);
    put_text_or_null(object, "package_sum", snapshot->package_sum);
    put_freed(object, snapshot);
    json_put_bool(object, "verified", snapshot->verified);
    json_put_text(object, "note", snapshot->note);
    json_t *disks = json_array();
    for (size_t i = 0; i < snapshot->disk_count; i++)
        json_array_append_new(disks, disk_to_json(&snapshot->disks[i]));
    json_put(object, "disks", disks);
    put_findings(object, snapshot);
    put_signatures(object, snapshot);
    json_put_number(object, "revision", snapshot->revision);
    return object;
}

bool job_snapshot_from_json(struct job_snapshot *snapshot, const json_t *value)
{
    struct guid id;
    const char *text = json_get_text(value, "job", NULL);
    if (!text || !guid_parse(&id, text))
        return false;
    job_snapshot_clear(snapshot);
    snapshot->identity.id = id;
    get_identity(value, &snapshot->identity);
    get_progress(value, snapshot);
    error_from_json(&snapshot->error, json_object_get(value, "error_detail"));
    get_obstacle(value, snapshot);
    GET_TEXT(value, "package", snapshot->package);
    GET_ESCAPED(value, "package_sum", snapshot->package_sum);
    get_freed(value, snapshot);
    snapshot->verified = json_get_bool(value, "verified", false);
    GET_ESCAPED(value, "note", snapshot->note);
    const json_t *disks = json_object_get(value, "disks");
    size_t count = json_is_array(disks) ? json_array_size(disks) : 0;
    if (count > DISK_LIMIT)
        count = DISK_LIMIT;
    if (count > 0)
        snapshot->disks = mem_alloc(count * sizeof *snapshot->disks);
    for (snapshot->disk_count = 0; snapshot->disk_count < count; snapshot->disk_count++)
        disk_from_json(&snapshot->disks[snapshot->disk_count], json_array_get(disks, snapshot->disk_count));
    get_findings(value, snapshot);
    get_signatures(value, snapshot);
    snapshot->revision = json_get_number(value, "revision", 0);
    return true;
}
