#include "ui/screens/package/package.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/screens/package/facts.h"
#include "ui/screens/package/load.h"
#include "ui/screens/package/verify.h"
#include "ui/widgets/problem.h"

#define MARGIN 1

struct package_screen {
    struct screen screen;
    char *path;
    char *name; /* for the title; NULL: it has not been read */
    uint64_t ticket;
    bool damaged;
    struct facts facts;
    struct error err;
};

static unsigned loaded(struct screen *screen, void *argument)
{
    struct package_screen *self = (struct package_screen *)screen;
    struct load_packages *task = argument;
    size_t at = task->ok ? package_rows_find(&task->rows, self->path) : SIZE_MAX;
    self->ticket = 0;
    self->err = task->ok ? (struct error){0} : task->err;
    facts_clear(&self->facts);
    if (task->ok && at == SIZE_MAX) {
        error_set(&self->err, RETURN_FILE_NOT_FOUND, "package.gone", "the package %s is not there any more",
                  self->path);
        error_next(&self->err, "Go back with Esc: the list is read again.");
    }
    if (at == SIZE_MAX)
        return EFFECT_REDRAW;
    self->damaged = task->rows.items[at].problem != NULL;
    mem_replace(&self->name, task->rows.items[at].name);
    package_facts_make(&self->facts, &task->rows, at, app_now(screen->app), true);
    return EFFECT_REDRAW;
}

static void load(struct package_screen *self)
{
    static const struct work_ops ops = {
        .run = load_packages_run, .done = loaded, .release = load_packages_release};
    struct app *app = self->screen.app;
    if (self->ticket)
        app_forget(app, self->ticket);
    self->ticket = app_post(app, &self->screen, &ops, load_packages_beside(self->path));
}

static void package_screen_open(struct screen *screen)
{
    load((struct package_screen *)screen);
}

static void package_screen_close(struct screen *screen)
{
    struct package_screen *self = (struct package_screen *)screen;
    facts_clear(&self->facts);
    free(self->path);
    free(self->name);
    free(self);
}

static unsigned copy(const struct package_screen *self)
{
    if (self->facts.count == 0 && self->err.code == 0) {
        app_say(self->screen.app, ROLE_WARNING, "There is nothing to copy: the package has not been read.");
        return EFFECT_NONE;
    }
    CLEANUP_FREE char *text = self->err.code ? error_text(&self->err) : facts_text(&self->facts);
    app_copy(self->screen.app, text);
    return EFFECT_NONE;
}

static unsigned import(const struct package_screen *self)
{
    if (self->damaged || self->err.code) {
        app_say(self->screen.app, ROLE_ERROR, "Nothing is taken out of a package that cannot be read.");
        return EFFECT_NONE;
    }
    app_open(self->screen.app, SCREEN_IMPORT, &(struct screen_argument){.path = self->path});
    return EFFECT_NONE;
}

static unsigned package_screen_key(struct screen *screen, const struct key_event *event)
{
    struct package_screen *self = (struct package_screen *)screen;
    if (facts_move(&self->facts, event->action))
        return EFFECT_REDRAW;
    switch (event->action) {
    case ACTION_VERIFY:
        return package_verify_start(screen, self->path);
    case ACTION_IMPORT:
        return import(self);
    case ACTION_REFRESH:
        load(self);
        app_say(screen->app, ROLE_INFO, "The package is read again.");
        return EFFECT_NONE;
    case ACTION_COPY:
        return copy(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

static void package_screen_recalc(struct screen *screen, int rows, int columns)
{
    struct package_screen *self = (struct package_screen *)screen;
    facts_fit(&self->facts, rows, columns - 2 * MARGIN, app_is_ascii(screen->app));
}

static void package_screen_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct package_screen *self = (const struct package_screen *)screen;
    struct canvas inner = canvas_part(body, 0, MARGIN, body->rows, body->columns - 2 * MARGIN);
    if (self->err.code)
        problem_paint(&inner, 0, METHOD_EXPORT_REFERENCE_POINT, &self->err);
    else if (self->facts.count == 0)
        canvas_text(&inner, 0, 0, ROLE_DIM, "Reading the package ...  Esc goes back");
    else
        facts_paint(&self->facts, &inner);
}

static struct screen_spot package_screen_cursor(const struct screen *screen)
{
    (void)screen;
    return (struct screen_spot){0};
}

static void package_screen_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct package_screen *self = (const struct package_screen *)screen;
    (void)right;
    strbuf_addf(left, "package   %s", self->name ? self->name : "");
}

static const struct screen_hint *package_screen_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_VERIFY},
        {.action = ACTION_IMPORT},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY},
        {.action = ACTION_REFRESH},
        {.action = ACTION_JOBS},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_VERIFY},  {.action = ACTION_BACK}, {.action = ACTION_COPY},
        {.action = ACTION_REFRESH}, {.action = ACTION_JOBS}, {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    const struct package_screen *self = (const struct package_screen *)screen;
    return self->damaged || self->err.code || self->facts.count == 0 ? failed : hints;
}

static const struct screen_ops package_ops = {
    .name = "Package",
    .open = package_screen_open,
    .close = package_screen_close,
    .key = package_screen_key,
    .recalc = package_screen_recalc,
    .repaint = package_screen_repaint,
    .cursor = package_screen_cursor,
    .title = package_screen_title,
    .hints = package_screen_hints,
};

struct screen *package_screen_new(const struct screen_argument *argument)
{
    struct package_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &package_ops;
    self->path = mem_strdup(argument->path);
    return &self->screen;
}
