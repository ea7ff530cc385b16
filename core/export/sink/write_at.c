#include "core/export/sink/write_at.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/job/limit.h"
#include "core/system/page_cache.h"

bool sink_write_failed(const char *path, int number, struct error *err)
{
    bool no_room = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return error_errno(err, number, no_room ? "image.no-space" : "export.write", "cannot write %s", path);
}

void sink_file_open(struct sink_file *file, int fd, const char *path, struct halt *halt)
{
    *file = (struct sink_file){.fd = fd, .path = mem_strdup(path)};
    pthread_mutex_init(&file->writing, NULL);
    file->patience = (struct patience){.halt = halt, .path = file->path};
    file->patient = (struct write_patience){.wait = patience_wait, .context = &file->patience};
}

void sink_file_close(struct sink_file *file)
{
    pthread_mutex_destroy(&file->writing);
    free(file->path);
}

static bool write_once(struct sink_file *file, const void *data, size_t length, uint64_t offset, int *number)
{
    pthread_mutex_lock(&file->writing);
    bool ok = write_at(file->fd, data, length, offset);
    *number = errno;
    pthread_mutex_unlock(&file->writing);
    return ok;
}

bool sink_write_at(struct sink_file *file, const void *data, size_t length, uint64_t offset,
                   struct error *err)
{
    int number = 0;
    struct job_stretch stretch;
    job_stretch_begin(&stretch, file->patience.halt->job);
    while (!write_once(file, data, length, offset, &number)) {
        if (!patience_wait(&file->patience, number))
            return sink_write_failed(file->path, number, err);
    }
    page_cache_write_back(file->fd, offset, length);
    job_stretch_waited(&stretch, JOB_LIMIT_TARGET);
    return true;
}
