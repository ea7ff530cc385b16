/* The process itself. */
#include "core/host/libvirt/live/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/host/libvirt/connection/connection.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/live/guardian_words.h"

#define LOOK_AGAIN_MS 3000
#define RESCUE_LIMIT_MS 60000
#define LOOK_EVERY_MS 50
#define AGENT_PATIENCE_S 5
#define FIRST_MACHINE 4 /* in argv */

struct ward {
    struct connection *connection; /* a daemon that was restarted meanwhile is connected to again */
    struct guid id;
    bool thaw;
    pthread_t thread;
};

struct wards {
    const char *uri;
    struct ward *items;
    size_t count;
};

static bool read_wards(int argc, char **argv, struct wards *wards)
{
    for (int i = FIRST_MACHINE; i < argc; i++) {
        bool thaws = argv[i][0] == '+';
        struct ward *ward = ARRAY_APPEND(wards->items, wards->count);
        ward->thaw = thaws;
        /* Of its own: a call that the host does not answer holds up others on the same one for seconds. */
        ward->connection = connection_new(wards->uri);
        if (!guid_parse(&ward->id, argv[i] + (thaws ? 1 : 0)))
            return false;
    }
    return true;
}

/* A driver within the other process: nobody else can be in it as long as that lives. */
static bool is_embedded(const char *uri)
{
    return strstr(uri, ":///embed") != NULL;
}

static bool find_all(const struct wards *wards)
{
    bool ok = true;
    for (size_t i = 0; ok && i < wards->count; i++) {
        const struct ward *ward = &wards->items[i];
        struct error ignored;
        CLEANUP_CONNECT virConnectPtr connect = connection_take(ward->connection, &ignored);
        CLEANUP_DOMAIN virDomainPtr domain =
            connect ? domain_find(connect, &ward->id, ward->id.text, &ignored) : NULL;
        ok = domain != NULL;
    }
    return ok;
}

/* One character from our side; 0: it is gone, -1: nothing within that time. */
static int read_word(int milliseconds)
{
    int64_t end = monotonic_milliseconds() + milliseconds;
    for (;;) {
        struct pollfd waited = {.fd = GUARDIAN_FD, .events = POLLIN};
        int64_t left = milliseconds < 0 ? -1 : end - monotonic_milliseconds();
        if (milliseconds >= 0 && left <= 0)
            return -1;
        if (poll(&waited, 1, (int)left) <= 0)
            continue;
        char word;
        ssize_t got = read(GUARDIAN_FD, &word, 1);
        if (got < 0 && errno == EINTR)
            continue;
        return got == 1 ? word : 0;
    }
}

static void wait_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    nanosleep(&moment, NULL);
}

static bool is_paused_by_a_call(virDomainPtr domain)
{
    int state = 0;
    int reason = 0;
    return libvirt()->virDomainGetState(domain, &state, &reason, 0) == 0 && state == VIR_DOMAIN_PAUSED &&
           (reason == VIR_DOMAIN_PAUSED_USER || reason == VIR_DOMAIN_PAUSED_UNKNOWN ||
            reason == VIR_DOMAIN_PAUSED_SNAPSHOT);
}

/* Waits its turn behind a call of the dead one that the host still works on, and whatever the machine does,
 * it goes on afterwards. */
static bool settle(virDomainPtr domain)
{
    int number = libvirt()->virDomainResume(domain) == 0 ? VIR_ERR_OK : libvirt()->virGetLastErrorCode();
    return number == VIR_ERR_OK || number == VIR_ERR_OPERATION_INVALID; /* it runs already, or is off */
}

static void thaw(virDomainPtr domain, struct ward *ward)
{
    if (!ward->thaw)
        return;
    (void)libvirt()->virDomainAgentSetResponseTimeout(domain, AGENT_PATIENCE_S, 0);
    if (libvirt()->virDomainFSThaw(domain, NULL, 0, 0) >= 0)
        ward->thaw = false;
}

static bool look_after(struct ward *ward, bool settled)
{
    struct error ignored;
    CLEANUP_CONNECT virConnectPtr connect = connection_take(ward->connection, &ignored);
    CLEANUP_DOMAIN virDomainPtr domain =
        connect ? domain_find(connect, &ward->id, ward->id.text, &ignored) : NULL;
    if (!domain)
        return connect && strcmp(ignored.key, "machine.gone") == 0;
    if (is_paused_by_a_call(domain))
        (void)libvirt()->virDomainResume(domain);
    thaw(domain, ward);
    return settled || settle(domain);
}

/* A thread for each, so that one that hangs keeps no other waiting. */
static void *rescue(void *context)
{
    struct ward *ward = context;
    int64_t end = monotonic_milliseconds() + RESCUE_LIMIT_MS;
    int64_t quiet = 0; /* until when it is looked at once it has settled */
    while (monotonic_milliseconds() < end && (quiet == 0 || monotonic_milliseconds() < quiet)) {
        if (look_after(ward, quiet != 0) && quiet == 0)
            quiet = monotonic_milliseconds() + LOOK_AGAIN_MS;
        wait_a_moment();
    }
    return NULL;
}

static void rescue_all(struct wards *wards)
{
    size_t started = 0;
    for (; started < wards->count; started++) {
        if (pthread_create(&wards->items[started].thread, NULL, rescue, &wards->items[started]) != 0)
            break;
    }
    for (size_t i = started; i < wards->count; i++)
        rescue(&wards->items[i]);
    for (size_t i = 0; i < started; i++)
        pthread_join(wards->items[i].thread, NULL);
}

/* Alone, or the one that started us is gone. */
static bool take_lock(void)
{
    while (flock(GUARDIAN_LOCK_FD, LOCK_EX | LOCK_NB) != 0) {
        struct pollfd waited = {.fd = GUARDIAN_FD, .events = POLLIN};
        if (errno != EWOULDBLOCK || poll(&waited, 1, LOOK_EVERY_MS) > 0)
            return false;
    }
    return true;
}

static void guard(struct wards *wards, int limit_ms)
{
    int patience = -1;
    bool begun = false;
    if (write(GUARDIAN_FD, GUARDIAN_READY, 1) != 1)
        return;
    for (;;) {
        int word = read_word(patience);
        if (word == GUARDIAN_LET_GO)
            return;
        if (word != GUARDIAN_WATCH && word != GUARDIAN_HOLD)
            break;
        begun = true;
        if (word == GUARDIAN_HOLD)
            patience = limit_ms;
    }
    if (begun)
        rescue_all(wards);
}

int guardian_main(int argc, char **argv)
{
    if (argc <= FIRST_MACHINE)
        return EXIT_FAILURE;
    /* Whoever ends our group, or closes the terminal, means the other process. */
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    struct wards wards = {.uri = argv[2]};
    bool ok = read_wards(argc, argv, &wards) && take_lock() && (is_embedded(argv[2]) || find_all(&wards));
    if (ok)
        guard(&wards, (int)strtol(argv[3], NULL, 10));
    for (size_t i = 0; i < wards.count; i++)
        connection_free(wards.items[i].connection);
    free(wards.items);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
