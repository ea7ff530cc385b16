#include "ui/screens/question/question.h"

#include "core/base/mem.h"
#include "ui/widgets/problem.h"

#define COMMAND_ROWS 8

enum question_stop { QUESTION_NO, QUESTION_YES };

static void begin_reading(struct question *question)
{
    question->read_error = (struct error){0};
    question->words->read(question);
}

void question_open(struct screen *screen)
{
    begin_reading((struct question *)screen);
}

unsigned question_is_read(struct question *question, const struct error *err, const char *const *command)
{
    struct app *app = question->screen.app;
    if (err) {
        question->read_error = *err;
        app_forget_keys(app, &question->screen);
        return EFFECT_REDRAW;
    }
    command_line_begin(&question->command, app_host_option(app), app_store_option(app),
                       app_service_options(app)->config);
    for (; *command; command++)
        command_line_add(&question->command, *command);
    question->is_read = true;
    return EFFECT_REDRAW;
}

unsigned question_is_answered(struct question *question, const struct error *err)
{
    question->busy = false;
    if (!err)
        return EFFECT_CLOSE;
    question->refusal = *err;
    question->page.scroll = 0;
    form_page_focus_on(&question->page, QUESTION_NO, 0, 0);
    return EFFECT_REDRAW;
}

void question_clear(struct question *question)
{
    form_page_clear(&question->page);
    command_line_clear(&question->command);
}

static unsigned act(struct question *question)
{
    if (question->busy)
        return EFFECT_NONE;
    question->busy = true;
    question->refusal = (struct error){0};
    question->words->act(question);
    return EFFECT_REDRAW;
}

static unsigned leave(const struct question *question)
{
    if (question->busy)
        app_say(question->screen.app, ROLE_WARNING, "%s", question->words->left);
    return EFFECT_CLOSE;
}

unsigned question_key(struct screen *screen, const struct key_event *event)
{
    struct question *question = (struct question *)screen;
    if (event->action == ACTION_BACK)
        return leave(question);
    if (!question->is_read) {
        if (event->action != ACTION_REFRESH || !question->read_error.code)
            return EFFECT_UNHANDLED;
        begin_reading(question);
        return EFFECT_REDRAW;
    }
    if (event->action == ACTION_OPEN || event->action == ACTION_MARK)
        return question->page.focus.id == QUESTION_YES ? act(question) : leave(question);
    if (event->action == ACTION_COPY) {
        CLEANUP_FREE char *text = command_line_text(&question->command);
        app_copy(screen->app, text);
        return EFFECT_REDRAW;
    }
    return form_page_act(&question->page, event->action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
}

bool question_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct question *question = (const struct question *)screen;
    bool ready = question->read_error.code || (question->is_read && !question->busy);
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

void question_recalc(struct screen *screen, int rows, int columns)
{
    struct question *question = (struct question *)screen;
    struct form_page *form = &question->page;
    if (!question->is_read)
        return;
    form_page_begin(form, columns, app_is_ascii(screen->app));
    if (question->refusal.code)
        page_add_problem(&form->page, PAGE_MARGIN, &question->refusal);
    page_add_row(&form->page);
    question->words->tell(question, &form->page);
    page_add_row(&form->page);
    page_add_command(&form->page, COMMAND_ROWS, &question->command);
    int row = form_page_buttons(form);
    int behind = page_add_button(&form->page, row, PAGE_MARGIN, QUESTION_NO, "No", false);
    page_add_button(&form->page, row, behind + 2, QUESTION_YES,
                    question->busy ? question->words->busy : question->words->yes, question->busy);
    form_page_end(form, rows, columns);
}

void question_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct question *question = (const struct question *)screen;
    struct canvas within = canvas_part(body, 2, 1, body->rows - 2, body->columns - 2);
    const struct part_heading heading = {.name = question->words->heading, .focused = true};
    if (question->is_read) {
        form_page_paint(&question->page, body, &heading);
        return;
    }
    part_heading(body, 0, 0, body->columns, &heading);
    if (question->read_error.code)
        problem_paint(&within, 0, METHOD_EXPORT_REFERENCE_POINT, &question->read_error);
    else
        canvas_text(&within, 0, 0, ROLE_DIM, question->words->reading);
}

struct screen_spot question_cursor(const struct screen *screen)
{
    struct screen_spot spot = {0};
    form_page_spot(&((const struct question *)screen)->page, &spot.row, &spot.column);
    return spot;
}

const struct screen_hint *question_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_OPEN, .label = "press"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"}, {.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct question *question = (const struct question *)screen;
    if (question->read_error.code)
        return failed;
    return question->is_read && !question->busy ? hints : waiting;
}
