/* Order of events: a listening socket without a name, kept by an O_PATH descriptor; start the child with it;
 * close our own copy, so that a client of a child that died gets a reset and not an endless wait. */
#include "core/image/nbd/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/image/nbd/socket.h"
#include "core/image/said.h"
#include "core/system/proc.h"

#define FIRST_LAYER_FD 4        /* 3 is the listening socket */
#define LAST_WORDS_MS 500       /* for a child whose socket is closed to end and leave its reason */
#define NATURAL_END_MS 2000     /* after the last client has left */
#define FLUSH_PATIENCE_MS 60000 /* after SIGTERM, writable */
#define ABORT_PATIENCE_MS 100

struct nbd_server {
    struct proc proc;
    bool ended; /* reaped, status is its wait status */
    int status;
    bool writable;
    int socket_fd; /* O_PATH */
    char socket[64];
    char *label;
};

static bool check_spec(const struct nbd_server_spec *spec, struct error *err)
{
    bool ok = spec->layer_count > 0;
    for (size_t i = 0; ok && i < spec->layer_count; i++)
        ok = spec->layers[i].format == DISK_FORMAT_QCOW2 || i + 1 == spec->layer_count;
    if (!ok)
        return error_set(err, RETURN_INVALID_PARAMETER, "image.chain",
                         "%s: only the last image of a chain can be raw", spec->label);
    return true;
}

/* A listening socket, and the descriptor by which clients find it. */
static bool make_socket(struct nbd_server *server, struct job *job, int *listener, struct error *err)
{
    struct nameless_socket made;
    if (!nameless_socket_open(job ? job_directory(job) : -1, &made, err))
        return false;
    *listener = made.listener;
    server->socket_fd = made.place;
    snprintf(server->socket, sizeof server->socket, "/proc/%ld/fd/%d", (long)getpid(), server->socket_fd);
    return true;
}

/* qemu-nbd allocates a buffer for each request, and glibc maps and unmaps one of that size each time: a third
 * of the system time of an export. Kept on the heap instead, which a few requests at once cannot make large.
 */
static const char *const HEAP[] = {"MALLOC_MMAP_THRESHOLD_=33554432", "MALLOC_TRIM_THRESHOLD_=67108864",
                                   NULL};

static bool start_child(const struct nbd_server_spec *spec, struct nbd_server *server, int listener,
                        struct error *err)
{
    enum image_access access = spec->writable ? IMAGE_ACCESS_WRITE_TOP : IMAGE_ACCESS_READ;
    CLEANUP_FREE char *name = image_layers_name(spec->layers, spec->layer_count, FIRST_LAYER_FD, access);
    CLEANUP_FREE char *connections = mem_format("%u", spec->connections > 0 ? spec->connections : 1);
    const char *argv[10] = {"qemu-nbd", "-A", "-e", connections};
    size_t count = 4;
    if (!spec->writable)
        argv[count++] = "-r";
    if (spec->bitmap) {
        argv[count++] = "-B";
        argv[count++] = spec->bitmap;
    }
    argv[count++] = "--";
    argv[count] = name;
    CLEANUP_FREE int *descriptors = mem_alloc((spec->layer_count + 1) * sizeof *descriptors);
    descriptors[0] = listener;
    for (size_t i = 0; i < spec->layer_count; i++)
        descriptors[1 + i] = spec->layers[i].fd;
    return proc_start(&(struct proc_spec){.argv = argv,
                                          .descriptors = descriptors,
                                          .descriptor_count = spec->layer_count + 1,
                                          .listen = true,
                                          .environment = HEAP},
                      false, &server->proc, err);
}

static void release(struct nbd_server *server)
{
    if (server->socket_fd >= 0)
        close(server->socket_fd);
    free(server->label);
    free(server);
}

