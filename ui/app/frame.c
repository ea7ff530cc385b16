#include "ui/app/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"
#include "ui/draw/parts.h"
#include "ui/draw/signs.h"
#include "ui/jobs/text.h"

#define MESSAGE_ROWS 3
#define MARGIN 1
#define STRIP_BAR_LEAST 80 /* columns of a screen whose strip has a bar */

static int width(const struct canvas *canvas, const char *text)
{
    return (int)cells_width(text, canvas_is_ascii(canvas));
}

static void key_label(const struct frame_keys *keys, enum ui_action action, char *field, size_t size)
{
    if (keys->text)
        keymap_text_key_label(keys->keymap, action, field, size);
    else
        keymap_key_label(keys->keymap, action, field, size);
}

void frame_paint_title(const struct canvas *whole, const char *left, const char *right,
                       const struct frame_keys *keys)
{
    static const char name[] = " refpoint   ";
    char key[32];
    key_label(keys, ACTION_HELP, key, sizeof key);
    CLEANUP_FREE char *help = *key ? mem_format("%s help ", key) : mem_strdup("");
    int help_at = whole->columns - width(whole, help);
    int right_at = help_at - 3 - width(whole, right);
    bool with_right = *right && right_at > whole->columns / 3;
    int left_at = (int)sizeof name - 1;
    int left_columns = (with_right ? right_at : help_at) - 2 - left_at;
    canvas_field(whole, 0, 0, whole->columns, ROLE_TITLE_DIM, "");
    canvas_text(whole, 0, 0, ROLE_TITLE_DIM, name);
    canvas_field(whole, 0, left_at, left_columns, ROLE_TITLE, left);
    if (with_right)
        canvas_text(whole, 0, right_at, ROLE_TITLE, right);
    canvas_text(whole, 0, help_at, ROLE_TITLE_DIM, help);
}

static void paint_hint(const struct canvas *whole, int row, int column, const char *key, const char *label)
{
    int at = column + canvas_text(whole, row, column, ROLE_KEY, key) + 1;
    canvas_text(whole, row, at, ROLE_FOOTER, label);
}

static int hint_width(const struct canvas *whole, const char *key, const char *label)
{
    return width(whole, key) + 1 + width(whole, label);
}

/* The word for a hint that fits into so many columns: its own, else its action's, else none. */
static const char *fitting_label(const struct canvas *whole, const struct screen_hint *hint, const char *key,
                                 int columns)
{
    const char *usual = action_info(hint->action)->label;
    if (hint->label && hint_width(whole, key, hint->label) <= columns)
        return hint->label;
    return hint_width(whole, key, usual) <= columns ? usual : NULL;
}

struct footer_hint {
    enum ui_action action;
    int at;
    int columns;
    char key[32];
    const char *label;
};

#define FOOTER_HINTS_LIMIT 32

/* As many as fit, help always and last. */
static size_t place_hints(const struct canvas *whole, const struct screen_hint *hints,
                          const struct frame_keys *keys, struct footer_hint *placed)
{
    struct footer_hint help = {.action = ACTION_HELP, .label = "help"};
    key_label(keys, ACTION_HELP, help.key, sizeof help.key);
    help.columns = hint_width(whole, help.key, help.label);
    int room = whole->columns - (*help.key ? help.columns + 2 : 0);
    int at = MARGIN;
    size_t count = 0;
    for (; hints && hints->action != ACTION_NONE && count + 1 < FOOTER_HINTS_LIMIT; hints++) {
        struct footer_hint hint = {.action = hints->action, .at = at};
        key_label(keys, hints->action, hint.key, sizeof hint.key);
        if (hints->help_only || !*hint.key || hints->action == ACTION_HELP)
            continue;
        hint.label = fitting_label(whole, hints, hint.key, room - at);
        if (!hint.label)
            break;
        hint.columns = hint_width(whole, hint.key, hint.label);
        placed[count++] = hint;
        at += hint.columns + 2;
    }
    help.at = at;
    if (*help.key)
        placed[count++] = help;
    return count;
}

