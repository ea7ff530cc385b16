/* Memory for small things: names, records, lists.
 *
 * These never return NULL. A process that cannot get a few bytes cannot keep a promise about a disk either,
 * so it ends with a sentence on stderr; what is on disk stays whole, because nothing has its final name until
 * it is complete. Big buffers (the copy pipeline's) are not taken from here: they are checked, and a failure
 * is the job's error 32778.
 *
 * Ownership: what comes from here is released with free(). Threads: any. */
#ifndef REFPOINT_BASE_MEM_H
#define REFPOINT_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *mem_alloc(size_t size); /* zeroed */
void *mem_realloc(void *block, size_t size);
char *mem_strdup(const char *text); /* NULL stays NULL */
char *mem_strndup(const char *text, size_t length);
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_vformat(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* Replaces the string that *slot owns with a copy of text (NULL allowed). */
void mem_replace(char **slot, const char *text);

/* Makes room for one more item behind `count` items; grows at powers of two, so it keeps no capacity. */
void *mem_grow(void *items, size_t count, size_t item_size);

/* Appends one zeroed item to an array kept as pointer and count; yields its address. */
#define ARRAY_APPEND(items, count)                                                                           \
    ((items) = mem_grow((items), (count), sizeof *(items)), &(items)[(count)++])

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof *(array))

/* Scope-bound release: `CLEANUP_FREE char *name = ...;`, `CLEANUP_FD int fd = -1;`. */
void mem_cleanup_free(void *slot);
void mem_cleanup_fd(int *fd);
#define CLEANUP_FREE __attribute__((cleanup(mem_cleanup_free)))
#define CLEANUP_FD __attribute__((cleanup(mem_cleanup_fd)))

#endif
