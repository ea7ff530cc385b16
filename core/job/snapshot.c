/* The snapshot as a value, and the words of its parts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/job/job.h"

const char *job_phase_word(enum job_phase phase)
{
    switch (phase) {
    case JOB_PHASE_PLAN:
        return "plan";
    case JOB_PHASE_COPY:
        return "copy";
    case JOB_PHASE_VERIFY:
        return "verify";
    case JOB_PHASE_COMMIT:
        return "commit";
    }
    return "unknown";
}

const char *job_disk_state_word(enum job_disk_state state)
{
    switch (state) {
    case JOB_DISK_WAITING:
        return "waiting";
    case JOB_DISK_COPYING:
        return "copying";
    case JOB_DISK_VERIFYING:
        return "verifying";
    case JOB_DISK_DONE:
        return "done";
    case JOB_DISK_FAILED:
        return "failed";
    }
    return "unknown";
}

const char *job_limit_word(enum job_limit limit)
{
    static const char *const words[JOB_LIMIT_COUNT] = {NULL, "source", "target", "processor", "rate"};
    return limit < JOB_LIMIT_COUNT ? words[limit] : NULL;
}

const char *job_limit_sentence(enum job_limit limit)
{
    static const char *const sentences[JOB_LIMIT_COUNT] = {NULL, "source-limited", "target-limited",
                                                           "processor-limited", "your limit"};
    return limit < JOB_LIMIT_COUNT ? sentences[limit] : NULL;
}

void job_amounts(const struct job_snapshot *snapshot, uint64_t *done, uint64_t *total)
{
    bool has_work = snapshot->work_total > 0 && !job_state_succeeded(snapshot->state, snapshot->error.code);
    *done = has_work ? snapshot->work_done : snapshot->bytes_done;
    *total = has_work ? snapshot->work_total : snapshot->bytes_total;
}

bool job_verifies_first(const struct job_snapshot *snapshot)
{
    return snapshot->phase == JOB_PHASE_PLAN && snapshot->work_total > 0 && snapshot->bytes_total == 0;
}

char *job_elapsed_text(const struct job_snapshot *snapshot)
{
    char elapsed[32];
    char paused[32];
    duration_format(snapshot->elapsed_ms / 1000, elapsed, sizeof elapsed);
    duration_format(snapshot->paused_ms / 1000, paused, sizeof paused);
    return snapshot->paused_ms < 1000 ? mem_strdup(elapsed) : mem_format("%s, paused %s", elapsed, paused);
}

static void free_findings(char **findings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(findings[i]);
    free(findings);
}

bool job_is_kind(const struct job_identity *identity, const char *kind)
{
    return strcmp(*identity->kind ? identity->kind : "export", kind) == 0;
}

const char *job_change_done(const struct job_identity *identity)
{
    if (job_is_kind(identity, "destroy"))
        return "is destroyed";
    return job_is_kind(identity, "remove-data") ? "has given its data back; it stays usable as a base" : NULL;
}

char *job_freed_sentence(int64_t bytes)
{
    char size[16];
    if (bytes == 0)
        return mem_strdup("nothing came back to the file system");
    size_format(bytes > 0 ? (uint64_t)bytes : -(uint64_t)bytes, size, sizeof size);
    return bytes > 0 ? mem_format("%s (%" PRId64 " bytes) came back to the file system", size, bytes)
                     : mem_format("it takes %s more of the file system than before (%" PRId64 " bytes)", size,
                                  bytes);
}

void job_signature_clear(struct job_signature *signature)
{
    free(signature->package);
    free(signature->signer);
    free(signature->key);
    *signature = (struct job_signature){0};
}

void job_signature_copy(struct job_signature *to, const struct job_signature *from)
{
    *to = *from;
    to->package = mem_strdup(from->package);
    to->signer = mem_strdup(from->signer);
    to->key = mem_strdup(from->key);
}

char *job_signature_sentence(const struct job_signature *signature)
{
    if (!signature->is_signed)
        return signature->asked ? mem_strdup("not signed") : NULL;
    if (signature->unseen)
        return mem_strdup("signed, but the signature was not looked at: ssh-keygen is not installed");
    if (signature->signer && signature->key)
        return mem_format("signed by %s (key %s)", signature->signer, signature->key);
    if (signature->key && !signature->asked)
        return mem_format("signed with %s, which nobody was asked about (give --allowed-signers)",
                          signature->key);
    return NULL;
}

static void free_signatures(struct job_signature *signatures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        job_signature_clear(&signatures[i]);
    free(signatures);
}

void job_snapshot_clear(struct job_snapshot *snapshot)
{
    free(snapshot->disks);
    free_findings(snapshot->findings, snapshot->finding_count);
    free_signatures(snapshot->signatures, snapshot->signature_count);
    memset(snapshot, 0, sizeof *snapshot);
}

void job_snapshot_copy(struct job_snapshot *to, const struct job_snapshot *from)
{
    if (to == from)
        return;
    struct job_disk *disks = to->disks;
    if (to->disk_count != from->disk_count) {
        free(disks);
        disks = from->disk_count ? mem_alloc(from->disk_count * sizeof *disks) : NULL;
    }
    free_findings(to->findings, to->finding_count);
    free_signatures(to->signatures, to->signature_count);
    *to = *from;
    to->disks = disks;
    to->findings = NULL;
    to->finding_count = 0;
    to->signatures = NULL;
    to->signature_count = 0;
    for (size_t i = 0; i < from->finding_count; i++)
        *ARRAY_APPEND(to->findings, to->finding_count) = mem_strdup(from->findings[i]);
    for (size_t i = 0; i < from->signature_count; i++)
        job_signature_copy(ARRAY_APPEND(to->signatures, to->signature_count), &from->signatures[i]);
    if (from->disk_count)
        memcpy(disks, from->disks, from->disk_count * sizeof *disks);
}

char *job_obstacle_text(const struct job_snapshot *snapshot)
{
    const struct error *err = &snapshot->obstacle_error;
    char needed[16];
    char available[16];
    size_format(snapshot->bytes_needed, needed, sizeof needed);
    size_format(snapshot->bytes_available, available, sizeof available);
    bool is_known = snapshot->bytes_needed > 0 &&
                    (snapshot->obstacle == JOB_OBSTACLE_NO_SPACE || snapshot->obstacle == JOB_OBSTACLE_QUOTA);
    CLEANUP_FREE char *room =
        is_known ? mem_format("; %s at most are still needed, %s are available", needed, available)
                 : mem_strdup("");
    return mem_format("%s: %s%s. %s", err->what, err->cause, room, err->next);
}
