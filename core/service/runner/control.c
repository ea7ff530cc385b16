#include "core/service/runner/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/job/json.h"
#include "core/syntax/json.h"

#define LINE_LIMIT 1024
#define STUCK_MS 5000

struct client {
    int fd; /* -1 = free place */
    char line[LINE_LIMIT];
    size_t line_length;
    char *out; /* what is being sent; NULL = nothing */
    size_t out_length;
    size_t out_sent;
    int64_t out_since_ms;
    bool follows;
    uint64_t given_revision; /* 0 = none yet */
};

struct control {
    int directory_fd;
    int listen_fd;
    void (*obeyed)(void *context);
    void *context;
    struct client clients[CONTROL_CLIENT_LIMIT];
    char *latest; /* the newest snapshot as a line */
    uint64_t latest_revision;
};

static bool listen_at(struct control *control, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, CONTROL_PATH_FORMAT, control->directory_fd);
    control->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->listen_fd < 0)
        return error_errno(err, errno, "runner.socket", "cannot make the control socket of the job");
    unlinkat(control->directory_fd, CONTROL_SOCKET, 0); /* of a former owner: the lock is ours */
    /* The name gets the socket's mode, whatever the umask is. */
    if (fchmod(control->listen_fd, 0600) != 0 ||
        bind(control->listen_fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(control->listen_fd, CONTROL_CLIENT_LIMIT) != 0)
        return error_errno(err, errno, "runner.socket", "cannot open the control socket of the job");
    return true;
}

struct control *control_open(int directory_fd, void (*obeyed)(void *context), void *context,
                             struct error *err)
{
    struct control *control = mem_alloc(sizeof *control);
    control->directory_fd = directory_fd;
    control->obeyed = obeyed;
    control->context = context;
    control->listen_fd = -1;
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++)
        control->clients[i].fd = -1;
    if (listen_at(control, err))
        return control;
    control_close(control);
    return NULL;
}

static void drop(struct client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    free(client->out);
    *client = (struct client){.fd = -1};
}

void control_close(struct control *control)
{
    if (!control)
        return;
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++)
        drop(&control->clients[i]);
    if (control->listen_fd >= 0) {
        unlinkat(control->directory_fd, CONTROL_SOCKET, 0);
        close(control->listen_fd);
    }
    free(control->latest);
    free(control);
}

/* Sending */

static void send_some(struct client *client)
{
    while (client->out && client->out_sent < client->out_length) {
        ssize_t sent = send(client->fd, client->out + client->out_sent, client->out_length - client->out_sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (sent < 0) {
            drop(client);
            return;
        }
        client->out_sent += (size_t)sent;
    }
    free(client->out);
    client->out = NULL;
}

/* Only when nothing is being sent. Takes the text. */
static void start_sending(struct client *client, char *text)
{
    client->out = text;
    client->out_length = strlen(text);
    client->out_sent = 0;
    client->out_since_ms = monotonic_milliseconds();
    send_some(client);
}

static void send_latest(const struct control *control, struct client *client)
{
    if (!client->follows || client->out || !control->latest ||
        client->given_revision == control->latest_revision)
        return;
    client->given_revision = control->latest_revision;
    start_sending(client, mem_strdup(control->latest));
}

void control_push(struct control *control, const struct job_snapshot *snapshot, bool newcomers_only)
{
    if (!control->latest || control->latest_revision != snapshot->revision) {
        json_t *value = job_snapshot_to_json(snapshot);
        CLEANUP_FREE char *line = json_line(value);
        json_decref(value);
        free(control->latest);
        control->latest = mem_format("%s\n", line);
        control->latest_revision = snapshot->revision;
    }
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++) {
        struct client *client = &control->clients[i];
        if (client->fd >= 0 && (!newcomers_only || client->given_revision == 0))
            send_latest(control, client);
    }
}

bool control_has_newcomers(const struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++) {
        const struct client *client = &control->clients[i];
        if (client->fd >= 0 && client->follows && client->given_revision == 0 && !client->out)
            return true;
    }
    return false;
}

bool control_is_followed(const struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++) {
        if (control->clients[i].fd >= 0 && control->clients[i].follows)
            return true;
    }
    return false;
}

bool control_is_flushed(const struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++) {
        if (control->clients[i].fd >= 0 && control->clients[i].out)
            return false;
    }
    return true;
}

/* Requests */

