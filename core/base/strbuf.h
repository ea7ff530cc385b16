/* A growing string. `struct strbuf text = {0};` is a valid empty one; data is NULL or NUL-terminated.
 * Ownership: the holder calls strbuf_free, or strbuf_take to keep the text. Threads: one at a time. */
#ifndef REFPOINT_BASE_STRBUF_H
#define REFPOINT_BASE_STRBUF_H

#include <stddef.h>

struct strbuf {
    char *data;
    size_t length;
    size_t capacity;
};

void strbuf_add(struct strbuf *buffer, const char *text);
void strbuf_add_bytes(struct strbuf *buffer, const void *bytes, size_t length);
void strbuf_addf(struct strbuf *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *strbuf_take(
    struct strbuf *buffer); /* the text ("" when empty), owned by the caller; the buffer is empty after */
void strbuf_free(struct strbuf *buffer);
#define CLEANUP_STRBUF __attribute__((cleanup(strbuf_free)))

#endif