void frame_paint_footer(const struct canvas *whole, const struct layout_frame *frame,
                        const struct screen_hint *hints, const struct frame_keys *keys)
{
    struct footer_hint placed[FOOTER_HINTS_LIMIT];
    size_t count = place_hints(whole, hints, keys, placed);
    canvas_field(whole, frame->footer.row, 0, whole->columns, ROLE_FOOTER, "");
    for (size_t i = 0; i < count; i++)
        paint_hint(whole, frame->footer.row, placed[i].at, placed[i].key, placed[i].label);
}

enum ui_action frame_footer_action(const struct canvas *whole, const struct screen_hint *hints,
                                   const struct frame_keys *keys, int column)
{
    struct footer_hint placed[FOOTER_HINTS_LIMIT];
    size_t count = place_hints(whole, hints, keys, placed);
    for (size_t i = 0; i < count; i++) {
        if (column >= placed[i].at && column < placed[i].at + placed[i].columns)
            return placed[i].action;
    }
    return ACTION_NONE;
}

void frame_paint_message(const struct canvas *whole, const struct layout_frame *frame, enum theme_role role,
                         const char *message)
{
    int columns = whole->columns - 2 * MARGIN;
    int rows = canvas_wrap_rows(message, columns, canvas_is_ascii(whole));
    rows = rows < 1 ? 1 : rows > MESSAGE_ROWS ? MESSAGE_ROWS : rows;
    int top = frame->footer.row - rows + 1;
    for (int row = top; row <= frame->footer.row; row++)
        canvas_field(whole, row, 0, whole->columns, role, "");
    canvas_wrap(whole, top, MARGIN, rows, columns, role, message);
}

/* "● job fa0a  web-prod → /backup  ████▌····  61%  left 10-13 min": what stands at the right is never cut. */
static void paint_running(const struct canvas *line, const struct job_snapshot *job)
{
    CLEANUP_FREE char *what = job_text_strip(job, sign_arrow(line));
    CLEANUP_FREE char *left = job_text_left(job);
    CLEANUP_FREE char *now = mem_format("%3u%%%s%s", job->percent_complete, *left ? "  " : "", left);
    int bar = line->columns >= STRIP_BAR_LEAST - 2 * MARGIN ? line->columns / 4 : 0;
    int now_at = line->columns - width(line, now);
    int bar_at = bar > 0 ? now_at - bar - 1 : now_at;
    canvas_path(line, 0, 0, bar_at - 2, job_text_role(job), what);
    part_bar(line, 0, bar_at, bar, job->percent_complete, ROLE_PROGRESS_DONE);
    canvas_text(line, 0, now_at, ROLE_NORMAL, now);
}

void frame_paint_strip(const struct canvas *whole, const struct layout_frame *frame,
                       const struct job_snapshot *const *jobs, size_t count)
{
    for (int i = 0; i < frame->strip.rows && (size_t)i < count; i++) {
        bool more = i + 1 == frame->strip.rows && count > (size_t)frame->strip.rows;
        int row = frame->strip.row + i;
        int columns = whole->columns - 2 * MARGIN;
        if (more) {
            CLEANUP_FREE char *rest = mem_format("  and %zu more", count - (size_t)i - 1);
            columns -= width(whole, rest);
            canvas_text(whole, row, MARGIN + columns, ROLE_DIM, rest);
        }
        canvas_text(whole, row, MARGIN, job_text_role(jobs[i]), sign_mark(whole, job_text_sign(jobs[i])));
        struct canvas line = canvas_part(whole, row, MARGIN + 2, 1, columns - 2);
        if (!job_state_is_final(jobs[i]->state)) {
            paint_running(&line, jobs[i]);
            continue;
        }
        CLEANUP_FREE char *text = job_text_strip(jobs[i], sign_arrow(whole));
        canvas_field(&line, 0, 0, line.columns, job_text_role(jobs[i]), text);
    }
}

void frame_paint_too_small(const struct canvas *whole)
{
    canvas_clear(whole, ROLE_NORMAL);
    CLEANUP_FREE char *text =
        mem_format("refpoint needs %d columns and %d rows; here are %d and %d. Make the window larger.",
                   LAYOUT_LEAST_COLUMNS, LAYOUT_LEAST_ROWS, whole->columns, whole->rows);
    canvas_wrap(whole, 0, 0, whole->rows, whole->columns, ROLE_WARNING, text);
}