bool nbd_server_start(const struct nbd_server_spec *spec, struct nbd_server **server, struct error *err)
{
    *server = NULL;
    if (!check_spec(spec, err))
        return false;
    struct nbd_server *made = mem_alloc(sizeof *made);
    *made = (struct nbd_server){.proc = {.pid = -1, .output_fd = -1, .error_fd = -1},
                                .writable = spec->writable,
                                .socket_fd = -1,
                                .label = mem_strdup(spec->label)};
    CLEANUP_FD int listener = -1;
    if (!make_socket(made, spec->job, &listener, err) || !start_child(spec, made, listener, err)) {
        release(made);
        return error_context(err, "%s", spec->label);
    }
    *server = made;
    return true;
}

const char *nbd_server_socket(const struct nbd_server *server)
{
    return server->socket;
}

static bool wait_for_end(struct nbd_server *server, int patience_ms)
{
    if (!server->ended)
        server->ended = proc_wait(&server->proc, patience_ms, &server->status);
    return server->ended;
}

#define CLIENT_PREFIX "Disconnect client, due to: "

/* "" where it only says that a client of ours went away. */
static const char *reason_in(char *said)
{
    const char *reason = said_reason(said, "qemu-nbd");
    if (strstr(reason, "to socket") || strstr(reason, "from socket") || strstr(reason, "end-of-file"))
        return "";
    return strncmp(reason, CLIENT_PREFIX, strlen(CLIENT_PREFIX)) == 0 ? reason + strlen(CLIENT_PREFIX)
                                                                      : reason;
}

void nbd_server_explain(struct nbd_server *server, struct error *err)
{
    wait_for_end(server, LAST_WORDS_MS);
    CLEANUP_FREE char *said = proc_error_text(&server->proc);
    bool is_locked = said_is_locked(said);
    const char *reason = reason_in(said);
    if (*reason)
        error_cause(err, "qemu-nbd: %s", reason);
    else if (server->ended && WIFSIGNALED(server->status))
        error_cause(err, "qemu-nbd was ended by signal %d", WTERMSIG(server->status));
    else if (server->ended && WEXITSTATUS(server->status) != 0)
        error_cause(err, "qemu-nbd ended with status %d", WEXITSTATUS(server->status));
    if (is_locked) {
        err->code = RETURN_IN_USE;
        error_next(err, "Another process has this image open for writing; end it and try again.");
    }
}

bool nbd_server_has_ended(struct nbd_server *server, int patience_ms)
{
    return wait_for_end(server, patience_ms);
}

static bool ended_well(struct nbd_server *server, bool in_time, struct error *err)
{
    if (in_time && WIFEXITED(server->status) && WEXITSTATUS(server->status) == 0)
        return true;
    if (!in_time)
        error_set(err, RETURN_TIMEOUT, "image.server", "%s: qemu-nbd did not finish writing in %d s",
                  server->label, FLUSH_PATIENCE_MS / 1000);
    else
        error_set(err, RETURN_FAILED, "image.server", "%s: qemu-nbd failed while it finished", server->label);
    nbd_server_explain(server, err);
    return false;
}

bool nbd_server_end(struct nbd_server *server, struct error *err)
{
    if (!server->writable) {
        nbd_server_abort(server);
        return true;
    }
    bool in_time = wait_for_end(server, NATURAL_END_MS);
    if (!in_time) {
        kill(server->proc.pid, SIGTERM); /* nobody ever connected, or a long flush: it flushes either way */
        in_time = wait_for_end(server, FLUSH_PATIENCE_MS);
    }
    bool ok = ended_well(server, in_time, err);
    proc_end(&server->proc, ABORT_PATIENCE_MS);
    release(server);
    return ok;
}

void nbd_server_abort(struct nbd_server *server)
{
    if (!server)
        return;
    if (server->proc.pid > 0)
        kill(server->proc.pid, SIGKILL); /* SIGTERM would have it flush first */
    proc_end(&server->proc, ABORT_PATIENCE_MS);
    release(server);
}
