#include "ui/screens/package/load.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/screens/package/directory.h"

struct load_packages *load_packages_new(const char *state_directory, const char *directory,
                                        const char *proposed)
{
    struct load_packages *task = mem_alloc(sizeof *task);
    *task = (struct load_packages){.state_directory = mem_strdup(state_directory),
                                   .directory = mem_strdup(directory),
                                   .proposed = mem_strdup(proposed),
                                   .remembers = true};
    return task;
}

struct load_packages *load_packages_beside(const char *package)
{
    const char *slash = strrchr(package, '/');
    CLEANUP_FREE char *directory =
        slash && slash != package ? mem_strndup(package, (size_t)(slash - package)) : mem_strdup("/");
    struct load_packages *task = load_packages_new(NULL, directory, NULL);
    task->remembers = false;
    return task;
}

static void find_directory(struct load_packages *task)
{
    task->directory = package_directory_recall(task->state_directory);
    if (!task->directory)
        task->directory = mem_strdup(task->proposed);
}

void load_packages_run(void *argument)
{
    struct load_packages *task = argument;
    if (!task->directory)
        find_directory(task);
    task->ok = !task->directory || package_rows_read(&task->rows, task->directory, &task->err);
    if (task->ok && task->directory && task->remembers)
        package_directory_remember(task->state_directory, task->directory);
}

void load_packages_release(void *argument)
{
    struct load_packages *task = argument;
    package_rows_clear(&task->rows);
    free(task->state_directory);
    free(task->directory);
    free(task->proposed);
    free(task);
}
