/* Our side of the guardian. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/host/libvirt/live/guardian.h"
#include "core/host/libvirt/live/guardian_words.h"
#include "core/system/own_program.h"

#define PATIENCE_MS 35000

struct guardian {
    pid_t pid;
    int fd;
};

static char **make_arguments(const char *uri, const struct guarded_machine *machines, size_t count,
                             int limit_ms)
{
    char **arguments = NULL;
    size_t argument_count = 0;
    *ARRAY_APPEND(arguments, argument_count) = mem_strdup("refpoint: guardian");
    *ARRAY_APPEND(arguments, argument_count) = mem_strdup(GUARDIAN_ARGUMENT);
    *ARRAY_APPEND(arguments, argument_count) = mem_strdup(uri);
    *ARRAY_APPEND(arguments, argument_count) = mem_format("%d", limit_ms);
    for (size_t i = 0; i < count; i++)
        *ARRAY_APPEND(arguments, argument_count) =
            mem_format("%s%s", machines[i].thaw ? "+" : "", machines[i].id.text);
    (void)ARRAY_APPEND(arguments, argument_count); /* NULL */
    return arguments;
}

static void free_arguments(char **arguments)
{
    for (size_t i = 0; arguments[i]; i++)
        free(arguments[i]);
    free(arguments);
}

static int spawn(char **arguments, int fd, int lock_fd, pid_t *pid)
{
    const int descriptors[] = {[GUARDIAN_FD - 3] = fd, [GUARDIAN_LOCK_FD - 3] = lock_fd};
    return own_program_start(arguments, descriptors, ARRAY_LENGTH(descriptors), pid);
}

static bool wait_ready(int fd)
{
    int64_t end = monotonic_milliseconds() + PATIENCE_MS;
    for (;;) {
        struct pollfd waited = {.fd = fd, .events = POLLIN};
        int64_t left = end - monotonic_milliseconds();
        char word;
        if (left <= 0)
            return false;
        if (poll(&waited, 1, (int)left) <= 0)
            continue;
        ssize_t got = read(fd, &word, 1);
        if (got < 0 && errno == EINTR)
            continue;
        return got == 1 && word == GUARDIAN_READY[0];
    }
}

static bool refuse(struct error *err, int number)
{
    error_errno(err, number, "point.guardian",
                "the process that lets the machines go on, should this one die, does not start");
    err->code = RETURN_FAILED;
    return error_next(err, "Nothing has been touched; try again.");
}

/* Out of the way of the descriptors that the child gets. */
static int open_lock(const char *path)
{
    CLEANUP_FD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, OWN_PROGRAM_ABOVE);
}

struct guardian *guardian_start(const char *uri, const char *lock, const struct guarded_machine *machines,
                                size_t count, int limit_ms, struct error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        refuse(err, errno);
        return NULL;
    }
    struct guardian *guardian = mem_alloc(sizeof *guardian);
    *guardian = (struct guardian){.pid = -1, .fd = ends[0]};
    CLEANUP_FD int lock_fd = open_lock(lock);
    CLEANUP_FD int theirs = lock_fd < 0 ? -1 : fcntl(ends[1], F_DUPFD_CLOEXEC, OWN_PROGRAM_ABOVE);
    int number = theirs < 0 ? errno : 0;
    close(ends[1]);
    char **arguments = make_arguments(uri, machines, count, limit_ms);
    if (number == 0)
        number = spawn(arguments, theirs, lock_fd, &guardian->pid);
    free_arguments(arguments);
    mem_cleanup_fd(&theirs);
    if (number == 0 && wait_ready(guardian->fd))
        return guardian;
    refuse(err, number ? number : ETIMEDOUT);
    guardian_end(guardian, true);
    return NULL;
}

static bool say(struct guardian *guardian, char word, struct error *err)
{
    return send(guardian->fd, &word, 1, MSG_NOSIGNAL) == 1 || refuse(err, errno);
}

bool guardian_watch(struct guardian *guardian, struct error *err)
{
    return say(guardian, GUARDIAN_WATCH, err);
}

bool guardian_hold(struct guardian *guardian, struct error *err)
{
    return say(guardian, GUARDIAN_HOLD, err);
}

void guardian_end(struct guardian *guardian, bool all_went_on)
{
    struct error ignored;
    if (!guardian)
        return;
    if (all_went_on)
        (void)say(guardian, GUARDIAN_LET_GO, &ignored);
    close(guardian->fd);
    while (guardian->pid > 0 && waitpid(guardian->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(guardian);
}
