#include "core/export/prepare/basing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"
#include "core/export/prepare/prepare.h"
#include "core/system/fs.h"

bool basing_has_to_read(const struct prepared *prepared)
{
    enum base_check check = prepared->task->options.base_check;
    return prepared->has_base && prepared_is_differential(prepared) && check != BASE_CHECK_NEVER &&
           (check == BASE_CHECK_ALWAYS || prepared->base_state.unproven > 0);
}

bool basing_is_proven(const struct prepared *prepared)
{
    return !prepared->has_base || !prepared_is_differential(prepared) || prepared->base_state.unproven == 0;
}

static void log_known(const struct prepared *prepared, struct job *job)
{
    const struct base_state *state = &prepared->base_state;
    char when[32];
    if (!prepared->has_base || !prepared_is_differential(prepared))
        return;
    if (state->unproven > 0) {
        job_log(job, "the base package is not verified, as was asked for: nothing is claimed of what is read "
                     "through it");
        return;
    }
    moment_format_list(state->verified, false, when, sizeof when);
    job_log(job, "the base package was verified on this machine, last %s, and has not been touched since",
            when);
}

static void log_begin(const struct prepared *prepared, struct job *job)
{
    const struct base_state *state = &prepared->base_state;
    bool again = prepared->task->options.base_check == BASE_CHECK_ALWAYS;
    char size[16];
    size_format(again ? state->bytes : state->bytes_unproven, size, sizeof size);
    job_log(job, "verifying the base package %s first, %s to read: %s", prepared->base.packages[0].path, size,
            again            ? "it was asked for"
            : state->touched ? "its files are not what they were when it was verified here"
                             : "it was not verified on this machine yet");
}

static bool refuse(const struct prepared *prepared, const struct base_verdict *verdict, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "export.base-altered",
              "the base package %s is not what was exported", prepared->base.packages[0].path);
    error_cause(err, "%s", verdict->problem);
    return error_next(
        err, "Bring it back from a copy; or export with --altered-base full, which exports the disks "
             "concerned in full; or without a base. What else is based on it is damaged too: "
             "\"refpoint package verify\" tells.");
}

/* Their layers are read to the bottom, then. */
static void make_full(struct prepared *prepared, const struct base_verdict *verdict)
{
    for (size_t i = 0; i < prepared->disk_count; i++) {
        struct prepared_disk *disk = &prepared->disks[i];
        if (!disk->differential || !verdict->damaged[prepared->layout.disks[i].base_disk])
            continue;
        disk->differential = false;
        mem_replace(&disk->own_reason, "the base package's image of it is not what was exported");
        disk->reason = disk->own_reason;
    }
}

static bool settle(struct prepared *prepared, const struct base_verdict *verdict, struct job *job,
                   struct error *err)
{
    if (verdict->problem_count == 0) {
        job_log(job, "the base package is whole");
        return true;
    }
    if (!prepared->task->options.full_if_altered)
        return refuse(prepared, verdict, err);
    CLEANUP_FREE char *finding = mem_format("the base package %s is not what was exported: %s",
                                            prepared->base.packages[0].path, verdict->problem);
    job_log(job, "%s", finding);
    job_add_finding(job, finding);
    make_full(prepared, verdict);
    return prepare_check_strict(prepared, err);
}

bool basing_verify(struct prepared *prepared, struct job *job, struct error *err)
{
    if (!basing_has_to_read(prepared)) {
        log_known(prepared, job);
        return true;
    }
    const struct export_task *task = prepared->task;
    size_t count = 0;
    char **directories = mem_alloc((task->options.base_package_count + 2) * sizeof *directories);
    directories[count++] = task->directory;
    for (size_t i = 0; i < task->options.base_package_count; i++)
        directories[count++] = task->options.base_packages[i];
    struct base_check_spec spec = {.base = &prepared->base,
                                   .again = task->options.base_check == BASE_CHECK_ALWAYS,
                                   .memory = task->memory,
                                   .directories = directories,
                                   .directory_count = count,
                                   .job = job};
    struct base_verdict verdict = {0};
    log_begin(prepared, job);
    bool ok = base_check(&spec, &prepared->base_state, &verdict, err) && settle(prepared, &verdict, job, err);
    base_verdict_clear(&verdict);
    free(directories);
    return ok;
}

/* Since it was proven, a disk's file has got its mode and nothing else. */
static bool is_as_proven(int directory, const struct package *package, const struct stat *as_read)
{
    for (size_t i = 0; i < package->disk_count; i++) {
        struct stat now;
        if (fstatat(directory, package->disks[i].file, &now, AT_SYMLINK_NOFOLLOW) != 0 ||
            !fs_is_untouched(&as_read[i], &now))
            return false;
    }
    return true;
}

void basing_remember(const struct prepared *prepared, const char *path, const struct stat *as_read,
                     struct job *job)
{
    struct error err = {0};
    struct package package = {0};
    CLEANUP_FREE char *likeness = NULL;
    CLEANUP_FD int fd = -1;
    const struct package_proof proof = {.when = moment_now(), .how = PROOF_HOW_EXPORT};
    const char *memory = prepared->task->memory;
    if (!memory)
        return;
    bool ok = package_open(path, &package, &fd, &err) && package_proof_liken(fd, &likeness, &err) &&
              (!is_as_proven(fd, &package, as_read) ||
               package_proof_note(memory, &package, fd, likeness, &proof, &err));
    if (!ok) {
        CLEANUP_FREE char *why = error_text(&err);
        job_log(job, "that this package is verified is not remembered: %s", why);
    }
    package_clear(&package);
}
