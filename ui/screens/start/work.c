#include "ui/screens/start/work.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/host/open/open.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

#define LOOK_MS 200
#define END_PATIENCE_MS 30000 /* it takes away what it has made */
#define OUTPUT_LIMIT ((size_t)64 * 1024)

/* --- the demo --- */

struct demo_task *demo_task_new(const char *directory)
{
    struct demo_task *task = mem_alloc(sizeof *task);
    task->directory = mem_strdup(directory);
    pthread_mutex_init(&task->mutex, NULL);
    return task;
}

void demo_task_step(struct demo_task *task, char *field, size_t size)
{
    pthread_mutex_lock(&task->mutex);
    text_copy_cut(field, size, task->step);
    pthread_mutex_unlock(&task->mutex);
}

/* The last whole line of what it has said. */
static void take_step(struct demo_task *task, const struct strbuf *said)
{
    const char *end = said->data ? strrchr(said->data, '\n') : NULL;
    if (!end)
        return;
    const char *start = end;
    while (start > said->data && start[-1] != '\n')
        start--;
    CLEANUP_FREE char *line = mem_strndup(start, (size_t)(end - start));
    pthread_mutex_lock(&task->mutex);
    text_copy_cut(task->step, sizeof task->step, line);
    pthread_mutex_unlock(&task->mutex);
}

/* Until it has said all that it has to say, or it is stopped. */
static void listen_to(struct demo_task *task, struct proc *proc)
{
    CLEANUP_STRBUF struct strbuf said = {0};
    for (bool more = true; more && !atomic_load(&task->stopped);) {
        struct pollfd wait = {.fd = proc->output_fd, .events = POLLIN};
        if (poll(&wait, 1, LOOK_MS) > 0) {
            more = proc_drain(proc->output_fd, &said, OUTPUT_LIMIT);
            take_step(task, &said);
        }
    }
}

static void make_demo(struct demo_task *task, const char *directory)
{
    const char *argv[] = {"/proc/self/exe", "demo", directory, NULL};
    const struct proc_spec spec = {.argv = argv, .no_terminal = true};
    struct proc proc;
    if (!proc_start(&spec, true, &proc, &task->err))
        return;
    listen_to(task, &proc);
    int status = -1;
    bool ended = !atomic_load(&task->stopped) && proc_wait(&proc, END_PATIENCE_MS, &status);
    CLEANUP_FREE char *said = proc_error_text(&proc);
    int last = proc_end(&proc, END_PATIENCE_MS);
    if (!ended)
        status = last;
    if (ended && status == 0) {
        task->store = mem_format("%s/store", directory);
        return;
    }
    if (atomic_load(&task->stopped)) {
        error_set(&task->err, RETURN_FAILED, "screen.stopped", "the demo was stopped");
        error_next(&task->err, "What it had made is taken away again; it can be made anew.");
        return;
    }
    error_set(&task->err, RETURN_FAILED, "screen.demo", "the demo was not made in %s", directory);
    error_cause(&task->err, "%s", said);
    error_advise(&task->err, "Name a directory that does not exist yet, with some hundreds of MiB free.");
}

void demo_task_run(void *argument)
{
    struct demo_task *task = argument;
    CLEANUP_FREE char *directory = fs_expand_home(task->directory);
    make_demo(task, directory);
}

void demo_task_give_up(void *argument)
{
    struct demo_task *task = argument;
    atomic_store(&task->stopped, true);
}

void demo_task_release(void *argument)
{
    struct demo_task *task = argument;
    pthread_mutex_destroy(&task->mutex);
    free(task->directory);
    free(task->store);
    free(task);
}

/* --- a store --- */

struct store_look_task *store_look_task_new(const char *path)
{
    struct store_look_task *task = mem_alloc(sizeof *task);
    task->path = mem_strdup(path);
    return task;
}

static enum store_kind kind_of(char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], ".unfinished-demo") == 0)
            return STORE_UNFINISHED;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "machines") == 0 || strcmp(names[i], "collections") == 0)
            return STORE_THERE;
    }
    return count == 0 ? STORE_EMPTY : STORE_OTHER;
}

void store_look_task_run(void *argument)
{
    struct store_look_task *task = argument;
    CLEANUP_FREE char *path = fs_expand_home(task->path);
    char **names = NULL;
    size_t count = 0;
    struct stat status;
    CLEANUP_FD int fd = -1;
    if (stat(path, &status) != 0 && errno == ENOENT) {
        task->kind = STORE_ABSENT;
        return;
    }
    task->kind = STORE_UNREADABLE;
    if (!fs_open_directory(AT_FDCWD, path, &fd, &task->err) || !fs_list(fd, &names, &count, &task->err))
        return;
    task->kind = kind_of(names, count);
    fs_free_names(names, count);
}

void store_look_task_release(void *argument)
{
    struct store_look_task *task = argument;
    free(task->path);
    free(task);
}

struct store_open_task *store_open_task_new(const struct settings_place *started, const char *path)
{
    struct store_open_task *task = mem_alloc(sizeof *task);
    task->started = started;
    task->path = mem_strdup(path);
    return task;
}

void store_open_task_run(void *argument)
{
    struct store_open_task *task = argument;
    struct settings settings;
    CLEANUP_FREE char *whole = fs_expand_home(task->path);
    CLEANUP_FREE char *path = fs_absolute_path(whole);
    if (!settings_load(&settings, task->started->config, &task->err))
        return;
    bool found =
        settings_find_place(&settings, task->started->config, "local", path, &task->place, &task->err);
    settings_clear(&settings);
    task->host = found ? host_open(&task->place, &task->err) : NULL;
}

void store_open_task_release(void *argument)
{
    struct store_open_task *task = argument;
    if (task->host)
        task->host->ops->close(task->host);
    settings_place_clear(&task->place);
    free(task->path);
    free(task);
}

/* --- completion --- */

struct path_task *path_task_new(const char *typed)
{
    struct path_task *task = mem_alloc(sizeof *task);
    task->typed = mem_strdup(typed);
    return task;
}

void path_task_run(void *argument)
{
    struct path_task *task = argument;
    completion_run(task->typed, &task->completion);
}

void path_task_release(void *argument)
{
    struct path_task *task = argument;
    completion_clear(&task->completion);
    free(task->typed);
    free(task);
}
