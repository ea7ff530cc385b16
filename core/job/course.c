#include "core/job/course.h"

/* A part that reads what the copy has read and written: what a byte of it takes, in parts of what a byte of
 * the copy took when nothing held it back. */
#define LATER_LEAST 0.35
#define LATER_MOST 0.9

static uint64_t lesser(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static uint64_t rest_of(const struct job_course_part *part)
{
    return part->total - lesser(part->done, part->total);
}

/* The part that is at work; JOB_PART_COUNT: none of them. */
static unsigned current_part(const struct job_course *course)
{
    if (course->one_phase || course->phase == JOB_PHASE_VERIFY)
        return JOB_PART_CHECK;
    if (course->phase == JOB_PHASE_PLAN)
        return JOB_PART_BASE;
    if (course->phase != JOB_PHASE_COPY)
        return JOB_PART_COUNT;
    return rest_of(&course->parts[JOB_PART_COPY]) > 0 ? JOB_PART_COPY : JOB_PART_AGAIN;
}

static void run_rates(struct job_course *course)
{
    unsigned current = current_part(course);
    for (unsigned i = 0; i < JOB_PART_COUNT; i++)
        job_rate_run(&course->parts[i].rate, course->at_ms, course->running && i == current);
}

static void pass_time(struct job_course *course, int64_t now_ms)
{
    if (now_ms <= course->at_ms)
        return;
    if (course->running)
        course->active_ms += now_ms - course->at_ms;
    job_history_pass(&course->history, course->active_ms);
    course->at_ms = now_ms;
    for (unsigned i = 0; i < JOB_PART_COUNT; i++)
        job_rate_tick(&course->parts[i].rate, now_ms);
}

void job_course_move(struct job_course *course, int64_t now_ms, uint32_t state, enum job_phase phase)
{
    pass_time(course, now_ms);
    if (!course->begun && state == JOB_STATE_STARTING) {
        course->begun = true;
        course->started_ms = now_ms;
    }
    course->phase = phase;
    course->running = course->begun && !job_state_is_final(state) && state != JOB_STATE_SUSPENDED;
    job_history_begin(&course->history, course->active_ms);
    run_rates(course);
}

void job_course_copied(struct job_course *course, int64_t now_ms, uint64_t moved, uint64_t zeroed,
                       uint64_t kept)
{
    struct job_course_part *copy = &course->parts[JOB_PART_COPY];
    pass_time(course, now_ms);
    job_rate_add(&copy->rate, now_ms, moved, kept);
    job_history_add(&course->history, course->active_ms, moved);
    copy->done += moved + zeroed + kept;
    course->zero_done += zeroed;
    if (rest_of(copy) == 0)
        run_rates(course);
}

static void add_read(struct job_course *course, struct job_course_part *part, int64_t now_ms, uint64_t bytes)
{
    job_rate_add(&part->rate, now_ms, bytes, 0);
    job_history_add(&course->history, course->active_ms, bytes);
}

/* Where that happens beside the copy of other disks, its time is the copy's. */
void job_course_read_again(struct job_course *course, int64_t now_ms, uint64_t bytes)
{
    struct job_course_part *again = &course->parts[JOB_PART_AGAIN];
    pass_time(course, now_ms);
    if (again->rate.running)
        add_read(course, again, now_ms, bytes);
    again->done += bytes;
}

/* Its total is said when it begins. */
static void set_part(struct job_course *course, struct job_course_part *part, int64_t now_ms, uint64_t done,
                     uint64_t total)
{
    part->total = total;
    if (done > part->done)
        add_read(course, part, now_ms, done - part->done);
    part->done = done;
}

/* The verify phase says what it has passed; what it reads of that is its part of the total. */
static void set_check(struct job_course *course, int64_t now_ms, uint64_t done, uint64_t total)
{
    struct job_course_part *check = &course->parts[JOB_PART_CHECK];
    uint64_t read = total ? (uint64_t)((double)check->total * ((double)done / (double)total)) : 0;
    if (read <= check->done)
        return;
    add_read(course, check, now_ms, read - check->done);
    check->done = read;
}

void job_course_checked(struct job_course *course, int64_t now_ms, uint64_t done, uint64_t total)
{
    pass_time(course, now_ms);
    done = lesser(done, total);
    if (course->one_phase)
        set_part(course, &course->parts[JOB_PART_CHECK], now_ms, done, total);
    else if (course->phase == JOB_PHASE_VERIFY)
        set_check(course, now_ms, done, total);
    else if (course->phase == JOB_PHASE_PLAN)
        set_part(course, &course->parts[JOB_PART_BASE], now_ms, done, total);
}

static unsigned percent_of(uint64_t done, uint64_t total)
{
    unsigned percent = (unsigned)(100.0 * ((double)done / (double)total) + 1e-9);
    return percent < 99 ? percent : 99;
}

/* What a phase leaves behind is done, whatever was planned of it. */
static bool is_behind(const struct job_course *course, unsigned part)
{
    static const enum job_phase phases[JOB_PART_COUNT] = {JOB_PHASE_PLAN, JOB_PHASE_COPY, JOB_PHASE_COPY,
                                                          JOB_PHASE_VERIFY};
    return !course->one_phase && course->phase > phases[part];
}

void job_course_count(const struct job_course *course, struct job_figures *figures)
{
    figures->work_done = figures->work_total = 0;
    for (unsigned i = course->one_phase ? JOB_PART_CHECK : JOB_PART_BASE; i < JOB_PART_COUNT; i++) {
        const struct job_course_part *part = &course->parts[i];
        figures->work_total += part->total;
        figures->work_done += is_behind(course, i) ? part->total : lesser(part->done, part->total);
    }
    figures->percent = 0;
    if (figures->work_total > 0 && (course->one_phase || course->phase != JOB_PHASE_PLAN))
        figures->percent = percent_of(figures->work_done, figures->work_total);
    else if (course->phase == JOB_PHASE_COMMIT && !course->one_phase)
        figures->percent = 99;
}

/* Zeroes take no time beside data. */
static double bytes_ahead(const struct job_course *course, unsigned part)
{
    uint64_t zeroes = course->zero_total - lesser(course->zero_done, course->zero_total);
    uint64_t rest = rest_of(&course->parts[part]);
    return (double)(part == JOB_PART_COPY ? rest - lesser(zeroes, rest) : rest);
}

static void estimate(const struct job_course *course, double held_back, struct job_figures *figures)
{
    const struct job_rate *copy = &course->parts[JOB_PART_COPY].rate;
    unsigned current = current_part(course);
    struct job_ahead ahead = {0};
    double later = 0;
    if (current == JOB_PART_COUNT || current == JOB_PART_BASE)
        return;
    const struct job_rate *rate = &course->parts[current].rate;
    if (job_rate_is_stable(rate))
        ahead.bytes = bytes_ahead(course, current);
    else if (current != JOB_PART_COPY)
        later = bytes_ahead(course, current); /* its speed is not known yet */
    else
        return;
    for (unsigned i = current + 1; i < JOB_PART_COUNT; i++)
        later += bytes_ahead(course, i);
    if (later > 0 && !job_rate_is_stable(copy))
        return;
    if (later > 0) {
        double ms = later * job_rate_time(copy) / (double)copy->moved * (1 - held_back);
        ahead.later_low_ms = ms * LATER_LEAST;
        ahead.later_high_ms = ms * LATER_MOST;
    }
    if (figures->work_total > 0)
        ahead.done = (double)figures->work_done / (double)figures->work_total;
    job_estimate(rate, &ahead, &figures->left_low_s, &figures->left_high_s);
}

void job_course_look(struct job_course *course, int64_t now_ms, double held_back, struct job_figures *figures)
{
    *figures = (struct job_figures){0};
    pass_time(course, now_ms);
    job_course_count(course, figures);
    figures->elapsed_ms = course->active_ms;
    if (course->begun && course->at_ms > course->started_ms + course->active_ms)
        figures->paused_ms = course->at_ms - course->started_ms - course->active_ms;
    figures->rate_average =
        job_rate_average(&course->parts[course->one_phase ? JOB_PART_CHECK : JOB_PART_COPY].rate);
    unsigned current = current_part(course);
    if (current < JOB_PART_COUNT && course->running)
        job_rate_now(&course->parts[current].rate, &figures->rate_now);
    estimate(course, held_back, figures);
}
