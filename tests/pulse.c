#include "tests/pulse.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/mem.h"

#define BEAT_MS 10

struct pulse {
    pthread_t thread;
    atomic_bool stopped;
    atomic_long beats;
};

static void *beat(void *context)
{
    struct pulse *pulse = context;
    while (!atomic_load(&pulse->stopped)) {
        nanosleep(&(struct timespec){.tv_nsec = BEAT_MS * 1000000L}, NULL);
        atomic_fetch_add(&pulse->beats, 1);
    }
    return NULL;
}

struct pulse *pulse_start(void)
{
    struct pulse *pulse = mem_alloc(sizeof *pulse);
    assert_int_equal(pthread_create(&pulse->thread, NULL, beat, pulse), 0);
    return pulse;
}

long pulse_stop(struct pulse *pulse)
{
    long beats = atomic_load(&pulse->beats);
    atomic_store(&pulse->stopped, true);
    pthread_join(pulse->thread, NULL);
    free(pulse);
    return beats * BEAT_MS;
}
