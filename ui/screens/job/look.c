#include "ui/screens/job/look.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "core/service/journal/journal.h"
#include "ui/app/app.h"

#define LOG_LIMIT ((size_t)8 << 20)

struct look_task {
    struct job_look *look; /* the screen's: touched in done alone */
    char *state_directory;
    struct host *host;
    struct guid id;
    char **lines;
    size_t count;
    bool wants_request;
    struct again again;
};

static void free_lines(char **lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
    free(lines);
}

void job_look_clear(struct job_look *look)
{
    free_lines(look->lines, look->count);
    again_clear(&look->again);
    *look = (struct job_look){0};
}

/* "2026-11-24T08:19:40Z text" as it is told here: the time of this place. */
static char *line_text(const char *line)
{
    char clock[32];
    struct moment moment;
    size_t length = strcspn(line, " ");
    CLEANUP_FREE char *time = mem_format("%.*s", (int)length, line);
    if (!line[length] || !moment_parse_rfc3339(&moment, time))
        return mem_strdup(line);
    moment_format_list(moment, true, clock, sizeof clock);
    const char *of_day = strchr(clock, ' ');
    return mem_format("%s%s", of_day ? of_day + 1 : clock, line + length);
}

static void read_lines(struct look_task *task)
{
    struct error ignored = {0}; /* the log's own screen says why */
    CLEANUP_FREE char *text = NULL;
    if (!journal_read_log(task->state_directory, &task->id, LOG_LIMIT, &text, &ignored))
        return;
    size_t length = strlen(text);
    const char *first = text + length;
    for (size_t lines = 0; first > text && lines <= JOB_LOOK_LINES; first--)
        lines += first[-1] == '\n';
    if (first > text)
        first += strcspn(first, "\n") + 1;
    char *rest = NULL;
    char *from = text + (first - text);
    for (char *line = strtok_r(from, "\n", &rest); line && task->count < JOB_LOOK_LINES;
         line = strtok_r(NULL, "\n", &rest))
        *ARRAY_APPEND(task->lines, task->count) = line_text(line);
}

static void look_run(void *argument)
{
    struct look_task *task = argument;
    read_lines(task);
    if (!task->wants_request)
        return;
    struct journal_request request = {0};
    struct error ignored = {0}; /* without it there is no command to show */
    if (journal_read_request(task->state_directory, &task->id, &request, &ignored))
        again_make(&task->again, &request, task->host);
    journal_request_clear(&request);
}

static unsigned look_done(struct screen *screen, void *argument)
{
    struct look_task *task = argument;
    struct job_look *look = task->look;
    (void)screen;
    look->ticket = 0;
    look->is_read = true;
    free_lines(look->lines, look->count);
    look->lines = task->lines;
    look->count = task->count;
    task->lines = NULL;
    task->count = 0;
    if (task->wants_request) {
        again_clear(&look->again);
        look->again = task->again;
        task->again = (struct again){0};
    }
    return EFFECT_REDRAW;
}

static void look_release(void *argument)
{
    struct look_task *task = argument;
    free_lines(task->lines, task->count);
    again_clear(&task->again);
    free(task->state_directory);
    free(task);
}

void job_look_ask(struct job_look *look, struct screen *screen, const char *note)
{
    static const struct work_ops ops = {.run = look_run, .done = look_done, .release = look_release};
    if (look->ticket || (look->is_read && strcmp(look->note, note) == 0))
        return;
    struct look_task *task = mem_alloc(sizeof *task);
    task->look = look;
    task->state_directory = mem_strdup(app_service_options(screen->app)->state_directory);
    task->host = app_host(screen->app);
    task->id = look->id;
    task->wants_request = !look->asked;
    look->asked = true;
    text_copy_cut(look->note, sizeof look->note, note);
    look->ticket = app_post(screen->app, screen, &ops, task);
}
