#include "ui/draw/fold.h"

#include <string.h>
#include <utf8proc.h>

#include "core/base/mem.h"
#include "core/base/text.h"

#define PARTS 32 /* that one code point can become */

char *fold_text(const char *text)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
                 (utf8proc_option_t)(UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                     UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE |
                                     UTF8PROC_STRIPMARK));
    return folded ? (char *)folded : mem_strdup(text);
}

static bool is_letter(uint32_t code)
{
    return code > 0x7f || (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');
}

static void add(struct fold_letters *letters, uint32_t code, size_t at, uint32_t *before)
{
    *ARRAY_APPEND(letters->items, letters->count) = (struct fold_letter){
        .code = code, .at = (uint16_t)at, .starts = is_letter(code) && !is_letter(*before)};
    *before = code;
}

static void add_folded(struct fold_letters *letters, int32_t code, size_t at, uint32_t *before)
{
    utf8proc_int32_t parts[PARTS];
    utf8proc_ssize_t count =
        utf8proc_decompose_char(code, parts, PARTS,
                                (utf8proc_option_t)(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                    UTF8PROC_IGNORE | UTF8PROC_STRIPMARK),
                                NULL);
    for (utf8proc_ssize_t i = 0; i < count && i < PARTS; i++)
        add(letters, (uint32_t)parts[i], at, before);
}

void fold_letters_add(struct fold_letters *letters, const char *text)
{
    size_t length = strlen(text);
    uint32_t before = ' ';
    size_t used = 0;
    for (size_t at = 0; at < length && at < UINT16_MAX; at += used) {
        unsigned char byte = (unsigned char)text[at];
        used = 1;
        if (byte < 0x80) {
            add(letters, byte >= 'A' && byte <= 'Z' ? byte + 'a' - 'A' : byte, at, &before);
            continue;
        }
        int32_t code = text_next(text + at, length - at, &used);
        if (code >= 0)
            add_folded(letters, code, at, &before);
    }
}
