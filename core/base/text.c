#include "core/base/text.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"

int32_t text_next(const char *text, size_t length, size_t *used)
{
    utf8proc_int32_t code_point = -1;
    utf8proc_ssize_t bytes =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &code_point);
    if (bytes <= 0) {
        *used = 1;
        return -1;
    }
    *used = (size_t)bytes;
    return code_point;
}

bool text_is_printable(int32_t code_point)
{
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    case UTF8PROC_CATEGORY_CF:
        /* The joiners shape emoji and several scripts; other format characters reorder or hide text. */
        return code_point == 0x200c || code_point == 0x200d;
    default:
        return true;
    }
}

char *text_escape(const char *text)
{
    struct strbuf out = {0};
    size_t length = strlen(text);
    for (size_t at = 0, used = 0; at < length; at += used) {
        int32_t code_point = text_next(text + at, length - at, &used);
        if (code_point < 0)
            strbuf_addf(&out, "\\x%02x", (unsigned char)text[at]);
        else if (text_is_printable(code_point))
            strbuf_add_bytes(&out, text + at, used);
        else if (code_point == '\n')
            strbuf_add(&out, "\\n");
        else if (code_point == '\t')
            strbuf_add(&out, "\\t");
        else if (code_point < 0x80)
            strbuf_addf(&out, "\\x%02x", (unsigned)code_point);
        else
            strbuf_addf(&out, "\\u{%x}", (unsigned)code_point);
    }
    return strbuf_take(&out);
}

bool text_is_utf8(const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0, used = 0; at < length; at += used) {
        if (text_next(text + at, length - at, &used) < 0)
            return false;
    }
    return true;
}

void text_copy_cut(char *field, size_t size, const char *text)
{
    size_t length = strlen(text);
    if (length < size) {
        memcpy(field, text, length + 1);
        return;
    }
    size_t end = size > 4 ? size - 4 : 0;
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    memcpy(field, text, end);
    snprintf(field + end, size - end, "...");
}

char *text_slug(const char *name, size_t limit)
{
    struct strbuf out = {0};
    for (const char *at = name; *at && out.length < limit; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                     *at == '_' || ((*at == '.' || *at == '-') && out.length > 0);
        bool dash = !plain && out.length > 0 && out.data[out.length - 1] != '-';
        if (plain)
            strbuf_add_bytes(&out, at, 1);
        else if (dash)
            strbuf_add(&out, "-");
    }
    while (out.length > 0 && (out.data[out.length - 1] == '-' || out.data[out.length - 1] == '.'))
        out.data[--out.length] = '\0';
    if (out.length == 0)
        strbuf_add(&out, "x");
    return strbuf_take(&out);
}

size_t text_width(const char *text)
{
    size_t width = 0;
    size_t length = strlen(text);
    for (size_t at = 0, used = 0; at < length; at += used) {
        int32_t code_point = text_next(text + at, length - at, &used);
        int columns = code_point < 0 ? 1 : utf8proc_charwidth(code_point);
        width += (size_t)(columns > 0 ? columns : 0);
    }
    return width;
}

char *text_shell_quote(const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (*text && text[strspn(text, safe)] == '\0')
        return mem_strdup(text);
    CLEANUP_FREE char *escaped = text_escape(text);
    struct strbuf out = {0};
    if (strcmp(escaped, text) == 0) {
        strbuf_add(&out, "'");
        for (const char *at = text; *at; at++)
            strbuf_add_bytes(&out, *at == '\'' ? "'\\''" : at, *at == '\'' ? 4 : 1);
        strbuf_add(&out, "'");
        return strbuf_take(&out);
    }
    strbuf_add(&out, "$'");
    for (const char *at = text; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte >= 0x7f)
            strbuf_addf(&out, "\\x%02x", byte);
        else if (byte == '\'' || byte == '\\')
            strbuf_addf(&out, "\\%c", byte);
        else
            strbuf_add_bytes(&out, at, 1);
    }
    strbuf_add(&out, "'");
    return strbuf_take(&out);
}
