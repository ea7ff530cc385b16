#include "core/job/course.h"

static uint64_t lesser(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static void pass_time(struct job_course *course, int64_t now_ms)
{
    if (now_ms <= course->at_ms)
        return;
    if (course->running)
        course->active_ms += now_ms - course->at_ms;
    course->at_ms = now_ms;
    job_rate_tick(&course->copy, now_ms);
    job_rate_tick(&course->check, now_ms);
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
    job_rate_run(&course->copy, now_ms, course->running && phase == JOB_PHASE_COPY && !course->one_phase);
    job_rate_run(&course->check, now_ms, course->running && (phase == JOB_PHASE_VERIFY || course->one_phase));
}

void job_course_copied(struct job_course *course, int64_t now_ms, uint64_t moved, uint64_t zeroed,
                       uint64_t kept)
{
    pass_time(course, now_ms);
    course->copy_done += moved + zeroed + kept;
    course->zero_done += zeroed;
    job_rate_add(&course->copy, now_ms, moved, kept);
}

/* The verify phase says what it has passed; what it reads of that is its part of the total. */
void job_course_checked(struct job_course *course, int64_t now_ms, uint64_t done, uint64_t total)
{
    pass_time(course, now_ms);
    if (!course->one_phase && course->phase != JOB_PHASE_VERIFY)
        return;
    if (course->one_phase)
        course->check_total = total;
    done = lesser(done, total);
    uint64_t read = done;
    if (!course->one_phase)
        read = total ? (uint64_t)((double)course->check_total * ((double)done / (double)total)) : 0;
    if (read > course->check_done)
        job_rate_add(&course->check, now_ms, read - course->check_done, 0);
    if (read > course->check_done || course->one_phase)
        course->check_done = read;
}

static unsigned percent_of(uint64_t done, uint64_t total)
{
    unsigned percent = (unsigned)(100.0 * ((double)done / (double)total) + 1e-9);
    return percent < 99 ? percent : 99;
}

void job_course_count(const struct job_course *course, struct job_figures *figures)
{
    uint64_t copied = lesser(course->copy_done, course->copy_total);
    uint64_t checked = lesser(course->check_done, course->check_total);
    if (course->phase == JOB_PHASE_COMMIT && !course->one_phase) {
        copied = course->copy_total;
        checked = course->check_total;
    }
    figures->work_total = course->one_phase ? course->check_total : course->copy_total + course->check_total;
    figures->work_done = course->one_phase ? checked : copied + checked;
    figures->percent = 0;
    if (figures->work_total > 0)
        figures->percent = percent_of(figures->work_done, figures->work_total);
    else if (course->phase == JOB_PHASE_COMMIT && !course->one_phase)
        figures->percent = 99;
}

/* Zeroes take no time beside data. */
static double data_ahead(const struct job_course *course)
{
    uint64_t zeroes = course->zero_total - lesser(course->zero_done, course->zero_total);
    uint64_t all = course->copy_total - lesser(course->copy_done, course->copy_total);
    return (double)(all - lesser(zeroes, all));
}

static void estimate(const struct job_course *course, double held_back, struct job_figures *figures)
{
    double check = (double)(course->check_total - lesser(course->check_done, course->check_total));
    struct job_ahead ahead = {.held_back = held_back};
    if (figures->work_total > 0)
        ahead.done = (double)figures->work_done / (double)figures->work_total;
    if (course->one_phase || course->phase == JOB_PHASE_VERIFY) {
        ahead.bytes = check;
        if (job_estimate(&course->check, &ahead, &figures->left_low_s, &figures->left_high_s) ||
            course->one_phase || job_rate_is_stable(&course->check))
            return;
        ahead.bytes = 0;
    } else if (course->phase == JOB_PHASE_COPY) {
        ahead.bytes = data_ahead(course);
    } else {
        return;
    }
    ahead.later_bytes = check;
    job_estimate(&course->copy, &ahead, &figures->left_low_s, &figures->left_high_s);
}

void job_course_look(struct job_course *course, int64_t now_ms, double held_back, struct job_figures *figures)
{
    *figures = (struct job_figures){0};
    pass_time(course, now_ms);
    job_course_count(course, figures);
    figures->elapsed_ms = course->active_ms;
    if (course->begun && course->at_ms > course->started_ms + course->active_ms)
        figures->paused_ms = course->at_ms - course->started_ms - course->active_ms;
    figures->rate_average = job_rate_average(course->one_phase ? &course->check : &course->copy);
    if (course->copy.running)
        job_rate_now(&course->copy, &figures->rate_now);
    if (course->check.running)
        job_rate_now(&course->check, &figures->rate_now);
    estimate(course, held_back, figures);
}
