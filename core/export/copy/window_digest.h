/* What the data of a window is, as a digest: of those of its planned clusters that are not all zero, so that
 * it says what the content is, not how it happened to be stored.
 *
 * XXH3-128 (xxHash, https://github.com/Cyan4973/xxHash): it finds what storage, memory and programs do to
 * bytes, not what somebody does on purpose. Units: bytes. Threads: any. */
#ifndef REFPOINT_EXPORT_COPY_WINDOW_DIGEST_H
#define REFPOINT_EXPORT_COPY_WINDOW_DIGEST_H

#include "core/base/error.h"
#include "core/export/plan/window.h"
#include "core/export/source/source.h"

#define WINDOW_DIGEST_SIZE 16

struct window_digest {
    uint64_t offset;
    uint16_t content_mask; /* data clusters that are not all zero */
    uint16_t unused[3];
    unsigned char xxh3[WINDOW_DIGEST_SIZE]; /* canonical: the high half first, big-endian */
};

bool bytes_are_zero(const void *bytes, size_t length);
/* data: the window's WINDOW_SIZE bytes, of which those in data_mask are looked at. */
bool window_digest_make(const struct window *window, const unsigned char *data, struct window_digest *digest,
                        struct error *err) WARN_UNUSED;

/* The window's data is read into the buffer first. */
bool window_digest_read(const struct window *window, struct source *source, struct source_reader *reader,
                        unsigned char *data, struct window_digest *digest, struct error *err) WARN_UNUSED;

#endif
