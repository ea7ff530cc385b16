/* The process itself. */
#include "core/host/libvirt/live/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/host/libvirt/connection/connection.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/live/guardian_words.h"

#define LOOK_AGAIN_MS 8000
#define LOOK_EVERY_MS 50
#define AGENT_PATIENCE_S 5
#define FIRST_MACHINE 4 /* in argv */

struct ward {
    struct guid id;
    bool thaw;
};

struct wards {
    struct connection *connection; /* a daemon that was restarted meanwhile is connected to again */
    struct ward *items;
    size_t count;
};

static bool read_wards(int argc, char **argv, struct wards *wards)
{
    for (int i = FIRST_MACHINE; i < argc; i++) {
        bool thaw = argv[i][0] == '+';
        struct ward *ward = ARRAY_APPEND(wards->items, wards->count);
        ward->thaw = thaw;
        if (!guid_parse(&ward->id, argv[i] + (thaw ? 1 : 0)))
            return false;
    }
    return true;
}

static bool find_all(const struct wards *wards)
{
    struct error ignored;
    CLEANUP_CONNECT virConnectPtr connect = connection_take(wards->connection, &ignored);
    bool ok = connect != NULL;
    for (size_t i = 0; ok && i < wards->count; i++) {
        CLEANUP_DOMAIN virDomainPtr domain =
            domain_find(connect, &wards->items[i].id, wards->items[i].id.text, &ignored);
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

static bool is_paused_by_a_call(virDomainPtr domain)
{
    int state = 0;
    int reason = 0;
    return virDomainGetState(domain, &state, &reason, 0) == 0 && state == VIR_DOMAIN_PAUSED &&
           (reason == VIR_DOMAIN_PAUSED_USER || reason == VIR_DOMAIN_PAUSED_UNKNOWN ||
            reason == VIR_DOMAIN_PAUSED_SNAPSHOT);
}

static void let_go(virDomainPtr domain, struct ward *ward)
{
    if (is_paused_by_a_call(domain))
        (void)virDomainResume(domain);
    if (!ward->thaw)
        return;
    (void)virDomainAgentSetResponseTimeout(domain, AGENT_PATIENCE_S, 0);
    if (virDomainFSThaw(domain, NULL, 0, 0) >= 0)
        ward->thaw = false;
}

static void let_all_go(struct wards *wards)
{
    struct error ignored;
    CLEANUP_CONNECT virConnectPtr connect = connection_take(wards->connection, &ignored);
    for (size_t i = 0; connect && i < wards->count; i++) {
        CLEANUP_DOMAIN virDomainPtr domain =
            domain_find(connect, &wards->items[i].id, wards->items[i].id.text, &ignored);
        if (domain)
            let_go(domain, &wards->items[i]);
    }
}

static void wait_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    nanosleep(&moment, NULL);
}

static void rescue(struct wards *wards)
{
    int64_t end = monotonic_milliseconds() + LOOK_AGAIN_MS;
    while (monotonic_milliseconds() < end) {
        let_all_go(wards);
        wait_a_moment();
    }
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
        rescue(wards);
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
    struct wards wards = {.connection = connection_new(argv[2])};
    bool ok = read_wards(argc, argv, &wards) && find_all(&wards);
    if (ok)
        guard(&wards, (int)strtol(argv[3], NULL, 10));
    free(wards.items);
    connection_free(wards.connection);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
