/* Estimates held against the truth: jobs whose end is known, on a clock of the test's. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/job/course.h"

enum manner { STEADY, BURSTY, PAUSED, CHECKED, LIMITED, MANNERS };
static const char *const words[MANNERS] = {"steady", "bursty", "paused", "checked", "limited"};

#define STEP_MS 50
#define BLOCK MIB
/* What whole seconds, and a guess of the last ones, may cost. */
#define SLACK_S 5

static uint64_t chance;

/* SplitMix64: the same jobs in every run. */
static double draw(double from, double to)
{
    uint64_t value = chance += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    value ^= value >> 31;
    return from + (to - from) * ((double)(value >> 11) / (double)(UINT64_C(1) << 53));
}

struct weather { /* how fast it goes at each moment */
    enum manner manner;
    double usual; /* bytes/ms */
    double now;
    double lasts_ms;
    double change_ms; /* how long, on average */
};

static double speed(struct weather *weather)
{
    weather->lasts_ms -= STEP_MS;
    if (weather->lasts_ms > 0)
        return weather->now;
    if (weather->manner == STEADY || weather->manner == LIMITED) {
        weather->lasts_ms = 200;
        weather->now = weather->usual * draw(0.8, 1.2);
    } else if (draw(0, 1) < 0.1) { /* it stalls */
        weather->lasts_ms = draw(500, 3000);
        weather->now = 0;
    } else {
        static const double levels[] = {0.5, 1.0, 1.6};
        weather->lasts_ms = -weather->change_ms * log(draw(0.0001, 1));
        weather->now = weather->usual * levels[(size_t)draw(0, 2.999)] * draw(0.9, 1.1);
    }
    return weather->now;
}

struct look {
    int64_t active_ms;
    double done;
    uint64_t low_s;
    uint64_t high_s;
};

struct played {
    struct look *looks;
    size_t count;
    int64_t end_ms; /* of the job's own time */
    size_t unsaid;
};

struct player {
    struct job_course course;
    struct weather weather;
    int64_t now_ms;
    int64_t active_ms;
    int64_t look_ms;
    double held_back;
    double moved; /* of a block that is under way */
    struct played *played;
};

static void look(struct player *player)
{
    struct job_figures figures;
    if (player->active_ms < player->look_ms)
        return;
    player->look_ms = player->active_ms + 1000;
    job_course_look(&player->course, player->now_ms, player->held_back, &figures);
    double done = (double)figures.work_done / (double)figures.work_total;
    if (done < 0.25)
        return;
    if (figures.left_high_s == 0) {
        player->played->unsaid++;
        return;
    }
    *ARRAY_APPEND(player->played->looks, player->played->count) =
        (struct look){.active_ms = player->active_ms,
                      .done = done,
                      .low_s = figures.left_low_s,
                      .high_s = figures.left_high_s};
}

/* Somebody pauses it; two blocks that are under way still come, and two more come at once when it goes on. */
static void pause(struct player *player, uint64_t *left)
{
    job_course_move(&player->course, player->now_ms, JOB_STATE_SUSPENDED, JOB_PHASE_COPY);
    for (int i = 0; i < 2 && *left > BLOCK; i++, *left -= BLOCK)
        job_course_copied(&player->course, player->now_ms + 300, BLOCK, 0, 0);
    player->now_ms += (int64_t)draw(2000, 900000);
    job_course_move(&player->course, player->now_ms, JOB_STATE_RUNNING, JOB_PHASE_COPY);
    for (int i = 0; i < 2 && *left > BLOCK; i++, *left -= BLOCK)
        job_course_copied(&player->course, player->now_ms, BLOCK, 0, 0);
}

static void pass(struct player *player)
{
    player->now_ms += STEP_MS;
    player->active_ms += STEP_MS;
    player->moved += speed(&player->weather) * STEP_MS;
}

static void copy(struct player *player, uint64_t bytes)
{
    while (bytes > 0) {
        pass(player);
        for (; bytes > 0 && player->moved >= BLOCK; player->moved -= BLOCK) {
            job_course_copied(&player->course, player->now_ms, BLOCK, 0, 0);
            bytes -= BLOCK;
        }
        look(player);
        if (player->weather.manner == PAUSED && draw(0, 1) < 0.002)
            pause(player, &bytes);
    }
}

