#include "core/host/libvirt/connection/connection.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/connection/library.h"

#define OPEN_PATIENCE_S 30
#define ALIVE_INTERVAL_S 5
#define ALIVE_COUNT 3U

struct connection {
    char *uri;
    pthread_mutex_t mutex;
    virConnectPtr open; /* NULL: not yet, or lost */
};

/* Opening blocks as long as the other side likes, so that a thread of its own waits for it. Whoever leaves
 * last, the one that asked or the one that opened, cleans up. */
struct opening {
    char *uri;
    pthread_mutex_t mutex;
    pthread_cond_t done_changed;
    bool done;
    bool abandoned;
    virConnectPtr opened;
    struct error err;
};

static void opening_free(struct opening *opening)
{
    pthread_cond_destroy(&opening->done_changed);
    pthread_mutex_destroy(&opening->mutex);
    free(opening->uri);
    free(opening);
}

static bool is_by_ssh(const char *uri)
{
    const char *plus = strchr(uri, '+');
    const char *end = strstr(uri, "://");
    return plus && end && plus < end && strstr(plus, "ssh") == plus + 1;
}

static void advise(const char *uri, struct error *err)
{
    CLEANUP_FREE char *quoted = text_shell_quote(uri);
    if (is_by_ssh(uri))
        error_advise(
            err,
            "See that ssh gets there without a password (a key in the account's authorized_keys or an "
            "agent, a host key that is known), and that libvirt runs there: \"virsh -c %s list\" "
            "tries both.",
            quoted);
    else
        error_advise(err,
                     "See that the daemon runs (systemctl start libvirtd, or virtqemud.socket) and that its "
                     "address is right: \"virsh -c %s list\" tries the same.",
                     quoted);
}

static void *run_open(void *context)
{
    struct opening *opening = context;
    struct error err = {0};
    virConnectPtr opened =
        libvirt()->virConnectOpenAuth(opening->uri, *libvirt()->virConnectAuthPtrDefault, 0);
    if (!opened) {
        library_error(&err, "host.connect", "cannot connect to %s", opening->uri);
        if (err.code == RETURN_FAILED)
            err.code = RETURN_NOT_AVAILABLE; /* no socket, nobody at it, no such host */
        advise(opening->uri, &err);
    } else {
        /* Not every driver can; those that cannot have nobody who could fall silent. */
        (void)libvirt()->virConnectSetKeepAlive(opened, ALIVE_INTERVAL_S, ALIVE_COUNT);
        libvirt()->virResetLastError();
    }
    pthread_mutex_lock(&opening->mutex);
    opening->done = true;
    opening->opened = opened;
    opening->err = err;
    bool abandoned = opening->abandoned;
    pthread_cond_signal(&opening->done_changed);
    pthread_mutex_unlock(&opening->mutex);
    if (abandoned) {
        if (opened)
            libvirt()->virConnectClose(opened);
        opening_free(opening);
    }
    return NULL;
}

static struct timespec patience_end(void)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += OPEN_PATIENCE_S;
    return end;
}

static bool wait_done(struct opening *opening)
{
    const struct timespec end = patience_end();
    int number = 0;
    while (!opening->done && number != ETIMEDOUT)
        number = pthread_cond_clockwait(&opening->done_changed, &opening->mutex, CLOCK_MONOTONIC, &end);
    return opening->done;
}

static struct opening *opening_new(const char *uri)
{
    struct opening *opening = mem_alloc(sizeof *opening);
    opening->uri = mem_strdup(uri);
    pthread_mutex_init(&opening->mutex, NULL);
    pthread_cond_init(&opening->done_changed, NULL);
    return opening;
}

static virConnectPtr open_patiently(const char *uri, struct error *err)
{
    struct opening *opening = opening_new(uri);
    pthread_t thread;
    int number = pthread_create(&thread, NULL, run_open, opening);
    if (number != 0) {
        opening_free(opening);
        error_errno(err, number, "host.connect", "cannot connect to %s", uri);
        return NULL;
    }
    pthread_detach(thread);
    pthread_mutex_lock(&opening->mutex);
    bool done = wait_done(opening);
    opening->abandoned = !done;
    virConnectPtr opened = opening->opened;
    struct error said = opening->err;
    pthread_mutex_unlock(&opening->mutex);
    if (done) {
        opening_free(opening);
        if (!opened)
            *err = said;
        return opened;
    }
    error_set(err, RETURN_TIMEOUT, "host.slow", "%s does not answer within %d s", uri, OPEN_PATIENCE_S);
    error_next(err, "See whether the daemon hangs (systemctl status libvirtd), then try again.");
    return NULL;
}

/* ssh would ask for passwords at the terminal, over the screen, unless it is told that there is none. */
static char *without_questions(const char *uri)
{
    if (!is_by_ssh(uri) || strstr(uri, "no_tty="))
        return mem_strdup(uri);
    return mem_format("%s%sno_tty=1", uri, strchr(uri, '?') ? "&" : "?");
}

struct connection *connection_new(const char *uri)
{
    struct connection *connection = mem_alloc(sizeof *connection);
    connection->uri = without_questions(uri);
    pthread_mutex_init(&connection->mutex, NULL);
    return connection;
}

void connection_free(struct connection *connection)
{
    if (!connection)
        return;
    if (connection->open)
        libvirt()->virConnectClose(connection->open);
    pthread_mutex_destroy(&connection->mutex);
    free(connection->uri);
    free(connection);
}

const char *connection_uri(const struct connection *connection)
{
    return connection->uri;
}

bool connection_is_remote(const struct connection *connection)
{
    const char *host = strstr(connection->uri, "://");
    return host && host[3] != '/' && host[3] != '\0';
}

virConnectPtr connection_take(struct connection *connection, struct error *err)
{
    virConnectPtr taken = NULL;
    if (!library_start(err))
        return NULL;
    pthread_mutex_lock(&connection->mutex);
    if (connection->open && libvirt()->virConnectIsAlive(connection->open) != 1) {
        libvirt()->virConnectClose(connection->open);
        connection->open = NULL;
    }
    if (!connection->open)
        connection->open = open_patiently(connection->uri, err);
    if (connection->open && libvirt()->virConnectRef(connection->open) == 0)
        taken = connection->open;
    pthread_mutex_unlock(&connection->mutex);
    return taken;
}

void connection_release(virConnectPtr *taken)
{
    if (*taken)
        libvirt()->virConnectClose(*taken);
    *taken = NULL;
}
