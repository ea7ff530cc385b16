#include "ui/screens/job/rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/parts.h"
#include "ui/draw/signs.h"
#include "ui/jobs/text.h"

#define NAME_AT 1
#define NAME_LEAST 28
#define STATE_COLUMNS 14 /* "‖ paused 61 %" */
#define AGE_COLUMNS 10
#define SIZE_COLUMNS 10
#define TIME_COLUMNS 8
#define ID_COLUMNS 4
#define GAP 1

struct places { /* -1: no room */
    int name;
    int state;
    int age;
    int size;
    int time;
    int id;
};

/* Names are cut last: before that the id goes, the time that it took, the size. */
static struct places places_of(int columns)
{
    const struct {
        int columns;
        int needs; /* of all */
    } parts[] = {{ID_COLUMNS, 74}, {TIME_COLUMNS, 84}, {SIZE_COLUMNS, 64}};
    int at[ARRAY_LENGTH(parts)];
    int end = columns - 1;
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        bool fits = columns >= parts[i].needs;
        at[i] = fits ? end - parts[i].columns : -1;
        end -= fits ? parts[i].columns + GAP : 0;
    }
    struct places places = {.id = at[0], .time = at[1], .size = at[2]};
    places.age = end - AGE_COLUMNS;
    places.state = places.age - GAP - STATE_COLUMNS;
    places.name = places.state - GAP - NAME_AT;
    return places;
}

void job_row_paint_titles(const struct canvas *titles)
{
    struct places places = places_of(titles->columns);
    canvas_field(titles, 0, NAME_AT, places.name, ROLE_COLUMN, "COLLECTION @ POINT");
    canvas_field(titles, 0, places.state, STATE_COLUMNS, ROLE_COLUMN, "STATE");
    canvas_field_right(titles, 0, places.age, AGE_COLUMNS, ROLE_COLUMN, "AGE");
    if (places.size >= 0)
        canvas_field_right(titles, 0, places.size, SIZE_COLUMNS, ROLE_COLUMN, "SIZE");
    if (places.time >= 0)
        canvas_field_right(titles, 0, places.time, TIME_COLUMNS, ROLE_COLUMN, "TOOK");
    if (places.id >= 0)
        canvas_field(titles, 0, places.id, ID_COLUMNS, ROLE_COLUMN, "JOB");
}

char *job_row_state(const struct job_snapshot *job)
{
    bool exports = job_is_kind(&job->identity, "export");
    switch (job->state) {
    case JOB_STATE_COMPLETED:
        return mem_strdup(exports                   ? job->verified ? "verified" : "not verified"
                          : job_text_is_verify(job) ? "whole"
                                                    : "done");
    case JOB_STATE_COMPLETED_WITH_WARNINGS:
        return mem_strdup(job->verified || !exports ? "warnings" : "not verified");
    case JOB_STATE_SUSPENDED:
        return job->obstacle != JOB_OBSTACLE_NONE ? mem_strdup("suspended")
                                                  : mem_format("paused %u %%", job->percent_complete);
    case JOB_STATE_SHUTTING_DOWN:
        return mem_strdup("stopping");
    case JOB_STATE_RUNNING:
        if (exports && !job->cancel_requested)
            return mem_format("%s %u %%", job_phase_word(job->phase), job->percent_complete);
        return job->cancel_requested ? mem_strdup("stopping")
                                     : mem_format("running %u %%", job->percent_complete);
    default:
        return mem_strdup(job_text_state(job));
    }
}

static enum theme_role within(bool selected, enum theme_role role)
{
    return selected ? ROLE_SELECTED : role;
}

static void paint_figures(const struct canvas *list, int row, const struct places *places,
                          const struct job_snapshot *job, bool selected)
{
    char size[32] = "";
    char time[32] = "";
    uint64_t total = job->bytes_total ? job->bytes_total : job->bytes_done;
    size_format(total, size, sizeof size);
    duration_format(job->elapsed_ms / 1000, time, sizeof time);
    if (places->size >= 0 && total > 0)
        part_number(list, row, places->size, SIZE_COLUMNS, within(selected, ROLE_NORMAL), size);
    if (places->time >= 0)
        canvas_field_right(list, row, places->time, TIME_COLUMNS, within(selected, ROLE_NORMAL), time);
    if (places->id < 0)
        return;
    char id[8];
    job_text_short_id(job, id, sizeof id);
    canvas_field(list, row, places->id, ID_COLUMNS, within(selected, ROLE_DIM), id);
}

