#include "tests/screen/pictures/cast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"

struct cast {
    FILE *file;
    int64_t begun_ms;
    struct strbuf held; /* a character whose end has not come yet, and what is before it */
};

struct cast *cast_new(const char *path, int rows, int columns)
{
    struct cast *cast = mem_alloc(sizeof *cast);
    cast->file = fopen(path, "w");
    assert_non_null(cast->file);
    cast->begun_ms = monotonic_milliseconds();
    fprintf(cast->file, "{\"version\": 2, \"width\": %d, \"height\": %d, \"title\": \"refpoint\"}\n", columns,
            rows);
    return cast;
}

/* Bytes at the end that are the beginning of a character. */
static size_t unfinished(const char *text, size_t length)
{
    for (size_t back = 1; back <= 3 && back <= length; back++) {
        unsigned char byte = (unsigned char)text[length - back];
        if (byte < 0x80)
            return 0;
        size_t wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
        if (wanted > 0)
            return wanted > back ? back : 0;
    }
    return 0;
}

void cast_add(struct cast *cast, const char *bytes, size_t length)
{
    strbuf_add_bytes(&cast->held, bytes, length);
    size_t rest = unfinished(cast->held.data, cast->held.length);
    size_t whole = cast->held.length - rest;
    double seconds = (double)(monotonic_milliseconds() - cast->begun_ms) / 1000;
    json_t *text = json_stringn(cast->held.data, whole);
    assert_non_null(text);
    json_t *event = json_pack("[f,s,o]", seconds, "o", text);
    json_dumpf(event, cast->file, JSON_REAL_PRECISION(6));
    fputc('\n', cast->file);
    json_decref(event);
    CLEANUP_FREE char *kept = mem_strndup(cast->held.data + whole, rest);
    strbuf_free(&cast->held);
    strbuf_add_bytes(&cast->held, kept, rest);
}

void cast_free(struct cast *cast)
{
    if (!cast)
        return;
    fclose(cast->file);
    strbuf_free(&cast->held);
    free(cast);
}
