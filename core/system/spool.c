#include "core/system/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/return_code.h"
#include "core/system/beneath.h"

bool spool_open(struct spool *spool, int directory, size_t record_size, struct error *err)
{
    *spool = (struct spool){.fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600),
                            .record_size = record_size};
    if (spool->fd < 0) { /* network and FUSE file systems often have no O_TMPFILE */
        char name[] = "/var/tmp/refpoint-XXXXXX";
        spool->fd = mkostemp(name, O_CLOEXEC);
        if (spool->fd < 0)
            return error_errno(err, errno, "export.spool", "cannot make a temporary file in /var/tmp");
        unlink(name);
    }
    return true;
}

bool spool_open_named(struct spool *spool, int directory, const char *name, size_t record_size,
                      struct error *err)
{
    *spool = (struct spool){.fd = beneath_open(directory, name, O_RDWR | O_CREAT, 0600),
                            .record_size = record_size};
    return spool->fd >= 0 || error_errno(err, errno, errno == ENOSPC ? "image.no-space" : "export.spool",
                                         "cannot open the file %s", name);
}

bool spool_put(const struct spool *spool, uint64_t index, const void *records, size_t count,
               struct error *err)
{
    return write_at_patiently(spool->fd, records, count * spool->record_size, index * spool->record_size,
                              spool->patience) ||
           error_errno(err, errno, errno == ENOSPC ? "image.no-space" : "export.spool",
                       "cannot write a temporary file");
}

bool spool_get(const struct spool *spool, uint64_t index, void *records, size_t count, struct error *err)
{
    size_t length = count * spool->record_size;
    ssize_t got = read_at(spool->fd, records, length, index * spool->record_size);
    return got == (ssize_t)length ||
           error_errno(err, got < 0 ? errno : EIO, "export.spool", "cannot read a temporary file");
}

bool spool_look(const struct spool *spool, uint64_t index, void *record)
{
    return read_at(spool->fd, record, spool->record_size, index * spool->record_size) ==
           (ssize_t)spool->record_size;
}

void spool_close(struct spool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}
