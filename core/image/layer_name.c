#include "core/image/layer_name.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/guid.h"
#include "core/base/mem.h"

#define MARK ".refpoint-"
#define NEW_MARK "new-"
#define HEX_LENGTH 32
#define STEM_OF_THE_NAMELESS "disk"
/* The longest of ours still fits, so that a temporary file and its layer have one stem. */
#define STEM_LIMIT (NAME_MAX - strlen(MARK NEW_MARK) - HEX_LENGTH - strlen(".qcow2"))

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Length of the name without this ending; 0 where it does not end so. */
static size_t without(const char *name, size_t length, const char *ending)
{
    size_t ending_length = strlen(ending);
    bool ends = length > ending_length && memcmp(name + length - ending_length, ending, ending_length) == 0;
    return ends ? length - ending_length : 0;
}

static bool is_hex(const char *text)
{
    return strspn(text, "0123456789abcdef") >= HEX_LENGTH;
}

/* MARK [NEW_MARK] HEX as the last part of name[0..length); *stem_length is what stands before it. */
static enum layer_name_kind parse_mark(const char *name, size_t length, size_t *stem_length)
{
    if (length < strlen(MARK) + HEX_LENGTH || !is_hex(name + length - HEX_LENGTH))
        return LAYER_NAME_NONE;
    length -= HEX_LENGTH;
    enum layer_name_kind kind = LAYER_NAME_LAYER;
    size_t before = without(name, length, NEW_MARK);
    if (before > 0) {
        kind = LAYER_NAME_TEMPORARY;
        length = before;
    }
    if (length < strlen(MARK) || memcmp(name + length - strlen(MARK), MARK, strlen(MARK)) != 0)
        return LAYER_NAME_NONE;
    *stem_length = length - strlen(MARK);
    return kind;
}

static enum layer_name_kind parse(const char *name, size_t *stem_length)
{
    size_t length = strlen(name);
    size_t qcow2 = without(name, length, ".qcow2");
    size_t raw = without(name, length, ".raw");
    bool has_ending = qcow2 > 0 || raw > 0;
    enum layer_name_kind kind = parse_mark(name, has_ending ? qcow2 + raw : length, stem_length);
    /* A name of today has stem and ending, one of earlier versions neither. */
    return (*stem_length > 0) == has_ending ? kind : LAYER_NAME_NONE;
}

enum layer_name_kind layer_name_kind(const char *path)
{
    size_t stem_length = 0;
    return parse(last_part(path), &stem_length);
}

static size_t length_without_ending(const char *name)
{
    static const char *const endings[] = {".qcow2", ".qcow2c", ".qcow", ".raw",  ".img",
                                          ".iso",   ".vmdk",   ".qed",  ".vdi",  ".vhd",
                                          ".vhdx",  ".vpc",    ".dd",   ".disk", ".image"};
    size_t length = strlen(name);
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcasecmp(name + length - ending, endings[i]) == 0)
            return length - ending;
    }
    return length;
}

/* Not in the middle of a character. */
static size_t cut(const char *text, size_t length, size_t limit)
{
    if (length <= limit)
        return length;
    size_t end = limit;
    for (int i = 0; i < 3 && end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80; i++)
        end--;
    return end;
}

static char *stem_of(const char *name)
{
    size_t length = 0;
    if (parse(name, &length) == LAYER_NAME_NONE)
        length = length_without_ending(name);
    CLEANUP_FREE char *stem = mem_strndup(name, length);
    for (char *at = stem; *at; at++) {
        if (*at == ':' || (unsigned char)*at < ' ' || *at == 0x7f)
            *at = '-';
    }
    const char *start = stem + strspn(stem, ".-");
    if (!*start)
        return mem_strdup(STEM_OF_THE_NAMELESS);
    return mem_strndup(start, cut(start, strlen(start), STEM_LIMIT));
}

char *layer_name_make(const char *image, enum layer_name_kind kind, enum disk_format format)
{
    CLEANUP_FREE char *stem = stem_of(last_part(image));
    struct guid id = guid_new();
    char digits[HEX_LENGTH + 1];
    size_t count = 0;
    for (const char *at = id.text; *at && count < HEX_LENGTH; at++) {
        if (*at != '-')
            digits[count++] = *at;
    }
    digits[count] = '\0';
    return mem_format("%s%s%s%s.%s", stem, MARK, kind == LAYER_NAME_TEMPORARY ? NEW_MARK : "", digits,
                      disk_format_word(format));
}
