#include "core/image/qemu_img.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/job/halt.h"
#include "core/system/proc.h"

#define SAID_LIMIT ((size_t)2048)

/* "    (12.34/100%)\r", several perhaps: the last one counts. */
static void read_progress(const struct qemu_img *tool, char *text)
{
    char *last = strrchr(text, '(');
    if (!last || !tool->progressed)
        return;
    char *end = NULL;
    double percent = strtod(last + 1, &end);
    if (end != last + 1 && *end == '/' && percent >= 0 && percent <= 100)
        tool->progressed(tool->context, percent / 100);
}

/* false at the end of the stream. */
static bool drain(int fd, char *block, size_t size)
{
    ssize_t got = read(fd, block, size - 1);
    if (got < 0) {
        block[0] = '\0';
        return errno == EINTR || errno == EAGAIN;
    }
    block[got] = '\0';
    return got > 0;
}

/* Until both streams have ended; false when the job is cancelled before. */
static bool follow(const struct qemu_img *tool, const struct proc *proc, struct strbuf *said)
{
    char block[4096];
    struct pollfd fds[3] = {{.fd = proc->output_fd, .events = POLLIN},
                            {.fd = proc->error_fd, .events = POLLIN},
                            {.fd = tool->job ? job_cancel_fd(tool->job) : -1, .events = POLLIN}};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (tool->job && job_is_cancelled(tool->job))
            return false;
        if (poll(fds, 3, -1) <= 0)
            continue;
        if (fds[0].revents) {
            fds[0].fd = drain(fds[0].fd, block, sizeof block) ? fds[0].fd : -1;
            read_progress(tool, block);
        }
        if (fds[1].revents) {
            fds[1].fd = drain(fds[1].fd, block, sizeof block) ? fds[1].fd : -1;
            if (said->length < SAID_LIMIT)
                strbuf_add(said, block);
        }
    }
    return true;
}

static void explain(int status, const struct strbuf *said, struct error *err)
{
    CLEANUP_FREE char *text = mem_strdup(said->data ? said->data : "");
    size_t length = strlen(text);
    while (length > 0 && strchr("\r\n ", text[length - 1]))
        text[--length] = '\0';
    for (char *at = text; *at; at++) {
        if (*at == '\n')
            *at = ' ';
    }
    proc_explain(status, text, err);
}

int qemu_img_run(const struct qemu_img *tool, const char *key, struct error *err)
{
    struct proc proc;
    struct proc_spec spec = {
        .argv = tool->argv, .descriptors = tool->descriptors, .descriptor_count = tool->descriptor_count};
    if (!proc_start(&spec, true, &proc, err))
        return -1;
    CLEANUP_STRBUF struct strbuf said = {0};
    int status = -1;
    bool ended = follow(tool, &proc, &said) && proc_wait(&proc, -1, &status);
    proc_end(&proc, 100); /* cancelling has to be done within a second, also when the tool hangs */
    if (!ended) {
        halt_cancelled(err);
        return -1;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    error_set(err, RETURN_FAILED, key, "%s %s failed", tool->argv[0], tool->argv[1]);
    explain(status, &said, err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
