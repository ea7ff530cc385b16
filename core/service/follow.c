/* Two ways to know a job: its runner's socket, and where nobody answers there, the journal. As long as the
 * journal says that an owner lives, a timer tries the socket again; so a runner that was too busy to take one
 * more client is still followed, once a second. */
#include "core/service/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/job/json.h"
#include "core/service/journal/journal.h"
#include "core/service/journal/place.h"
#include "core/service/runner/control.h"
#include "core/syntax/json.h"

#define LINE_LIMIT ((size_t)32 << 20)
#define AGAIN_MS 100
#define PATIENCE_SECONDS 20 /* a runner on a busy machine with many followers takes seconds for a turn */

struct follow {
    char *state_directory;
    struct guid id;
    int socket_fd; /* -1: the runner does not answer */
    int timer_fd;  /* runs while there is no socket */
    bool final;
    struct strbuf input;
    struct job_snapshot now;
    bool news; /* now has not been read yet */
};

/* Waits, when the runner has not accepted earlier callers yet, only with patience. */
static int connect_to_runner(const char *state_directory, const struct guid *id, bool patient)
{
    struct error ignored;
    CLEANUP_FD int place = journal_open_entry(state_directory, id, CONTROL_SOCKET, O_PATH, &ignored);
    if (place < 0)
        return -1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", place);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (patient ? 0 : SOCK_NONBLOCK), 0);
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
                    connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool send_line(int fd, const char *line)
{
    return send(fd, line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line);
}

static void set_timer(struct follow *follow, bool on)
{
    const struct itimerspec second = {.it_value.tv_sec = 1, .it_interval.tv_sec = 1};
    const struct itimerspec never = {.it_value.tv_sec = 0};
    timerfd_settime(follow->timer_fd, 0, on ? &second : &never, NULL);
}

static void drop_socket(struct follow *follow)
{
    mem_cleanup_fd(&follow->socket_fd);
    follow->socket_fd = -1;
}

static void try_socket(struct follow *follow)
{
    follow->socket_fd = connect_to_runner(follow->state_directory, &follow->id, false);
    if (follow->socket_fd >= 0 && !send_line(follow->socket_fd, "{\"request\":\"follow\"}\n"))
        drop_socket(follow);
    set_timer(follow, follow->socket_fd < 0);
}

/* Takes a newer snapshot over; the runner's and the journal's come from the same count. */
static void take(struct follow *follow, struct job_snapshot *snapshot)
{
    bool first = follow->now.state == 0;
    if (first || snapshot->revision > follow->now.revision || job_state_is_final(snapshot->state)) {
        job_snapshot_clear(&follow->now);
        follow->now = *snapshot;
        *snapshot = (struct job_snapshot){0};
        follow->news = true;
    }
    if (!job_state_is_final(follow->now.state))
        return;
    follow->final = true;
    drop_socket(follow);
    set_timer(follow, false);
}

/* What vanished is unknown, never a success. */
static void give_up(struct follow *follow)
{
    struct job_snapshot *now = &follow->now;
    now->state = JOB_STATE_EXCEPTION;
    now->cancellable = false;
    error_set(&now->error, RETURN_UNKNOWN_STATUS, "job.vanished",
              "the journal of the job has been removed; its outcome is not known");
    error_next(&now->error, "See what is in the export directory with `refpoint package list`.");
    now->revision++;
    follow->news = true;
    follow->final = true;
}

static bool take_journal(struct follow *follow, struct error *err)
{
    struct job_snapshot snapshot = {0};
    bool ok = journal_read(follow->state_directory, &follow->id, &snapshot, err);
    if (ok)
        take(follow, &snapshot);
    job_snapshot_clear(&snapshot);
    return ok;
}

struct follow *follow_open(const char *state_directory, const struct guid *id, struct error *err)
{
    struct follow *follow = mem_alloc(sizeof *follow);
    follow->state_directory = mem_strdup(state_directory);
    follow->id = *id;
    follow->socket_fd = -1;
    follow->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    bool ok = follow->timer_fd >= 0 || error_errno(err, errno, "follow.timer", "cannot follow a job");
    if (ok && take_journal(follow, err)) {
        if (!follow->final)
            try_socket(follow);
        return follow;
    }
    follow_close(follow);
    return NULL;
}

void follow_close(struct follow *follow)
{
    if (!follow)
        return;
    mem_cleanup_fd(&follow->socket_fd);
    mem_cleanup_fd(&follow->timer_fd);
    free(follow->state_directory);
    strbuf_free(&follow->input);
    job_snapshot_clear(&follow->now);
    free(follow);
}

int follow_fd(const struct follow *follow)
{
    if (follow->final)
        return -1;
    return follow->socket_fd >= 0 ? follow->socket_fd : follow->timer_fd;
}

static void take_line(struct follow *follow, const char *line, size_t length)
{
    struct job_snapshot snapshot = {0};
    json_t *value = json_loadb(line, length, 0, NULL);
    if (job_snapshot_from_json(&snapshot, value) && guid_equal(&snapshot.identity.id, &follow->id))
        take(follow, &snapshot);
    job_snapshot_clear(&snapshot);
    json_decref(value);
}

/* Only the last whole line counts: the ones before are older. */
static void take_lines(struct follow *follow)
{
    struct strbuf *input = &follow->input;
    char *last = input->length ? memrchr(input->data, '\n', input->length) : NULL;
    if (!last)
        return;
    size_t whole = (size_t)(last - input->data);
    char *before = memrchr(input->data, '\n', whole);
    const char *line = before ? before + 1 : input->data;
    take_line(follow, line, (size_t)(last - line));
    input->length -= whole + 1;
    memmove(input->data, last + 1, input->length);
}

/* False once the runner has gone. */
static bool drain(struct follow *follow)
{
    static const size_t block_size = 65536;
    CLEANUP_FREE char *block = mem_alloc(block_size);
    for (;;) {
        ssize_t got = recv(follow->socket_fd, block, block_size, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        if (got == 0 || follow->input.length > LINE_LIMIT)
            return false;
        strbuf_add_bytes(&follow->input, block, (size_t)got);
    }
}

static void read_socket(struct follow *follow)
{
    bool there = drain(follow);
    take_lines(follow);
    if (there || follow->final)
        return;
    drop_socket(follow);
    follow->input.length = 0;
    set_timer(follow, true);
    struct error ignored = {0};
    if (!take_journal(follow, &ignored))
        give_up(follow);
}

static void read_timer(struct follow *follow)
{
    uint64_t ticks;
    if (read(follow->timer_fd, &ticks, sizeof ticks) != (ssize_t)sizeof ticks)
        return;
    struct error ignored = {0};
    if (!take_journal(follow, &ignored))
        give_up(follow);
    else if (!follow->final)
        try_socket(follow);
}

bool follow_read(struct follow *follow, struct job_snapshot *snapshot)
{
    if (!follow->final) {
        if (follow->socket_fd >= 0)
            read_socket(follow);
        else
            read_timer(follow);
    }
    bool news = follow->news;
    follow->news = false;
    job_snapshot_copy(snapshot, &follow->now);
    return news;
}

/* Readable, closed, over or given up: whatever comes first. */
static bool wait_for_bytes(int fd, int give_up_fd, int64_t end)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = give_up_fd, .events = POLLIN}};
        int64_t left = end - monotonic_milliseconds();
        if (left <= 0)
            return false;
        if (poll(fds, 2, (int)left) > 0)
            return fds[0].revents != 0;
    }
}

