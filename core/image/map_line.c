#include "core/image/map_line.h"

#include <string.h>

#include "core/base/mem.h"

struct text {
    const char *at;
    const char *end;
};

struct value {
    enum { VALUE_NUMBER, VALUE_BOOL, VALUE_STRING } kind;
    uint64_t number; /* truth: 0 or 1 */
};

static void skip_space(struct text *text)
{
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\t' || *text->at == '\r'))
        text->at++;
}

/* Takes this character where it is next. */
static bool take(struct text *text, char wanted)
{
    skip_space(text);
    if (text->at == text->end || *text->at != wanted)
        return false;
    text->at++;
    return true;
}

static bool take_word(struct text *text, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(text->end - text->at) < length || memcmp(text->at, word, length) != 0)
        return false;
    text->at += length;
    return true;
}

/* What is between the quotation marks, escapes as they are. */
static bool take_string(struct text *text, struct text *string)
{
    if (!take(text, '"'))
        return false;
    string->at = text->at;
    for (; text->at < text->end && *text->at != '"'; text->at++) {
        if (*text->at == '\\' && ++text->at == text->end)
            return false;
    }
    string->end = text->at;
    return take(text, '"');
}

static bool take_number(struct text *text, uint64_t *number)
{
    const char *begin = text->at;
    *number = 0;
    for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++) {
        if (__builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, (uint64_t)(*text->at - '0'), number))
            return false;
    }
    return text->at > begin && *number <= INT64_MAX;
}

static bool take_value(struct text *text, struct value *value)
{
    struct text string;
    skip_space(text);
    *value = (struct value){.kind = VALUE_BOOL};
    if (take_word(text, "false"))
        return true;
    value->number = 1;
    if (take_word(text, "true"))
        return true;
    value->kind = VALUE_STRING;
    if (text->at < text->end && *text->at == '"')
        return take_string(text, &string);
    value->kind = VALUE_NUMBER;
    return take_number(text, &value->number);
}

enum field { START, LENGTH, DEPTH, OFFSET, ZERO, DATA, PRESENT, FIELDS };
#define FIRST_TRUTH ZERO
#define NEEDED (1U << START | 1U << LENGTH | 1U << DEPTH | 1U << ZERO | 1U << DATA)

static const char *const NAMES[FIELDS] = {"start", "length", "depth", "offset", "zero", "data", "present"};

/* Fields that we do not know are let be. */
static bool put(const struct text *name, const struct value *value, uint64_t *values, unsigned *seen)
{
    size_t length = (size_t)(name->end - name->at);
    for (size_t i = 0; i < FIELDS; i++) {
        if (strlen(NAMES[i]) != length || memcmp(NAMES[i], name->at, length) != 0)
            continue;
        if (value->kind != (i >= FIRST_TRUTH ? VALUE_BOOL : VALUE_NUMBER) || *seen & 1U << i)
            return false;
        values[i] = value->number;
        *seen |= 1U << i;
        return true;
    }
    return true;
}

static bool take_object(struct text *text, struct image_map_range *range)
{
    uint64_t values[FIELDS] = {[PRESENT] = 1}; /* not told before QEMU 6.1 */
    unsigned seen = 0;
    do {
        struct text name;
        struct value value;
        if (!take_string(text, &name) || !take(text, ':') || !take_value(text, &value) ||
            !put(&name, &value, values, &seen))
            return false;
    } while (take(text, ','));
    *range = (struct image_map_range){.start = values[START],
                                      .length = values[LENGTH],
                                      .depth = (uint32_t)values[DEPTH],
                                      .present = values[PRESENT],
                                      .zero = values[ZERO],
                                      .data = values[DATA],
                                      .has_offset = seen & 1U << OFFSET,
                                      .offset = values[OFFSET]};
    return take(text, '}') && (seen & NEEDED) == NEEDED && values[DEPTH] <= UINT32_MAX - 1;
}

bool map_line_parse(struct map_line *array, const char *line, size_t length, struct image_map_range *range,
                    bool *found)
{
    struct text text = {.at = line, .end = line + length};
    *found = false;
    if (!array->begun)
        array->begun = take(&text, '[');
    if (!array->begun)
        return false;
    if (take(&text, '{')) {
        *found = true;
        if (array->ended || !take_object(&text, range))
            return false;
        if (take(&text, ','))
            return skip_space(&text), text.at == text.end;
    }
    if (!array->ended)
        array->ended = take(&text, ']');
    skip_space(&text);
    return text.at == text.end;
}
