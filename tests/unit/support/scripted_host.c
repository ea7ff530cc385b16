#include "tests/unit/support/scripted_host.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"

struct scripted_host {
    struct host host;
    char *directory;
    char *script;
    int gate_fd;
};

static struct scripted_host *scripted(struct host *host)
{
    return (struct scripted_host *)host;
}

static int open_gate(const char *directory)
{
    CLEANUP_FREE char *path = mem_format("%s/gate", directory);
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC); /* both ways: it never ends and never blocks */
}

void scripted_host_write(const char *directory, const char *script)
{
    CLEANUP_FREE char *path = mem_format("%s/script", directory);
    CLEANUP_FREE char *gate = mem_format("%s/gate", directory);
    struct error err = {0};
    if (!fs_write_atomic(AT_FDCWD, path, script, strlen(script), 0600, &err))
        abort();
    mkfifo(gate, 0600);
}

void scripted_host_release(const char *directory)
{
    CLEANUP_FD int fd = open_gate(directory);
    /* The reader opened the gate before the test could know that it waits, so the byte is not lost. */
    if (write(fd, "g", 1) != 1)
        abort();
}

static bool wait_at_gate(int gate_fd, struct job *job, int patience_ms)
{
    struct pollfd fds[2] = {{.fd = gate_fd, .events = POLLIN},
                            {.fd = job ? job_cancel_fd(job) : -1, .events = POLLIN}};
    char byte;
    if (poll(fds, 2, patience_ms) <= 0)
        return false;
    return fds[0].revents && read(gate_fd, &byte, 1) == 1;
}

static bool says(const struct scripted_host *host, const char *word)
{
    return strstr(host->script, word) != NULL;
}

static void set_file_limit(bool none)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = none ? 0 : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void set_disks(struct job *job, size_t count)
{
    struct job_disk *rows = mem_alloc(count * sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct job_disk){.kind = "full", .bytes_total = 4 * MIB};
        snprintf(rows[i].machine, sizeof rows[i].machine, "machine-%0100zu", i);
        snprintf(rows[i].disk, sizeof rows[i].disk, "vda");
    }
    job_set_disks(job, rows, count);
    job_set_phase(job, JOB_PHASE_COPY);
    free(rows);
}

/* False: the script ends here, with *code. */
static bool do_word(struct scripted_host *host, const char *word, struct job *job, uint32_t *code,
                    struct error *err)
{
    if (strcmp(word, "disks") == 0)
        set_disks(job, 1);
    if (strcmp(word, "many") == 0)
        set_disks(job, 3000);
    if (strcmp(word, "step") == 0) {
        job_log(job, "one step further"); /* before what jobs_has_a_step waits for */
        job_disk_add_done(job, 0, MIB);
    }
    if (strcmp(word, "wait") == 0)
        wait_at_gate(host->gate_fd, job, -1);
    while (strcmp(word, "spin") == 0 && job_checkpoint(job)) {
        if (wait_at_gate(host->gate_fd, job, 5))
            break;
        job_disk_add_done(job, 0, 1);
    }
    if (strcmp(word, "choke") == 0 || strcmp(word, "breathe") == 0)
        set_file_limit(strcmp(word, "choke") == 0);
    if (strcmp(word, "die") == 0)
        raise(SIGKILL);
    if (strcmp(word, "fail") == 0) {
        error_set(err, RETURN_IN_USE, "scripted.failure", "the script failed");
        *code = RETURN_IN_USE;
        return false;
    }
    if (job_is_cancelled(job)) {
        error_set(err, RETURN_FAILED, "export.cancelled", "the script was cancelled");
        *code = RETURN_FAILED;
        return false;
    }
    return true;
}

static uint32_t export_point(struct host *host, const struct export_request *request, struct job *job,
                             struct export_result *result, struct error *err)
{
    CLEANUP_FREE char *script = mem_strdup(scripted(host)->script);
    uint32_t code = RETURN_DONE;
    job_set_state(job, JOB_STATE_RUNNING);
    char *rest = NULL;
    for (char *word = strtok_r(script, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (!do_word(scripted(host), word, job, &code, err))
            return code;
    }
    job_set_phase(job, JOB_PHASE_COMMIT);
    result->package = mem_format("%s/package", request->directory);
    result->verified = request->options.verify;
    return RETURN_DONE;
}

static uint32_t check_export(struct host *host, const struct export_request *request,
                             struct export_estimate *estimate, struct error *err)
{
    (void)request;
    (void)estimate;
    if (!says(scripted(host), "refuse-check"))
        return RETURN_DONE;
    error_set(err, RETURN_INVALID_PARAMETER, "scripted.refusal", "the script refuses");
    error_next(err, "Write another script.");
    return RETURN_INVALID_PARAMETER;
}

static bool read_point(struct host *host, const struct object_path *path, struct reference_point *point,
                       struct error *err)
{
    (void)err;
    if (says(scripted(host), "no-point"))
        return error_set(err, RETURN_INVALID_PARAMETER, "scripted.unknown", "there is no such point");
    point->id = path->point_id;
    point->collection_id = path->collection_id;
    point->collection_name = mem_strdup("web \x1b[31m");
    point->name = mem_strdup("nightly");
    return true;
}

static const struct host_capabilities *capabilities(const struct host *host)
{
    (void)host;
    static const struct host_capabilities all_off = {.local_directory = true};
    return &all_off;
}

static void close_host(struct host *host)
{
    struct scripted_host *self = scripted(host);
    mem_cleanup_fd(&self->gate_fd);
    free(self->directory);
    free(self->script);
    free(self);
}

static const struct host_ops scripted_ops = {
    .kind = "scripted",
    .close = close_host,
    .capabilities = capabilities,
    .read_point = read_point,
    .check_export = check_export,
    .export_point = export_point,
};

struct host *scripted_host_open(const char *directory, struct error *err)
{
    CLEANUP_FREE char *path = mem_format("%s/script", directory);
    char *script = NULL;
    if (!fs_read(AT_FDCWD, path, 4096, &script, NULL, err))
        return NULL;
    struct scripted_host *self = mem_alloc(sizeof *self);
    *self = (struct scripted_host){.host.ops = &scripted_ops,
                                   .directory = mem_strdup(directory),
                                   .script = script,
                                   .gate_fd = open_gate(directory)};
    return &self->host;
}
