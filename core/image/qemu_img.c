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
#include "core/syntax/json.h"
#include "core/system/proc.h"

#define SAID_LIMIT ((size_t)2048)

static json_t *layer_spec(const struct nbd_server_layer *layer, int descriptor, json_t *backing)
{
    json_t *file = json_object();
    CLEANUP_FREE char *name = mem_format("/proc/self/fd/%d", descriptor);
    json_put_text(file, "driver", "file");
    json_put_text(file, "filename", name);
    if (layer->unlocked)
        json_put_text(file, "locking", "off");
    json_t *spec = json_object();
    json_put_text(spec, "driver", disk_format_word(layer->format));
    json_put(spec, "file", file);
    if (layer->format == DISK_FORMAT_QCOW2)
        json_put(spec, "backing", backing ? backing : json_null());
    else if (backing)
        json_decref(backing);
    return spec;
}

char *qemu_img_chain(const struct nbd_server_layer *layers, size_t count, int first_descriptor)
{
    json_t *spec = NULL;
    for (size_t i = count; i-- > 0;)
        spec = layer_spec(&layers[i], first_descriptor + (int)i, spec);
    CLEANUP_FREE char *line = json_line(spec);
    json_decref(spec);
    return mem_format("json:%s", line);
}

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
