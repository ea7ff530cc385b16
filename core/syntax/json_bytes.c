#include "core/syntax/json_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/syntax/json.h"

json_t *json_bytes(const char *text)
{
    if (!text || text_is_utf8(text))
        return json_text(text);
    static const char digits[] = "0123456789abcdef";
    size_t length = strlen(text);
    CLEANUP_FREE char *hex = mem_alloc(2 * length + 1);
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = digits[(unsigned char)text[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)text[i] & 15];
    }
    json_t *object = json_object();
    json_put_text(object, "hex", hex);
    return object;
}

static int digit_value(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *at = digit ? strchr(digits, digit) : NULL;
    return at ? (int)(at - digits) : -1;
}

char *json_bytes_read(const json_t *value)
{
    if (json_is_string(value))
        return mem_strdup(json_string_value(value));
    const char *hex = json_get_text(value, "hex", NULL);
    if (!hex || strlen(hex) % 2 != 0)
        return NULL;
    size_t length = strlen(hex) / 2;
    char *text = mem_alloc(length + 1);
    for (size_t i = 0; i < length; i++) {
        int high = digit_value(hex[2 * i]);
        int low = digit_value(hex[2 * i + 1]);
        if (high < 0 || low < 0 || high + low == 0) {
            free(text);
            return NULL;
        }
        text[i] = (char)(high << 4 | low);
    }
    return text;
}

json_t *json_bytes_list(char *const *items, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_bytes(items[i]));
    return array;
}

bool json_bytes_list_read(char ***items, size_t *count, const json_t *array)
{
    size_t size = json_array_size(array);
    if (size > JSON_BYTES_LIST_LIMIT)
        return false;
    for (size_t i = 0; i < size; i++) {
        char *item = json_bytes_read(json_array_get(array, i));
        if (!item)
            return false;
        *ARRAY_APPEND(*items, *count) = item;
    }
    return true;
}
