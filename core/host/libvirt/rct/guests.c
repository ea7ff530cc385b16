#include "core/host/libvirt/rct/guests.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/connection/functions.h"

#define LOOK_EVERY_MS 500

struct guests {
    struct connection *connection;
    const struct reference_point *point;
    struct job *job;
    bool *told; /* of each machine */
    pthread_mutex_t mutex;
    pthread_cond_t leaving_changed;
    bool leaving;
    bool running;
    pthread_t thread;
};

static void say(struct guests *guests, const char *sentence)
{
    job_log(guests->job, "%s", sentence);
    job_add_finding(guests->job, sentence);
}

static void tell_stopped(struct guests *guests, const struct machine *machine)
{
    CLEANUP_FREE char *sentence =
        mem_format("the machine %s was stopped by its QEMU: an error of a disk, most likely no space left "
                   "for its scratch "
                   "file beside %s. Free space there, then: virsh resume %s. The export goes on",
                   machine->name, machine->disk_count ? machine->disks[0].path : "its images", machine->name);
    say(guests, sentence);
}

static void look_at_running(struct guests *guests, size_t member, bool stopped)
{
    const struct machine *machine = &guests->point->members[member].machine;
    if (guests->told[member] == stopped)
        return;
    guests->told[member] = stopped;
    if (stopped)
        tell_stopped(guests, machine);
    else
        job_log(guests->job, "the machine %s goes on", machine->name);
}

/* Its disks are read from their files, to which it writes from now on. */
static void look_at_off(struct guests *guests, size_t member, bool started)
{
    const struct machine *machine = &guests->point->members[member].machine;
    if (!started || guests->told[member])
        return;
    guests->told[member] = true;
    CLEANUP_FREE char *sentence =
        mem_format("the machine %s, off at the instant, was started: this export cannot end well any more. "
                   "Cancel it and export again",
                   machine->name);
    say(guests, sentence);
}

static void look(struct guests *guests, virConnectPtr connect)
{
    for (size_t i = 0; i < guests->point->member_count; i++) {
        const struct machine *machine = &guests->point->members[i].machine;
        struct error ignored;
        int state = 0;
        int reason = 0;
        CLEANUP_DOMAIN virDomainPtr domain = domain_find(connect, &machine->id, machine->name, &ignored);
        if (!domain || libvirt()->virDomainGetState(domain, &state, &reason, 0) != 0)
            continue;
        if (machine_state_is_live(machine->state))
            look_at_running(guests, i, state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_IOERROR);
        else
            look_at_off(guests, i, libvirt()->virDomainIsActive(domain) == 1);
    }
}

static bool wait_a_while(struct guests *guests)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += LOOK_EVERY_MS * 1000000L;
    end.tv_sec += end.tv_nsec / 1000000000L;
    end.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&guests->mutex);
    int number = 0;
    while (!guests->leaving && number != ETIMEDOUT)
        number = pthread_cond_clockwait(&guests->leaving_changed, &guests->mutex, CLOCK_MONOTONIC, &end);
    bool stays = !guests->leaving;
    pthread_mutex_unlock(&guests->mutex);
    return stays;
}

static void *watch(void *context)
{
    struct guests *guests = context;
    while (wait_a_while(guests)) {
        struct error ignored;
        CLEANUP_CONNECT virConnectPtr connect = connection_take(guests->connection, &ignored);
        if (connect)
            look(guests, connect);
    }
    return NULL;
}

struct guests *guests_watch(struct connection *connection, const struct reference_point *point,
                            struct job *job)
{
    struct guests *guests = mem_alloc(sizeof *guests);
    *guests = (struct guests){.connection = connection, .point = point, .job = job};
    guests->told = mem_alloc((point->member_count + 1) * sizeof *guests->told);
    pthread_mutex_init(&guests->mutex, NULL);
    pthread_cond_init(&guests->leaving_changed, NULL);
    guests->running = pthread_create(&guests->thread, NULL, watch, guests) == 0;
    return guests;
}

void guests_leave(struct guests *guests)
{
    pthread_mutex_lock(&guests->mutex);
    guests->leaving = true;
    pthread_cond_signal(&guests->leaving_changed);
    pthread_mutex_unlock(&guests->mutex);
    if (guests->running)
        pthread_join(guests->thread, NULL);
    pthread_cond_destroy(&guests->leaving_changed);
    pthread_mutex_destroy(&guests->mutex);
    free(guests->told);
    free(guests);
}
