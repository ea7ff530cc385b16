#include "ui/app/background.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "ui/app/app.h"
#include "ui/app/data/user_data.h"
#include "ui/app/restyle.h"
#include "ui/app/state.h"

#define ANSWER_MS 100

void background_prepare(struct app *app)
{
    struct error err = {0};
    struct background *background = &app->background;
    background->wanted = user_data_theme(&background->dark, "dark", &err) &&
                         user_data_theme(&background->light, "light", &err);
    if (!background->wanted)
        app_say(app, ROLE_WARNING, "%s; the default theme is used", err.what);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

/* GNU screen hands OSC 11 to the terminal around it, whose answer comes after screen's own to the next
 * question, or never; tmux, which used its name, knows the answer itself. */
static bool may_ask(void)
{
    const char *term = getenv("TERM");
    if (!term || is_set("STY"))
        return false;
    if (begins(term, "linux") || begins(term, "vt") || strcmp(term, "dumb") == 0)
        return false;
    return !begins(term, "screen") || is_set("TMUX");
}

/* Of the 16: black to cyan, and grey, are dark (rxvt's numbering). */
static const struct theme *told_by_environment(const struct background *background)
{
    const char *text = getenv("COLORFGBG");
    const char *last = text ? strrchr(text, ';') : NULL;
    if (!last || !last[1])
        return NULL;
    char *end = NULL;
    long number = strtol(last + 1, &end, 10);
    if (*end || number < 0 || number > 15)
        return NULL;
    return number < 7 || number == 8 ? &background->dark : &background->light;
}

static void fall_back(struct app *app)
{
    const struct theme *theme = told_by_environment(&app->background);
    if (theme)
        restyle_to(app, theme);
}

void background_ask(struct app *app)
{
    struct background *background = &app->background;
    if (!background->wanted || app->no_colour)
        return;
    background->until_ms = monotonic_milliseconds() + ANSWER_MS;
    background->asked = may_ask() && terminal_ask_background(app->terminal, background->until_ms);
    if (background->asked)
        input_expect_answers(app->input, background->until_ms);
    else
        fall_back(app);
}

bool background_is_awaited(const struct app *app)
{
    return app->background.asked;
}

void background_settle(struct app *app)
{
    struct background *background = &app->background;
    const struct answers *answers = input_answers(app->input);
    if (answers->end)
        terminal_answered(app->terminal);
    if (!background->asked)
        return;
    if (answers->background)
        restyle_to(app, answers_is_dark(answers) ? &background->dark : &background->light);
    else if (answers->end || app->now_ms >= background->until_ms)
        fall_back(app);
    else
        return;
    background->asked = false;
    app->dirty = true;
}
