#include "core/host/libvirt/live/window.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/host/libvirt/connection/connection.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/connection/library.h"
#include "core/host/libvirt/live/guardian.h"

#define AGENT_PATIENCE_S 10
#define GUARDIAN_MORE_MS 500 /* than we wait ourselves */
#define RESUME_TRIES 3

enum meeting { MEETING_QUIESCED, MEETING_PAUSED, MEETING_MADE, MEETINGS };

/* What the threads share. */
struct gathering {
    struct window *window;
    struct guardian *guardian;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t arrived[MEETINGS];
    bool failed;
    int64_t end_ms; /* of the time that machines may be held; 0: none is yet */
};

struct participant {
    struct gathering *gathering;
    struct window_member *member;
    struct connection *connection;
    virDomainPtr given; /* the member's own, while it has one of this connection */
    pthread_t thread;
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void give_up(struct gathering *gathering)
{
    pthread_mutex_lock(&gathering->mutex);
    gathering->failed = true;
    pthread_cond_broadcast(&gathering->changed);
    pthread_mutex_unlock(&gathering->mutex);
}

static struct timespec deadline_of(const struct gathering *gathering)
{
    return (struct timespec){.tv_sec = gathering->end_ms / 1000,
                             .tv_nsec = gathering->end_ms % 1000 * 1000000L};
}

static void wait_changed(struct gathering *gathering)
{
    if (gathering->end_ms == 0) {
        pthread_cond_wait(&gathering->changed, &gathering->mutex);
        return;
    }
    const struct timespec end = deadline_of(gathering);
    if (pthread_cond_clockwait(&gathering->changed, &gathering->mutex, CLOCK_MONOTONIC, &end) == ETIMEDOUT) {
        gathering->failed = true;
        pthread_cond_broadcast(&gathering->changed);
    }
}

/* Waits for all the others; false: there will be no instant. */
static bool meet(struct gathering *gathering, enum meeting meeting)
{
    pthread_mutex_lock(&gathering->mutex);
    gathering->arrived[meeting]++;
    pthread_cond_broadcast(&gathering->changed);
    while (!gathering->failed && gathering->arrived[meeting] < gathering->window->count)
        wait_changed(gathering);
    /* Somebody who was held up himself must not take a late meeting for a timely one. */
    if (gathering->end_ms != 0 && monotonic_milliseconds() >= gathering->end_ms)
        gathering->failed = true;
    bool ok = !gathering->failed;
    pthread_mutex_unlock(&gathering->mutex);
    return ok;
}

/* The first one starts the clock, here and at the guardian's. */
static bool begin_holding(struct gathering *gathering, struct error *err)
{
    pthread_mutex_lock(&gathering->mutex);
    bool ok = gathering->end_ms != 0 || guardian_hold(gathering->guardian, err);
    if (ok && gathering->end_ms == 0)
        gathering->end_ms = monotonic_milliseconds() + gathering->window->limit_ms;
    pthread_mutex_unlock(&gathering->mutex);
    return ok;
}

static bool quiesce(struct window_member *member)
{
    if (!member->quiesce)
        return true;
    (void)libvirt()->virDomainAgentSetResponseTimeout(member->domain, AGENT_PATIENCE_S, 0);
    if (libvirt()->virDomainFSFreeze(member->domain, NULL, 0, 0) >= 0) {
        member->quiesced = true;
        return true;
    }
    struct error err = {0};
    library_error(&err, "point.quiesce", "the file systems of the machine %s could not be quiesced",
                  member->name);
    err.code = RETURN_INVALID_STATE;
    error_next(&err, "See that qemu-guest-agent runs in the machine and that its definition has the agent's "
                     "channel; or ask for --consistency crash, or for application with --allow-crash.");
    /* What it had frozen before it failed is let go. */
    (void)libvirt()->virDomainFSThaw(member->domain, NULL, 0, 0);
    if (member->may_fail_to_quiesce)
        return true;
    member->err = err;
    return false;
}

static bool take_snapshot(const struct window_member *member)
{
    const unsigned flags = VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA |
                           VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT | VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC;
    virDomainSnapshotPtr snapshot =
        libvirt()->virDomainSnapshotCreateXML(member->domain, member->text, flags);
    if (snapshot)
        libvirt()->virDomainSnapshotFree(snapshot);
    return snapshot != NULL;
}

static bool make_checkpoint(const struct window_member *member)
{
    virDomainCheckpointPtr checkpoint =
        libvirt()->virDomainCheckpointCreateXML(member->domain, member->checkpoint, 0);
    if (checkpoint)
        libvirt()->virDomainCheckpointFree(checkpoint);
    return checkpoint != NULL;
}

static bool act(struct window_member *member)
{
    static const char *const words[] = {[WINDOW_SNAPSHOT] = "gets no snapshot",
                                        [WINDOW_BACKUP] = "does not serve its disks",
                                        [WINDOW_CHECKPOINT] = "gets no checkpoint"};
    switch (member->act) {
    case WINDOW_SNAPSHOT:
        member->made = take_snapshot(member);
        break;
    case WINDOW_BACKUP:
        member->made =
            libvirt()->virDomainBackupBegin(member->domain, member->text, member->checkpoint, 0) == 0;
        break;
    case WINDOW_CHECKPOINT:
        member->made = make_checkpoint(member);
        break;
    }
    return member->made || library_error(&member->err, "point.instant", "the machine %s %s", member->name,
                                         words[member->act]);
}

/* It goes on, but not by us: nobody knows since when. */
static void note_resumed_by_others(struct window_member *member)
{
    if (member->err.code != 0)
        return;
    error_set(&member->err, RETURN_INVALID_STATE, "point.resumed",
              "the machine %s was resumed, or ended, by somebody else while it was to stand still",
              member->name);
    error_cause(&member->err, "the disks need not be of one instant, so that there is no point");
    error_next(&member->err, "Try again.");
}

static bool resume(struct window_member *member)
{
    struct error failed = {0};
    for (int i = 0; i < RESUME_TRIES; i++) {
        enum machine_state state;
        struct error ignored;
        if (libvirt()->virDomainResume(member->domain) == 0)
            return true;
        library_error(&failed, "point.held", "the machine %s could not be resumed: it still stands still",
                      member->name);
        if (domain_state(member->domain, &state, &ignored) && state != MACHINE_STATE_PAUSED) {
            note_resumed_by_others(member);
            return false;
        }
    }
    error_next(&failed, "Resume it at once: virsh resume %s", member->name);
    member->held = true;
    member->err = failed;
    return false;
}

/* A call that failed may have been carried out all the same: the daemon may have died before it could say so.
 */
static void let_go_if_paused(struct window_member *member)
{
    enum machine_state state;
    struct error ignored;
    bool known = domain_state(member->domain, &state, &ignored);
    member->held =
        !known || (state == MACHINE_STATE_PAUSED && libvirt()->virDomainResume(member->domain) != 0);
    libvirt()->virResetLastError();
}

static void hold(struct gathering *gathering, struct window_member *member)
{
    uint64_t began = now_us();
    bool asked = false;
    bool held = false;
    bool ok = true;
    if (member->pause) {
        asked = begin_holding(gathering, &member->err);
        held = asked && libvirt()->virDomainSuspend(member->domain) == 0;
        if (!held && member->err.code == 0)
            library_error(&member->err, "point.pause", "the machine %s could not be paused", member->name);
        ok = held;
    }
    if (!ok)
        give_up(gathering);
    if (meet(gathering, MEETING_PAUSED) && !act(member))
        give_up(gathering);
    (void)meet(gathering, MEETING_MADE);
    if (held) {
        if (!resume(member))
            give_up(gathering);
        member->paused_us = now_us() - began;
    } else if (asked) {
        let_go_if_paused(member);
    }
}

/* A connection of its own: on a common one, a call that the host does not answer holds up the others' for
 * seconds. */
static bool take_domain(struct participant *participant)
{
    struct window_member *member = participant->member;
    struct guid id;
    participant->connection = connection_new(participant->gathering->window->uri);
    if (!domain_id(member->domain, &id, &member->err))
        return false;
    CLEANUP_CONNECT virConnectPtr connect = connection_take(participant->connection, &member->err);
    virDomainPtr domain = connect ? domain_find(connect, &id, member->name, &member->err) : NULL;
    if (!domain)
        return false;
    participant->given = member->domain;
    member->domain = domain;
    return true;
}

static void give_domain_back(struct participant *participant)
{
    if (participant->given) {
        libvirt()->virDomainFree(participant->member->domain);
        participant->member->domain = participant->given;
    }
    connection_free(participant->connection);
}

static void *take_part(void *context)
{
    struct participant *participant = context;
    struct gathering *gathering = participant->gathering;
    struct window_member *member = participant->member;
    if (!take_domain(participant) || !quiesce(member))
        give_up(gathering);
    if (meet(gathering, MEETING_QUIESCED))
        hold(gathering, member);
    if (member->quiesced && libvirt()->virDomainFSThaw(member->domain, NULL, 0, 0) < 0) {
        member->held = true;
        library_error(&member->err, "point.thaw", "the file systems of the machine %s could not be thawed",
                      member->name);
        error_next(&member->err, "Thaw them at once: virsh domfsthaw %s", member->name);
    }
    if (member->quiesce)
        (void)libvirt()->virDomainAgentSetResponseTimeout(member->domain,
                                                          VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK, 0);
    give_domain_back(participant);
    return NULL;
}

static void run_threads(struct gathering *gathering)
{
    const struct window *window = gathering->window;
    CLEANUP_FREE struct participant *participants = mem_alloc(window->count * sizeof *participants);
    size_t started = 0;
    for (; started < window->count; started++) {
        struct participant *participant = &participants[started];
        *participant = (struct participant){.gathering = gathering, .member = &window->members[started]};
        int number = pthread_create(&participant->thread, NULL, take_part, participant);
        if (number == 0)
            continue;
        error_errno(&participant->member->err, number, "point.thread", "no thread for the machine %s",
                    participant->member->name);
        give_up(gathering);
        break;
    }
    for (size_t i = 0; i < started; i++)
        pthread_join(participants[i].thread, NULL);
}

static bool any_held(const struct window *window)
{
    bool held = false;
    for (size_t i = 0; i < window->count; i++)
        held = held || window->members[i].held;
    return held;
}

/* A daemon that was restarted is connected to again, by the guardian before and by us now. */
static void look_again(struct window *window)
{
    struct error ignored;
    if (!any_held(window))
        return;
    struct connection *connection = connection_new(window->uri);
    virConnectPtr connect = connection_take(connection, &ignored);
    for (size_t i = 0; connect && i < window->count; i++) {
        struct window_member *member = &window->members[i];
        enum machine_state state;
        struct guid id;
        CLEANUP_DOMAIN virDomainPtr domain = member->held && domain_id(member->domain, &id, &ignored)
                                                 ? domain_find(connect, &id, member->name, &ignored)
                                                 : NULL;
        if (!domain)
            continue;
        bool thawed = !member->quiesced || libvirt()->virDomainFSThaw(domain, NULL, 0, 0) >= 0;
        if (thawed && domain_state(domain, &state, &ignored) && state != MACHINE_STATE_PAUSED)
            member->held = false;
    }
    connection_release(&connect);
    connection_free(connection);
}

static bool tell(const struct gathering *gathering, struct error *err)
{
    const struct window *window = gathering->window;
    const struct window_member *first = NULL;
    for (size_t i = 0; i < window->count; i++) {
        const struct window_member *member = &window->members[i];
        /* A machine that stands still is worse than everything else that can be told. */
        if (member->err.code != 0 && (!first || (member->held && !first->held)))
            first = member;
    }
    if (!gathering->failed && !any_held(window))
        return true;
    if (first) {
        *err = first->err;
        return false;
    }
    error_set(err, RETURN_TIMEOUT, "point.window",
              "the machines could not all be paused and given their snapshots within %d ms",
              window->limit_ms);
    error_cause(err, "all have gone on, and there is no point");
    return error_next(err, "Try again when the storage has less to do.");
}

bool window_run(struct window *window, struct error *err)
{
    struct gathering gathering = {.window = window};
    struct guarded_machine *guarded = NULL;
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++) {
        struct window_member *member = &window->members[i];
        struct guarded_machine machine = {.thaw = member->quiesce};
        if (!member->pause && !member->quiesce)
            continue;
        if (!domain_id(member->domain, &machine.id, err)) {
            free(guarded);
            return false;
        }
        *ARRAY_APPEND(guarded, count) = machine;
    }
    if (count > 0)
        gathering.guardian = guardian_start(window->uri, window->lock, guarded, count,
                                            window->limit_ms + GUARDIAN_MORE_MS, err);
    free(guarded);
    if (count > 0 && (!gathering.guardian || !guardian_watch(gathering.guardian, err))) {
        guardian_end(gathering.guardian, true);
        return false;
    }
    pthread_mutex_init(&gathering.mutex, NULL);
    pthread_cond_init(&gathering.changed, NULL);
    run_threads(&gathering);
    guardian_end(gathering.guardian, !any_held(window));
    look_again(window);
    pthread_cond_destroy(&gathering.changed);
    pthread_mutex_destroy(&gathering.mutex);
    return tell(&gathering, err);
}