/* The answer; NULL when there is none in time. *turned_away: the runner took the call and closed it. */
static json_t *wait_for_reply(int fd, int give_up_fd, int64_t end, bool *turned_away)
{
    char line[256];
    size_t length = 0;
    while (length < sizeof line && wait_for_bytes(fd, give_up_fd, end)) {
        ssize_t got = recv(fd, line + length, sizeof line - length, MSG_DONTWAIT);
        *turned_away = got == 0 || (got < 0 && errno == ECONNRESET);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            return NULL;
        if (got < 0)
            continue;
        length += (size_t)got;
        const char *newline = memchr(line, '\n', length);
        if (newline)
            return json_loadb(line, (size_t)(newline - line), 0, NULL);
    }
    return NULL;
}

static json_t *ask_once(const char *state_directory, const struct guid *id, const char *line, int give_up_fd,
                        int64_t end, bool *turned_away)
{
    *turned_away = false;
    CLEANUP_FD int fd = connect_to_runner(state_directory, id, true);
    if (fd < 0)
        return NULL;
    if (send_line(fd, line))
        return wait_for_reply(fd, give_up_fd, end, turned_away);
    *turned_away = true;
    return NULL;
}

/* A runner that has no place for one more client turns it away: it is asked again until it has. */
static json_t *ask(const char *state_directory, const struct guid *id, const char *line, int give_up_fd)
{
    int64_t end = monotonic_milliseconds() + PATIENCE_SECONDS * (int64_t)1000;
    for (;;) {
        bool turned_away;
        json_t *reply = ask_once(state_directory, id, line, give_up_fd, end, &turned_away);
        if (reply || !turned_away || monotonic_milliseconds() >= end)
            return reply;
        struct pollfd given_up = {.fd = give_up_fd, .events = POLLIN};
        if (poll(&given_up, 1, AGAIN_MS) > 0)
            return NULL;
    }
}

