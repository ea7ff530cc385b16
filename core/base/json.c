#include "core/base/json.h"

#include "core/base/mem.h"
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

char *json_line(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    return text ? text : mem_strdup("null");
}
