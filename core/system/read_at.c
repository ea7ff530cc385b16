#include "core/system/read_at.h"

#include <errno.h>
#include <unistd.h>

ssize_t read_at(int fd, void *bytes, size_t length, uint64_t offset)
{
    size_t done = 0;
    while (done < length) {
        ssize_t got = pread(fd, (char *)bytes + done, length - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

bool write_at(int fd, const void *bytes, size_t length, uint64_t offset)
{
    size_t done = 0;
    while (done < length) {
        ssize_t written = pwrite(fd, (const char *)bytes + done, length - done, (off_t)(offset + done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        done += (size_t)written;
    }
    return true;
}

bool write_at_patiently(int fd, const void *bytes, size_t length, uint64_t offset,
                        const struct write_patience *patience)
{
    while (!write_at(fd, bytes, length, offset)) {
        int number = errno;
        if (!patience || !patience->wait(patience->context, number)) {
            errno = number;
            return false;
        }
    }
    return true;
}

uint64_t hole_at(int fd, uint64_t offset, uint64_t limit)
{
    off_t data = lseek(fd, (off_t)offset, SEEK_DATA);
    if (data < 0)
        return errno == ENXIO ? limit : 0;
    uint64_t length = (uint64_t)data - offset;
    return length < limit ? length : limit;
}
