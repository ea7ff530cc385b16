#include "core/signature/keygen.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "core/job/halt.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

#define OUTPUT_LIMIT ((size_t)1 << 20)
#define SAID_LIMIT ((size_t)2048)
#define END_PATIENCE_MS 500

/* Versions before 8.4 know no SSH_ASKPASS_REQUIRE; they get an answer that is none. */
static const char *const nobody[] = {"SSH_ASKPASS_REQUIRE=never", "SSH_ASKPASS=/bin/false", NULL};

struct streams {
    struct strbuf output;
    struct strbuf said;
    struct pollfd fds[3];
};

static bool is_cancelled(const struct keygen_call *call)
{
    return call->job && job_is_cancelled(call->job);
}

/* Until both streams have ended; false: cancelled, or no more patience. */
static bool follow(const struct keygen_call *call, struct streams *streams, int64_t until)
{
    struct pollfd *fds = streams->fds;
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        int64_t left = until - monotonic_milliseconds();
        if (is_cancelled(call) || left <= 0)
            return false;
        if (poll(fds, 3, (int)left) <= 0)
            continue;
        if (fds[0].revents && !proc_drain(fds[0].fd, &streams->output, OUTPUT_LIMIT))
            fds[0].fd = -1;
        if (fds[1].revents && !proc_drain(fds[1].fd, &streams->said, SAID_LIMIT))
            fds[1].fd = -1;
    }
    return true;
}

static bool is_complaint(const char *line)
{
    return *line && strcmp(line, "Signing data on standard input") != 0;
}

/* Prompts end without a newline and have nobody who reads them: what is behind them counts. */
static char *one_line(const char *said)
{
    CLEANUP_STRBUF struct strbuf line = {0};
    CLEANUP_FREE char *text = mem_strdup(said ? said : "");
    char *rest = text;
    for (char *part; (part = strsep(&rest, "\r\n"));) {
        static const char prompt[] = "Enter passphrase: ";
        if (strncmp(part, prompt, sizeof prompt - 1) == 0)
            part += sizeof prompt - 1;
        if (is_complaint(part))
            strbuf_addf(&line, "%s%s", line.length > 0 ? "; " : "", part);
    }
    return text_escape(line.data ? line.data : "");
}

static bool refuse_time(const struct keygen_call *call, struct error *err)
{
    error_set(err, RETURN_TIMEOUT, call->key, "%s took longer than %d s and was ended", call->argv[0],
              KEYGEN_PATIENCE_MS / 1000);
    return error_next(err, "See whether the agent (SSH_AUTH_SOCK) answers, and whether the key wants to be "
                           "touched or confirmed: \"ssh-add -l\". Then try again.");
}

static bool give(const struct keygen_call *call, int status, struct streams *streams,
                 struct keygen_answer *answer, struct error *err)
{
    CLEANUP_FREE char *said = one_line(streams->said.data);
    if (!WIFEXITED(status)) {
        error_set(err, RETURN_FAILED, call->key, "%s did not come to its end", call->argv[0]);
        return proc_explain(status, said, err);
    }
    *answer = (struct keygen_answer){
        .status = WEXITSTATUS(status), .output = strbuf_take(&streams->output), .said = mem_strdup(said)};
    return true;
}

bool keygen_ask(const struct keygen_call *call, struct keygen_answer *answer, struct error *err)
{
    struct proc proc;
    int64_t until = monotonic_milliseconds() + KEYGEN_PATIENCE_MS;
    *answer = (struct keygen_answer){0};
    if (call->input > 0 && lseek(call->input, 0, SEEK_SET) != 0)
        return error_errno(err, errno, call->key, "cannot go to the beginning of the input of %s",
                           call->argv[0]);
    struct proc_spec spec = {.argv = call->argv,
                             .descriptors = &call->handed,
                             .descriptor_count = call->handed > 0 ? 1 : 0,
                             .environment = nobody,
                             .input_from = call->input,
                             .no_terminal = true};
    if (!proc_start(&spec, true, &proc, err)) {
        text_copy_cut(err->key, sizeof err->key, call->key);
        return false;
    }
    struct streams streams = {.fds = {{.fd = proc.output_fd, .events = POLLIN},
                                      {.fd = proc.error_fd, .events = POLLIN},
                                      {.fd = call->job ? job_cancel_fd(call->job) : -1, .events = POLLIN}}};
    int status = -1;
    bool ended = follow(call, &streams, until);
    int64_t left = until - monotonic_milliseconds();
    ended = ended && proc_wait(&proc, left > 0 ? (int)left : 0, &status);
    proc_end(&proc, END_PATIENCE_MS);
    bool ok = ended                ? give(call, status, &streams, answer, err)
              : is_cancelled(call) ? halt_cancelled(err)
                                   : refuse_time(call, err);
    strbuf_free(&streams.output);
    strbuf_free(&streams.said);
    return ok;
}

void keygen_answer_clear(struct keygen_answer *answer)
{
    free(answer->output);
    free(answer->said);
    *answer = (struct keygen_answer){0};
}

int keygen_file_of(const void *bytes, size_t length, const char *key, struct error *err)
{
    int fd = memfd_create("refpoint", MFD_CLOEXEC);
    if (fd < 0) {
        error_errno(err, errno, key, "cannot make a file in memory");
        return -1;
    }
    if (fs_write_all(fd, bytes, length, "a file in memory", err))
        return fd;
    close(fd);
    return -1;
}

bool keygen_take_fingerprint(const char *text, char fingerprint[KEYGEN_FINGERPRINT])
{
    static const char mark[] = "SHA256:";
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    size_t length = sizeof mark - 1;
    if (strncmp(text, mark, length) != 0)
        return false;
    length += strspn(text + length, digits);
    if (length < sizeof mark || length >= KEYGEN_FINGERPRINT)
        return false;
    memcpy(fingerprint, text, length);
    fingerprint[length] = '\0';
    return true;
}

bool keygen_listed_fingerprint(const char *line, char fingerprint[KEYGEN_FINGERPRINT])
{
    const char *space = strchr(line, ' ');
    return space && keygen_take_fingerprint(space + 1, fingerprint);
}
