#include "ui/terminal/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"

/* At the end: whoever waits for the program sees that it ends, a slow line still gets its picture. */
#define DRAIN_QUIET_MS 300
#define DRAIN_LIMIT_MS 1000
/* One picture waits at most; this is for titles, bells and clipboards that pile up behind it. */
#define BACKLOG_LIMIT ((size_t)1 << 20)
/* Ends what was cut off in the middle: a string of the terminal's, or any shorter sequence. */
#define STRING_TERMINATOR "\033\\"

struct outlet {
    int fd;
    bool blocking; /* fd is the terminal's open file that others have too */
    FILE *stream;
    struct strbuf backlog;
    size_t sent; /* of it */
};

/* By the descriptor, not by a name: the terminal's may not exist here (a container). */
static int open_anew(int terminal_fd)
{
    CLEANUP_FREE char *path = mem_format("/proc/self/fd/%d", terminal_fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static FILE *open_stream(int terminal_fd)
{
    int fd = fcntl(terminal_fd, F_DUPFD_CLOEXEC, 3);
    FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!stream && fd >= 0)
        close(fd);
    return stream;
}

struct outlet *outlet_new(int terminal_fd, struct error *err)
{
    struct outlet *outlet = mem_alloc(sizeof *outlet);
    outlet->fd = open_anew(terminal_fd);
    outlet->blocking = outlet->fd < 0;
    if (outlet->blocking)
        outlet->fd = terminal_fd;
    outlet->stream = open_stream(terminal_fd);
    if (outlet->stream)
        return outlet;
    error_errno(err, errno, "terminal.outlet", "no descriptor is left for the terminal");
    outlet_free(outlet);
    return NULL;
}

void outlet_free(struct outlet *outlet)
{
    if (!outlet)
        return;
    if (outlet->stream)
        fclose(outlet->stream);
    if (!outlet->blocking)
        close(outlet->fd);
    strbuf_free(&outlet->backlog);
    free(outlet);
}

FILE *outlet_stream(const struct outlet *outlet)
{
    return outlet->stream;
}

bool outlet_divert(struct outlet *outlet, struct error *err)
{
    CLEANUP_FD int memory = memfd_create("refpoint-screen", MFD_CLOEXEC);
    if (memory >= 0 && dup3(memory, fileno(outlet->stream), O_CLOEXEC) >= 0)
        return true;
    return error_errno(err, errno, "terminal.outlet", "the picture of the screen cannot be kept in memory");
}

int outlet_fd(const struct outlet *outlet)
{
    return outlet->fd;
}

bool outlet_is_behind(const struct outlet *outlet)
{
    return outlet->sent < outlet->backlog.length;
}

static void drop(struct outlet *outlet)
{
    strbuf_free(&outlet->backlog);
    outlet->sent = 0;
}

static bool wait_for_room(const struct outlet *outlet, int patience_ms)
{
    struct pollfd room = {.fd = outlet->fd, .events = POLLOUT};
    return poll(&room, 1, patience_ms) > 0 && (room.revents & POLLOUT);
}

/* As much as goes without waiting. */
static ssize_t write_some(struct outlet *outlet)
{
    const char *at = outlet->backlog.data + outlet->sent;
    if (!outlet->blocking)
        return write(outlet->fd, at, outlet->backlog.length - outlet->sent);
    if (wait_for_room(outlet, 0))
        return write(outlet->fd, at, 1);
    errno = EAGAIN;
    return -1;
}

void outlet_push(struct outlet *outlet)
{
    while (outlet_is_behind(outlet)) {
        ssize_t written = write_some(outlet);
        if (written > 0)
            outlet->sent += (size_t)written;
        else if (written == 0 || errno == EAGAIN)
            return;
        else if (errno != EINTR)
            break; /* the terminal has gone; the keyboard's end tells */
    }
    drop(outlet);
}

void outlet_add(struct outlet *outlet, const char *text)
{
    if (outlet->backlog.length - outlet->sent < BACKLOG_LIMIT)
        strbuf_add(&outlet->backlog, text);
    outlet_push(outlet);
}

void outlet_collect(struct outlet *outlet)
{
    char block[4096];
    int memory = fileno(outlet->stream);
    off_t at = 0;
    ssize_t got;
    while ((got = pread(memory, block, sizeof block, at)) > 0) {
        strbuf_add_bytes(&outlet->backlog, block, (size_t)got);
        at += got;
    }
    if (at > 0 && ftruncate(memory, 0) == 0)
        lseek(memory, 0, SEEK_SET);
    outlet_push(outlet);
}

bool outlet_drain(struct outlet *outlet)
{
    int64_t deadline = monotonic_milliseconds() + DRAIN_LIMIT_MS;
    outlet_push(outlet);
    while (outlet_is_behind(outlet) && monotonic_milliseconds() < deadline &&
           wait_for_room(outlet, DRAIN_QUIET_MS))
        outlet_push(outlet);
    if (!outlet_is_behind(outlet))
        return true;
    drop(outlet);
    tcflush(outlet->fd, TCOFLUSH);
    outlet_add(outlet, STRING_TERMINATOR);
    return false;
}
