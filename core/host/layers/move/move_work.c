#include "core/host/layers/move/move_work.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"

static void file_clear(struct move_file *file)
{
    free(file->from);
    free(file->to);
    free(file->temporary);
    free(file->backing);
    free(file->sha256);
    free(file->promised);
    if (file->fd >= 0)
        close(file->fd);
}

void move_work_clear(struct move_work *work)
{
    for (size_t i = 0; i < work->count; i++)
        file_clear(&work->files[i]);
    free(work->files);
    free(work->machine_name);
    free(work->directory);
    if (work->directory_fd >= 0)
        close(work->directory_fd);
    *work = (struct move_work){.directory_fd = -1};
}

struct move_file *move_work_find(const struct move_work *work, const char *from)
{
    for (size_t i = 0; i < work->count; i++) {
        if (strcmp(work->files[i].from, from) == 0)
            return &work->files[i];
    }
    return NULL;
}

struct move_file *move_work_add(struct move_work *work, const char *from, enum disk_format format)
{
    struct move_file *file = ARRAY_APPEND(work->files, work->count);
    *file = (struct move_file){.from = mem_strdup(from), .format = format, .fd = -1};
    file->to = mem_format("%s/%s", strcmp(work->directory, "/") == 0 ? "" : work->directory, path_name(from));
    return file;
}

bool move_open_directory(struct move_work *work, struct error *err)
{
    return work->directory_fd >= 0 || fs_open_directory(AT_FDCWD, work->directory, &work->directory_fd, err);
}
