#include "core/syntax/json.h"

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"

#include <string.h>

json_t *json_text(const char *text)
{
    if (!text)
        return json_null();
    json_t *value = json_string(text);
    if (!value) {
        CLEANUP_FREE char *safe = text_escape(text);
        value = json_string(safe);
    }
    return value;
}

void json_put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

void json_put_text(json_t *object, const char *key, const char *text)
{
    json_put(object, key, json_text(text));
}

void json_put_number(json_t *object, const char *key, uint64_t number)
{
    json_put(object, key, json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number));
}

void json_put_bool(json_t *object, const char *key, bool value)
{
    json_put(object, key, json_boolean(value));
}

const char *json_get_text(const json_t *object, const char *key, const char *otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? json_string_value(value) : otherwise;
}

uint64_t json_get_number(const json_t *object, const char *key, uint64_t otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value)
                                                                    : otherwise;
}

bool json_get_bool(const json_t *object, const char *key, bool otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_boolean_value(value) : otherwise;
}

static void add_escaped(struct strbuf *out, uint32_t code_point)
{
    if (code_point < 0x10000) {
        strbuf_addf(out, "\\u%04X", code_point);
        return;
    }
    uint32_t rest = code_point - 0x10000;
    strbuf_addf(out, "\\u%04X\\u%04X", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
}

/* jansson escapes C0 controls only. Outside of strings a compact line is printable ASCII, so that whatever
 * else there is stands in a string, where \u is understood. */
char *json_line(const json_t *value)
{
    CLEANUP_FREE char *text = json_dumps(value, JSON_COMPACT);
    if (!text)
        return mem_strdup("null");
    struct strbuf out = {0};
    size_t length = strlen(text);
    for (size_t at = 0, used = 0; at < length; at += used) {
        int32_t code_point = text_next(text + at, length - at, &used);
        if (code_point >= 0 && !text_is_printable(code_point))
            add_escaped(&out, (uint32_t)code_point);
        else
            strbuf_add_bytes(&out, text + at, used);
    }
    return strbuf_take(&out);
}
