#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/host/libvirt/remote/account.h"
#include "core/host/libvirt/remote/options.h"
#include "core/system/proc.h"

#define OPEN_PATIENCE_MS 30000
#define LOOK_EVERY_MS 10
#define END_PATIENCE_MS 1000

struct tunnel {
    struct proc proc;
    char **sockets; /* of this machine, removed at the end */
    size_t count;
};

static bool all_there(const struct tunnel *tunnel)
{
    for (size_t i = 0; i < tunnel->count; i++) {
        struct stat status;
        if (lstat(tunnel->sockets[i], &status) != 0)
            return false;
    }
    return true;
}

/* ssh makes its sockets when it is let in. */
static bool wait_open(const struct account *account, struct tunnel *tunnel, struct error *err)
{
    int64_t end = monotonic_milliseconds() + OPEN_PATIENCE_MS;
    while (!all_there(tunnel)) {
        int status = 0;
        if (proc_wait(&tunnel->proc, LOOK_EVERY_MS, &status)) {
            CLEANUP_FREE char *said = proc_error_text(&tunnel->proc);
            tunnel->proc.pid = -1;
            error_set(err, RETURN_NOT_AVAILABLE, "host.ssh", "%s: sockets cannot be brought here",
                      account->word);
            proc_explain(status, said, err);
            return account_advise(account, err);
        }
        if (monotonic_milliseconds() > end) {
            error_set(err, RETURN_TIMEOUT, "host.ssh", "%s: ssh does not get there within %d s",
                      account->word, OPEN_PATIENCE_MS / 1000);
            return account_advise(account, err);
        }
    }
    return true;
}

bool tunnel_open(const struct account *account, const struct tunnel_end *ends, size_t count,
                 struct tunnel **tunnel, struct error *err)
{
    struct tunnel *made = mem_alloc(sizeof *made);
    CLEANUP_FREE const char **argv = mem_alloc((ACCOUNT_OPTIONS + 8 + 2 * count) * sizeof *argv);
    CLEANUP_FREE char **forwards = mem_alloc((count + 1) * sizeof *forwards);
    size_t words = account_options(account, argv);
    *made = (struct tunnel){.proc = {.pid = -1, .output_fd = -1, .error_fd = -1}};
    argv[words++] = "-N";
    argv[words++] = "-o";
    argv[words++] = "ExitOnForwardFailure=yes";
    argv[words++] = "-o";
    argv[words++] = "StreamLocalBindMask=0177";
    for (size_t i = 0; i < count; i++) {
        forwards[i] = mem_format("%s:%s", ends[i].here, ends[i].there);
        argv[words++] = "-L";
        argv[words++] = forwards[i];
        *ARRAY_APPEND(made->sockets, made->count) = mem_strdup(ends[i].here);
    }
    argv[words++] = "--";
    argv[words++] = account->server;
    argv[words] = NULL;
    bool ok = proc_start(&(struct proc_spec){.argv = argv}, false, &made->proc, err) &&
              wait_open(account, made, err);
    for (size_t i = 0; i < count; i++)
        free(forwards[i]);
    if (!ok)
        tunnel_close(made);
    *tunnel = ok ? made : NULL;
    return ok;
}

void tunnel_close(struct tunnel *tunnel)
{
    if (!tunnel)
        return;
    proc_end(&tunnel->proc, END_PATIENCE_MS);
    for (size_t i = 0; i < tunnel->count; i++) {
        (void)unlink(tunnel->sockets[i]);
        free(tunnel->sockets[i]);
    }
    free(tunnel->sockets);
    free(tunnel);
}