static void check(struct player *player, uint64_t bytes)
{
    uint64_t done = 0;
    job_course_move(&player->course, player->now_ms, JOB_STATE_RUNNING, JOB_PHASE_VERIFY);
    while (done < bytes) {
        pass(player);
        for (; done < bytes && player->moved >= BLOCK; player->moved -= BLOCK)
            job_course_checked(&player->course, player->now_ms, done += BLOCK, bytes);
        look(player);
    }
}

/* From the start to the end, looked at once a second of its time. */
static struct played play(enum manner manner)
{
    struct played played = {0};
    double speed = draw(0.003, 0.3) * (double)MIB; /* MiB/ms: 3 to 300 MiB/s */
    double length_ms = draw(60, 1500) * 1000;
    uint64_t bytes = (uint64_t)(speed * length_ms) / BLOCK * BLOCK;
    uint64_t checked = manner == CHECKED || manner == LIMITED ? bytes : 0;
    double faster = draw(1.2, 2.7);
    struct player player = {.now_ms = 1000, .look_ms = 0, .played = &played};
    player.weather = (struct weather){.manner = manner == CHECKED ? STEADY : manner, .usual = speed};
    player.weather.change_ms = draw(1000, 8000);
    player.course.parts[JOB_PART_COPY].total = bytes;
    player.course.parts[JOB_PART_CHECK].total = checked;
    job_course_move(&player.course, 1000, JOB_STATE_STARTING, JOB_PHASE_PLAN);
    job_course_move(&player.course, 1000, JOB_STATE_RUNNING, JOB_PHASE_COPY);
    if (manner == LIMITED) { /* to a tenth of what it could do, which the check does */
        player.held_back = 0.9;
        faster *= 10;
    }
    copy(&player, bytes);
    player.weather.usual *= faster;
    player.weather.lasts_ms = 0;
    if (checked)
        check(&player, checked);
    played.end_ms = player.active_ms;
    return played;
}

struct tally {
    size_t looks;
    size_t within;
    size_t too_wide;
    size_t unsaid;
    double early_width; /* sums, in parts of the job's time */
    double late_width;
    double ratio; /* sum of logarithms */
    size_t early;
    size_t late;
};

static void count(struct tally *tally, const struct played *played)
{
    tally->unsaid += played->unsaid;
    for (size_t i = 0; i < played->count; i++) {
        const struct look *seen = &played->looks[i];
        double left = (double)(played->end_ms - seen->active_ms) / 1000;
        tally->looks++;
        tally->within += left >= (double)seen->low_s && left <= (double)seen->high_s;
        tally->too_wide += (double)seen->high_s > JOB_ESTIMATE_WIDEST * (double)seen->low_s + SLACK_S;
        double width = (double)(seen->high_s - seen->low_s) * 1000 / (double)played->end_ms;
        *(seen->done < 0.5 ? &tally->early_width : &tally->late_width) += width;
        *(seen->done < 0.5 ? &tally->early : &tally->late) += 1;
        tally->ratio += log((double)seen->high_s / (double)(seen->low_s + 1));
    }
}

static struct tally play_many(enum manner manner, unsigned jobs)
{
    struct tally tally = {0};
    for (unsigned i = 0; i < jobs; i++) {
        struct played played = play(manner);
        count(&tally, &played);
        free(played.looks);
    }
    print_message("%s: %zu estimates, %.1f %% right, %zu too wide, %.2f wide on average, %.1f %% unsaid\n",
                  words[manner], tally.looks, 100.0 * (double)tally.within / (double)tally.looks,
                  tally.too_wide, exp(tally.ratio / (double)tally.looks),
                  100.0 * (double)tally.unsaid / (double)(tally.looks + tally.unsaid));
    return tally;
}

static void the_truth_is_within(void **state)
{
    (void)state;
    struct tally all = {0};
    chance = 20260924;
    for (int manner = STEADY; manner < MANNERS; manner++) {
        struct tally tally = play_many((enum manner)manner, 200);
        assert_true(tally.within * 10 >= tally.looks * 9);
        assert_int_equal(tally.too_wide, 0);
        assert_true(tally.unsaid * 20 <= tally.looks);
        assert_true(tally.late_width / (double)tally.late < tally.early_width / (double)tally.early);
        all.looks += tally.looks;
        all.within += tally.within;
    }
    print_message("all: %.1f %% of %zu\n", 100.0 * (double)all.within / (double)all.looks, all.looks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_is_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