void job_row_paint(const struct canvas *list, int row, const struct job_snapshot *job, struct moment now,
                   bool selected)
{
    char age[32] = "";
    struct places places = places_of(list->columns);
    enum theme_role role = within(selected, job_text_role(job));
    CLEANUP_FREE char *title = job_text_title(job, sign_arrow(list));
    CLEANUP_FREE char *state = job_row_state(job);
    if (job->started.seconds)
        moment_format_age(job->started, now, age, sizeof age);
    canvas_field(list, row, 0, list->columns, within(selected, ROLE_NORMAL), selected ? ">" : "");
    canvas_field(list, row, NAME_AT, places.name, within(selected, ROLE_NORMAL), title);
    canvas_text(list, row, places.state, role, sign_mark(list, job_text_sign(job)));
    canvas_field(list, row, places.state + 2, STATE_COLUMNS - 2, role, state);
    canvas_field_right(list, row, places.age, AGE_COLUMNS, within(selected, ROLE_DIM), age);
    paint_figures(list, row, &places, job, selected);
}

/* --- beneath --- */

static void tell_what(struct facts *facts, const struct job_snapshot *job, const char *arrow)
{
    if (job_text_is_verify(job) || job_text_is_change(job)) {
        facts_add(facts, ROLE_NORMAL, "What", job_text_subject(job, arrow));
        return;
    }
    facts_addf(facts, ROLE_NORMAL, "What", "%s @ %s, %s", job->identity.collection, job->identity.point,
               *job->identity.base_point_id ? "since a base" : "in full");
    if (*job->package)
        facts_add(facts, ROLE_NORMAL, "Package", mem_strdup(job->package));
    else
        facts_add(facts, ROLE_NORMAL, "To", mem_strdup(job->identity.directory));
}

static void tell_course(struct facts *facts, const struct job_snapshot *job)
{
    CLEANUP_FREE char *amount = job_text_amount(job);
    CLEANUP_FREE char *left = job_text_left(job);
    CLEANUP_FREE char *rate = job->rate_average ? job_text_rate(job->rate_average) : NULL;
    CLEANUP_FREE char *elapsed = job_elapsed_text(job);
    bool done = job_state_succeeded(job->state, job->error.code);
    if (!done)
        facts_addf(facts, ROLE_NORMAL, "Done", "%u %%%s%s%s%s", job->percent_complete, *amount ? ", " : "",
                   amount, *left ? ", " : "", left);
    facts_addf(facts, ROLE_NORMAL, "Time", "%s%s%s", elapsed, rate ? ", on average " : "", rate ? rate : "");
}

static void tell_error(struct facts *facts, const struct job_snapshot *job)
{
    const struct error *err = &job->error;
    if (job->obstacle != JOB_OBSTACLE_NONE)
        facts_add(facts, ROLE_WARNING, "Waits for", job_obstacle_text(job));
    if (!*err->what)
        return;
    enum theme_role role = job_text_role(job);
    if (err->code && !job_text_is_interrupted(job))
        facts_addf(facts, role, "Why", "%s (%u): %s%s%s",
                   return_code_word(METHOD_EXPORT_REFERENCE_POINT, err->code), (unsigned)err->code, err->what,
                   *err->cause ? ": " : "", err->cause);
    else
        facts_addf(facts, role, "Why", "%s%s%s", err->what, *err->cause ? ": " : "", err->cause);
    if (*err->next)
        facts_add(facts, ROLE_NORMAL, "Next", mem_strdup(err->next));
}

void job_row_tell(struct facts *facts, const struct job_snapshot *job, struct moment now, const char *arrow)
{
    char started[32] = "-";
    char offset[16] = "";
    char age[32] = "";
    tell_what(facts, job, arrow);
    tell_error(facts, job);
    tell_course(facts, job);
    if (job->started.seconds) {
        moment_format_list(job->started, true, started, sizeof started);
        moment_format_offset(job->started, offset, sizeof offset);
        moment_format_age(job->started, now, age, sizeof age);
    }
    facts_addf(facts, ROLE_NORMAL, "Started", "%s %s (%s)%s%s", started, offset, age,
               *job->identity.owner ? " by " : "", job->identity.owner);
    for (size_t i = 0; i < job->disk_count; i++) {
        const struct job_disk *disk = &job->disks[i];
        struct job_disk_words words = job_text_disk(job, disk);
        char size[32];
        size_format(disk->bytes_total, size, sizeof size);
        facts_addf(facts, ROLE_NORMAL, i == 0 ? "Disks" : "", "%s/%s  %s, %s, %s", disk->machine, disk->disk,
                   disk->kind, size, words.word);
    }
}
