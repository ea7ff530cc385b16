#include "core/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *block)
{
    if (!block) {
        static const char sentence[] = "refpoint: out of memory; the program ends here, nothing has been "
                                       "left under a final name.\n";
        ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
        (void)written;
        abort();
    }
    return block;
}

void *mem_alloc(size_t size)
{
    return checked(calloc(1, size ? size : 1));
}

void *mem_realloc(void *block, size_t size)
{
    return checked(realloc(block, size ? size : 1));
}

char *mem_strdup(const char *text)
{
    return text ? checked(strdup(text)) : NULL;
}

char *mem_strndup(const char *text, size_t length)
{
    return checked(strndup(text, length));
}

char *mem_vformat(const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    return checked(text);
}

char *mem_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = mem_vformat(format, arguments);
    va_end(arguments);
    return text;
}

void mem_replace(char **slot, const char *text)
{
    char *copy = mem_strdup(text);
    free(*slot);
    *slot = copy;
}

void *mem_grow(void *items, size_t count, size_t item_size)
{
    if ((count & (count - 1)) == 0)
        items = checked(reallocarray(items, count ? count * 2 : 1, item_size));
    memset((char *)items + count * item_size, 0, item_size);
    return items;
}

void mem_cleanup_free(void *slot)
{
    free(*(void **)slot);
}

void mem_cleanup_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
