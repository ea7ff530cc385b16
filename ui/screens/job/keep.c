#include "ui/screens/job/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/app.h"
#include "ui/draw/parts.h"
#include "ui/widgets/line_editor_key.h"

#define MARGIN 1
#define PATH_LIMIT 4095
#define PROBLEM_ROWS 3

struct keep_task {
    struct app *app;
    struct keep *keep; /* the screen's: touched in done alone */
    char *path;
    char *text;
    bool ok;
    struct error err;
};

void keep_clear(struct keep *keep)
{
    line_editor_clear(&keep->path);
    *keep = (struct keep){0};
}

void keep_ask(struct keep *keep, const char *path)
{
    keep->asking = true;
    keep->path.limit = PATH_LIMIT;
    keep->err = (struct error){0};
    line_editor_set(&keep->path, path);
}

/* --- writing --- */

static bool refuse(struct error *err, int number, const char *path)
{
    if (number != EEXIST)
        return error_errno(err, number, "screen.file", "cannot write %s", path);
    error_set(err, RETURN_FAILED, "screen.file-exists", "%s is there already", path);
    return error_next(err, "Nothing was written; give another name.");
}

/* Half a receipt is none. */
static bool write_whole(struct keep_task *task, int fd)
{
    return fs_write_all(fd, task->text, strlen(task->text), task->path, &task->err) &&
           fs_sync(fd, task->path, &task->err);
}

static void keep_run(void *argument)
{
    struct keep_task *task = argument;
    CLEANUP_FD int fd = open(task->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        refuse(&task->err, errno, task->path);
        return;
    }
    task->ok = write_whole(task, fd);
    if (!task->ok)
        unlink(task->path);
}

static unsigned keep_done(struct screen *screen, void *argument)
{
    struct keep_task *task = argument;
    (void)screen;
    task->keep->ticket = 0;
    task->keep->err = task->err;
    if (!task->ok)
        return EFFECT_REDRAW;
    task->keep->asking = false;
    app_say(task->app, ROLE_SUCCESS, "Written: %s", task->path);
    return EFFECT_REDRAW;
}

static void keep_release(void *argument)
{
    struct keep_task *task = argument;
    free(task->path);
    free(task->text);
    free(task);
}

/* The path as a shell takes it: ~/ is the home directory, else it starts where the program was started. */
static unsigned write_it(struct keep *keep, struct screen *screen, keep_text *text)
{
    static const struct work_ops ops = {.run = keep_run, .done = keep_done, .release = keep_release};
    if (keep->ticket)
        return EFFECT_NONE;
    keep->err = (struct error){0};
    if (!*line_editor_text(&keep->path)) {
        error_set(&keep->err, RETURN_INVALID_PARAMETER, "screen.no-file", "no file is named");
        error_next(&keep->err, "Type the path of a file that is not there yet.");
        return EFFECT_REDRAW;
    }
    struct keep_task *task = mem_alloc(sizeof *task);
    CLEANUP_FREE char *home = fs_expand_home(line_editor_text(&keep->path));
    task->app = screen->app;
    task->keep = keep;
    task->path = fs_absolute_path(home);
    task->text = text(screen);
    keep->ticket = app_post(screen->app, screen, &ops, task);
    return EFFECT_REDRAW;
}

/* --- keys --- */

unsigned keep_key(struct keep *keep, struct screen *screen, const struct key_event *event, keep_text *text)
{
    if (event->action == ACTION_BACK && !*event->text) {
        keep->asking = false;
        return EFFECT_REDRAW;
    }
    if (event->action == ACTION_OPEN && !*event->text)
        return write_it(keep, screen, text);
    line_editor_forget_loss(&keep->path);
    if (line_editor_key(&keep->path, event) == LINE_EDITOR_UNHANDLED)
        return EFFECT_UNHANDLED;
    keep->err = (struct error){0};
    return EFFECT_REDRAW;
}

const struct screen_hint *keep_hints(void)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_OPEN,
         .label = "write it",
         .help = "Write it to this file, which must not be there"},
        {.action = ACTION_BACK, .label = "do not", .help = "Write nothing"},
        {.action = ACTION_NONE},
    };
    return hints;
}

/* --- painting --- */

static char *problem_text(const struct keep *keep)
{
    if (keep->err.code)
        return error_text(&keep->err);
    return line_editor_loss(&keep->path);
}

int keep_rows(const struct keep *keep, int columns, bool ascii)
{
    if (!keep->asking)
        return 0;
    CLEANUP_FREE char *problem = problem_text(keep);
    int rows = problem ? canvas_wrap_rows(problem, columns - 2 * MARGIN - 2, ascii) : 0;
    return 2 + (rows < PROBLEM_ROWS ? rows : PROBLEM_ROWS);
}

static int field_columns(int columns)
{
    int room = columns - 2 * MARGIN - 2;
    return room > 1 ? room : 1;
}

void keep_paint(const struct keep *keep, const struct canvas *canvas)
{
    struct line_editor path = keep->path; /* looking at it scrolls it */
    struct line_view view;
    int columns = field_columns(canvas->columns);
    line_editor_view(&path, (size_t)columns, canvas_is_ascii(canvas), &view);
    canvas_clear(canvas, ROLE_NORMAL);
    part_heading(canvas, 0, 0, canvas->columns,
                 &(struct part_heading){.name = "Write all this to the file", .focused = true});
    canvas_text(canvas, 1, MARGIN, ROLE_NORMAL, "[");
    canvas_field(canvas, 1, MARGIN + 1, columns, ROLE_FIELD_FOCUSED, view.text);
    canvas_text(canvas, 1, MARGIN + 1 + columns, ROLE_NORMAL, "]");
    free(view.text);
    CLEANUP_FREE char *problem = problem_text(keep);
    if (!problem)
        return;
    canvas_text(canvas, 2, MARGIN, ROLE_ERROR, "!");
    canvas_wrap(canvas, 2, MARGIN + 2, canvas->rows - 2, canvas->columns - 2 * MARGIN - 2, ROLE_ERROR,
                problem);
}

struct screen_spot keep_cursor(const struct keep *keep, int columns, bool ascii)
{
    struct line_editor path = keep->path;
    struct line_view view;
    line_editor_view(&path, (size_t)field_columns(columns), ascii, &view);
    free(view.text);
    return (struct screen_spot){.row = 1, .column = MARGIN + 1 + (int)view.cursor_column};
}
