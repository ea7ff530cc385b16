/* The creator's side of a runner's start. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/job/json.h"
#include "core/service/runner/runner.h"
#include "core/system/own_program.h"

#define PATIENCE_MS 30000
#define LOOK_MS 250
#define END_MS 10000
#define ANSWER_LIMIT 16384

/* What the runner gets, out of the way of where it arrives. */
struct handed {
    int creator;
    int lock;
    int found; /* -1 = nothing */
};

static int spawn(const char *state_directory, const struct guid *id, enum runner_way way,
                 const struct handed *handed, pid_t *pid)
{
    CLEANUP_FREE char *directory = mem_strdup(state_directory);
    CLEANUP_FREE char *title = mem_format(RUNNER_TITLE_FORMAT, id->text);
    char runner[] = RUNNER_ARGUMENT;
    struct guid job = *id;
    CLEANUP_FREE char *word = mem_strdup(runner_way_word(way));
    char *argv[] = {title, runner, directory, job.text, word, NULL};
    const int descriptors[] = {[RUNNER_CREATOR_FD - 3] = handed->creator,
                               [RUNNER_LOCK_FD - 3] = handed->lock,
                               [RUNNER_HANDED_FD - 3] = handed->found};
    size_t count = ARRAY_LENGTH(descriptors) - (handed->found < 0);
    return own_program_start(argv, descriptors, count, pid);
}

static bool cannot_start(enum runner_way way, struct error *err)
{
    if (way != RUNNER_BEGINS)
        return error_next(err, "The job is as it was; try again.");
    return error_next(err, "No job has been started and nothing has been left; try again, or export without "
                           "a job of its own (--no-job).");
}

const char *runner_way_word(enum runner_way way)
{
    static const char *const words[] = {
        [RUNNER_BEGINS] = NULL, [RUNNER_GOES_ON] = "resume", [RUNNER_BEGINS_AGAIN] = "anew"};
    return words[way];
}

static bool has_patience(enum runner_way way, struct job *checking, int64_t since, struct error *err)
{
    if (checking && job_is_cancelled(checking))
        return error_set(err, RETURN_FAILED, "job.cancelled", "the check was cancelled");
    if (way != RUNNER_BEGINS || monotonic_milliseconds() - since < PATIENCE_MS)
        return true;
    return error_set(err, RETURN_TIMEOUT, "runner.slow", "the process of the job was not ready within %d s",
                     PATIENCE_MS / 1000);
}

/* One line from the runner; false at its end, after too long or too much. */
static bool read_answer(int fd, enum runner_way way, struct job *checking, char *line, size_t size,
                        struct error *err)
{
    size_t length = 0;
    int64_t begun = monotonic_milliseconds();
    while (length < size) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (!has_patience(way, checking, begun, err))
            return false;
        if (poll(&poll_fd, 1, LOOK_MS) <= 0)
            continue;
        ssize_t got = recv(fd, line + length, size - length, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            break;
        length += (size_t)got;
        char *newline = memchr(line, '\n', length);
        if (newline) {
            *newline = '\0';
            return true;
        }
    }
    return error_set(err, RETURN_FAILED, "runner.ended", "the process of the job ended before it was ready");
}

static bool understand(const char *line, struct error *err)
{
    json_t *value = json_loads(line, 0, NULL);
    bool ready = json_get_bool(value, "ready", false);
    if (!ready) {
        error_from_json(err, json_object_get(value, "error"));
        if (err->code == 0)
            error_set(err, RETURN_FAILED, "runner.answer", "the process of the job gave no sensible answer");
    }
    json_decref(value);
    return ready;
}

/* The runner is told that nobody waits for it any more. Until it has ended the job is in its hands, and would
 * look as if it ran. */
static void let_end(int fd)
{
    char line[256];
    int64_t begun = monotonic_milliseconds();
    shutdown(fd, SHUT_WR);
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int64_t left = begun + END_MS - monotonic_milliseconds();
        if (left <= 0 || poll(&poll_fd, 1, (int)left) == 0)
            return;
        ssize_t got = recv(fd, line, sizeof line, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            return;
    }
}

static bool agree(int fd, enum runner_way way, struct job *checking, struct error *err)
{
    char line[ANSWER_LIMIT];
    if (!read_answer(fd, way, checking, line, sizeof line, err)) {
        let_end(fd);
        return cannot_start(way, err);
    }
    if (!understand(line, err))
        return false; /* with its own next step */
    if (send(fd, "g", 1, MSG_NOSIGNAL) == 1)
        return true;
    error_set(err, RETURN_FAILED, "runner.ended", "the process of the job ended before it had begun");
    return cannot_start(way, err);
}

static int move_away(int fd)
{
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, OWN_PROGRAM_ABOVE);
}

bool runner_start(const char *state_directory, const struct journal *journal, enum runner_way way, int handed,
                  struct job *checking, struct error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_errno(err, errno, "runner.start", "cannot start the process of the job");
    CLEANUP_FD int mine = ends[0];
    /* Without what was found it is looked for again. */
    struct handed moved = {.found = move_away(handed),
                           .creator = move_away(ends[1]),
                           .lock = move_away(journal_lock_fd(journal))};
    int number = moved.creator < 0 || moved.lock < 0 ? errno : 0;
    pid_t pid = -1;
    if (number == 0)
        number = spawn(state_directory, journal_id(journal), way, &moved, &pid);
    close(ends[1]);
    mem_cleanup_fd(&moved.creator);
    mem_cleanup_fd(&moved.lock);
    mem_cleanup_fd(&moved.found);
    if (number != 0) {
        error_errno(err, number, "runner.start", "cannot start the process of the job");
        return cannot_start(way, err);
    }
    /* The one that was spawned ends at once; the runner is its child. */
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return agree(mine, way, checking, err);
}
