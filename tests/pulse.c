#include "tests/pulse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define BEAT_MS 10

static void *beat(void *context)
{
    struct pulse *pulse = context;
    while (!atomic_load(&pulse->stopped)) {
        nanosleep(&(struct timespec){.tv_nsec = BEAT_MS * 1000000L}, NULL);
        atomic_fetch_add(&pulse->beats, 1);
    }
    return NULL;
}

void pulse_start(struct pulse *pulse)
{
    atomic_init(&pulse->stopped, false);
    atomic_init(&pulse->beats, 0);
    assert_int_equal(pthread_create(&pulse->thread, NULL, beat, pulse), 0);
}

long pulse_stop(struct pulse *pulse)
{
    long beats = atomic_load(&pulse->beats);
    atomic_store(&pulse->stopped, true);
    pthread_join(pulse->thread, NULL);
    return beats * BEAT_MS;
}