static void reply(struct client *client, uint32_t return_value)
{
    start_sending(client, mem_format("{\"return_value\":%u}\n", (unsigned)return_value));
}

/* False: not a request; the client is dropped. */
static bool obey(const struct control *control, struct client *client, const char *line, size_t length,
                 struct job *job)
{
    json_t *value = json_loadb(line, length, 0, NULL);
    const char *request = json_get_text(value, "request", "");
    bool known = true;
    if (strcmp(request, "follow") == 0) {
        client->follows = true;
    } else if (strcmp(request, "state") == 0) {
        uint64_t state = json_get_number(value, "requested_state", 0);
        uint32_t answer = state > UINT32_MAX ? (uint32_t)RETURN_NOT_SUPPORTED
                                             : job_request_state_change(job, (uint32_t)state);
        if (answer == RETURN_DONE)
            control->obeyed(control->context);
        reply(client, answer);
    } else {
        known = false;
    }
    json_decref(value);
    return known;
}

/* Obeys whole lines as long as the answers find room: who does not read is not listened to. */
static void take_lines(const struct control *control, struct client *client, struct job *job)
{
    while (client->fd >= 0 && !client->out) {
        char *end = memchr(client->line, '\n', client->line_length);
        if (!end)
            break;
        size_t length = (size_t)(end - client->line);
        if (!obey(control, client, client->line, length, job))
            drop(client);
        if (client->fd < 0) /* not a request, or the answer found nobody */
            return;
        client->line_length -= length + 1;
        memmove(client->line, end + 1, client->line_length);
    }
    if (client->line_length == sizeof client->line && !memchr(client->line, '\n', client->line_length))
        drop(client);
}

static void receive(const struct control *control, struct client *client, struct job *job)
{
    size_t room = sizeof client->line - client->line_length;
    if (room > 0) {
        ssize_t got = recv(client->fd, client->line + client->line_length, room, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return;
        if (got <= 0) {
            drop(client);
            return;
        }
        client->line_length += (size_t)got;
    }
    take_lines(control, client, job);
}

static bool is_same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

/* A free place; when all are taken, that of the client that has been stuck longest. */
static struct client *find_place(struct control *control)
{
    struct client *stuck = NULL;
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++) {
        struct client *client = &control->clients[i];
        if (client->fd < 0)
            return client;
        if (client->out && (!stuck || client->out_since_ms < stuck->out_since_ms))
            stuck = client;
    }
    if (!stuck || monotonic_milliseconds() - stuck->out_since_ms < STUCK_MS)
        return NULL;
    drop(stuck);
    return stuck;
}

/* False: nobody waits. */
static bool accept_client(struct control *control)
{
    int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return false;
    struct client *client = is_same_user(fd) ? find_place(control) : NULL;
    if (client)
        client->fd = fd;
    else
        close(fd);
    return true;
}

size_t control_poll(const struct control *control, struct pollfd *fds)
{
    size_t count = 0;
    fds[count++] = (struct pollfd){.fd = control->listen_fd, .events = POLLIN};
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++) {
        const struct client *client = &control->clients[i];
        if (client->fd >= 0)
            fds[count++] = (struct pollfd){.fd = client->fd, .events = client->out ? POLLOUT : POLLIN};
    }
    return count;
}

static struct client *client_of(struct control *control, int fd)
{
    for (size_t i = 0; i < CONTROL_CLIENT_LIMIT; i++) {
        if (control->clients[i].fd == fd)
            return &control->clients[i];
    }
    return NULL;
}

static void serve_client(struct control *control, struct client *client, short events, struct job *job)
{
    if (client->out) {
        send_some(client);
        take_lines(control, client, job); /* those that waited for the answer to leave */
    } else if (events & (POLLIN | POLLHUP | POLLERR)) {
        receive(control, client, job);
    }
    if (client->fd >= 0)
        send_latest(control, client);
}

void control_serve(struct control *control, const struct pollfd *fds, size_t count, struct job *job)
{
    /* Newcomers last: their descriptor could be one that was dropped in this turn. */
    for (size_t i = 1; i < count; i++) {
        struct client *client = fds[i].revents ? client_of(control, fds[i].fd) : NULL;
        if (client)
            serve_client(control, client, fds[i].revents, job);
    }
    /* All that wait: a turn can be long, when a snapshot is. */
    for (size_t i = 0; fds[0].revents && i < CONTROL_CLIENT_LIMIT && accept_client(control); i++) {
    }
}