/* Its socket is no link: who follows one asks somebody else. */
static bool is_plain(const char *state_directory, const struct guid *id, struct error *err)
{
    struct error cause;
    CLEANUP_FD int fd = journal_open_entry(state_directory, id, CONTROL_SOCKET, O_PATH, &cause);
    if (fd >= 0 || strcmp(cause.key, "journal.link") != 0)
        return true;
    *err = cause;
    return false;
}

static uint32_t refuse(const char *state_directory, const struct guid *id, struct error *err)
{
    struct job_snapshot snapshot = {0};
    if (!journal_read(state_directory, id, &snapshot, err))
        return err->code;
    bool over = job_state_is_final(snapshot.state);
    if (over) {
        error_set(err, RETURN_INVALID_STATE, "job.over", "the job is over: %s",
                  job_state_word(snapshot.state));
        error_next(err, "There is nothing left to ask of it; \"refpoint job show %s\" tells how it ended.",
                   id->text);
    } else if (!is_plain(state_directory, id, err)) {
        /* err tells of the link */
    } else {
        error_set(err, RETURN_UNKNOWN_STATUS, "job.no-answer", "the job's process does not answer");
        error_next(err, "Look at the job again in a moment; its log tells what it does.");
    }
    job_snapshot_clear(&snapshot);
    return err->code;
}

uint32_t follow_request(const char *state_directory, const struct guid *id, uint32_t requested_state,
                        struct error *err)
{
    return follow_request_until(state_directory, id, requested_state, -1, err);
}

uint32_t follow_request_until(const char *state_directory, const struct guid *id, uint32_t requested_state,
                              int give_up_fd, struct error *err)
{
    char line[80];
    snprintf(line, sizeof line, "{\"request\":\"state\",\"requested_state\":%u}\n",
             (unsigned)requested_state);
    json_t *reply = ask(state_directory, id, line, give_up_fd);
    uint64_t value = json_get_number(reply, "return_value", UINT64_MAX);
    json_decref(reply);
    if (value == RETURN_DONE)
        return RETURN_DONE;
    if (value == RETURN_NOT_SUPPORTED)
        error_set(err, RETURN_NOT_SUPPORTED, "job.request", "a job of this host cannot be asked for that");
    else if (value == RETURN_INVALID_STATE)
        error_set(err, RETURN_INVALID_STATE, "job.state", "the job is not in a state that allows this");
    else
        return refuse(state_directory, id, err);
    error_next(err, "\"refpoint job show %s\" tells what it does.", id->text);
    return err->code;
}
