#include "core/export/verify/picks.h"

#include <sys/random.h>

#include "core/base/units.h"

#define ZERO_PIECE MIB

void picks_open(struct picks *picks, const struct run_list *runs)
{
    *picks = (struct picks){.random = 1};
    pthread_mutex_init(&picks->lock, NULL);
    if (getrandom(&picks->random, sizeof picks->random, 0) != sizeof picks->random)
        picks->random = (uint64_t)monotonic_milliseconds();
    run_reader_open(&picks->reader, runs);
}

void picks_close(struct picks *picks)
{
    run_reader_close(&picks->reader);
    pthread_mutex_destroy(&picks->lock);
}

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). */
static uint64_t draw(struct picks *picks)
{
    uint64_t value = picks->random += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

static void pass(struct picks *picks, uint64_t length)
{
    picks->run.offset += length;
    picks->run.length -= length;
}

static uint64_t lesser(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* Cluster by cluster up to one that is drawn; the last always is. */
static void pick_data(struct picks *picks, struct pick *pick)
{
    struct run *run = &picks->run;
    uint64_t passed = 0;
    while (picks->begun && run->length > RUN_GRANULE && draw(picks) % PICKS_ONE_IN != 0) {
        passed += RUN_GRANULE;
        picks->rank++;
        pass(picks, RUN_GRANULE);
    }
    uint64_t length = lesser(run->length, RUN_GRANULE);
    *pick = (struct pick){
        .offset = run->offset, .length = length, .rank = picks->rank++, .passed = passed + length};
    pass(picks, length);
    picks->begun = true;
}

static void pick_zero(struct picks *picks, struct pick *pick)
{
    *pick = (struct pick){
        .offset = picks->run.offset, .length = lesser(picks->run.length, ZERO_PIECE), .zero = true};
    pass(picks, pick->length);
}

bool picks_next(struct picks *picks, struct pick *pick, struct error *err)
{
    bool ok = true;
    *pick = (struct pick){0};
    pthread_mutex_lock(&picks->lock);
    if (picks->run.length == 0) {
        ok = run_reader_next(&picks->reader, &picks->run, err);
        picks->begun = false;
    }
    if (ok && picks->run.length > 0)
        (picks->run.kind == RUN_ZERO ? pick_zero : pick_data)(picks, pick);
    pthread_mutex_unlock(&picks->lock);
    return ok;
}
