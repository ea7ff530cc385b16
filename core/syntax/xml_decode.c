#include "core/syntax/xml_decode.h"

#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/syntax/xml.h"

#define BLANKS " \t\r\n"

struct document {
    const char *name; /* for messages */
    const char *bytes;
    size_t length;
};

/* The value of the declaration's encoding, without its quotes. */
struct declared {
    size_t start;
    size_t length;
};

static size_t line_of(const char *bytes, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += bytes[i] == '\n';
    return line;
}

static size_t skip_blanks(const char *text, size_t at)
{
    return at + strspn(text + at, BLANKS);
}

/* In ` encoding = "NAME"`, from the blank before it. */
static bool read_encoding(const char *head, size_t at, struct declared *declared)
{
    static const char word[] = "encoding";
    at = skip_blanks(head, at);
    if (strncmp(head + at, word, sizeof word - 1) != 0)
        return false;
    at = skip_blanks(head, at + sizeof word - 1);
    if (head[at] != '=')
        return false;
    at = skip_blanks(head, at + 1);
    char quote = head[at];
    const char *end = quote == '"' || quote == '\'' ? strchr(head + at + 1, quote) : NULL;
    if (!end)
        return false;
    *declared = (struct declared){.start = at + 1, .length = (size_t)(end - head) - at - 1};
    return true;
}

/* false: none is declared. What is no declaration is left to the parser. */
static bool find_declared(const char *text, size_t length, struct declared *declared)
{
    bool begins = length > 6 && strncmp(text, "<?xml", 5) == 0 && strchr(BLANKS, text[5]);
    const char *end = begins ? memmem(text, length, "?>", 2) : NULL;
    if (!end)
        return false;
    CLEANUP_FREE char *head = mem_strndup(text, (size_t)(end - text));
    for (size_t at = strcspn(head, BLANKS); head[at]; at += 1 + strcspn(head + at + 1, BLANKS)) {
        if (read_encoding(head, at, declared))
            return true;
    }
    return false;
}

static bool is_utf8_word(const char *word)
{
    return strcasecmp(word, "UTF-8") == 0 || strcasecmp(word, "UTF8") == 0;
}

/* Encodings in which the declaration reads as ASCII does, and of which iconv makes no surprises. */
static bool is_known(const char *word)
{
    static const char *const families[] = {"ISO-8859-", "ISO8859-", "ISO_8859-",
                                           "windows-",  "CP125",    "KOI8-"};
    static const char *const words[] = {"US-ASCII", "ASCII",  "LATIN1", "Shift_JIS", "SJIS",
                                        "EUC-JP",   "EUC-KR", "GB2312", "GBK",       "GB18030",
                                        "Big5",     "CP437",  "CP850",  "CP932",     "macintosh"};
    for (size_t i = 0; i < ARRAY_LENGTH(families); i++) {
        if (strncasecmp(word, families[i], strlen(families[i])) == 0)
            return word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")] ==
                   '\0';
    }
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (strcasecmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

static bool refuse(const struct document *document, size_t at, const char *why, struct error *err)
{
    return error_set(err, RETURN_INVALID_PARAMETER, "xml.encoding", "%s: line %zu: %s", document->name,
                     line_of(document->bytes, at), why);
}

static bool advise_conversion(const char *encoding, struct error *err)
{
    CLEANUP_FREE char *quoted = text_shell_quote(encoding);
    return error_next(err,
                      "Convert it (iconv -f %s -t UTF-8 FILE) and let its first line say "
                      "<?xml version='1.0' encoding='UTF-8'?>.",
                      quoted);
}

static bool check_no_zero(const struct document *document, struct error *err)
{
    const char *zero = memchr(document->bytes, '\0', document->length);
    if (!zero)
        return true;
    refuse(document, (size_t)(zero - document->bytes), "there is a zero byte, which XML cannot hold", err);
    return error_next(err, "Look whether it is the right file: it is no text.");
}

static bool check_utf8(const struct document *document, bool is_declared, struct error *err)
{
    size_t used = 0;
    for (size_t at = 0; at < document->length; at += used) {
        if (text_next(document->bytes + at, document->length - at, &used) >= 0)
            continue;
        refuse(document, at, "this is not UTF-8", err);
        error_cause(err, is_declared ? "its first line declares UTF-8"
                                     : "it declares no encoding, which means UTF-8");
        return error_next(err, "Let its first line say the encoding that it has, such as "
                               "<?xml version='1.0' encoding='ISO-8859-1'?>, or convert it "
                               "(iconv -f ISO-8859-1 -t UTF-8 FILE).");
    }
    return true;
}

static bool is_open(iconv_t converter)
{
    return (intptr_t)converter != -1; /* as iconv_open(3) says that it failed */
}

/* UTF-8 of all; where it stops, *stopped is the place. */
static bool convert(const char *encoding, const struct document *document, char **text, size_t *stopped)
{
    iconv_t converter = iconv_open("UTF-8", encoding);
    *stopped = 0;
    if (!is_open(converter))
        return false;
    size_t room = document->length * 4 + 16;
    char *made = mem_alloc(room + 1);
    CLEANUP_FREE char *input = mem_alloc(document->length + 1); /* iconv asks for one that is not const */
    char *from = memcpy(input, document->bytes, document->length);
    char *to = made;
    size_t left = document->length;
    bool ok = iconv(converter, &from, &left, &to, &room) != (size_t)-1 &&
              iconv(converter, NULL, NULL, &to, &room) != (size_t)-1;
    *stopped = document->length - left;
    iconv_close(converter);
    /* A converter that made a zero of what was none would cut the text off. */
    ok = ok && strlen(made) == (size_t)(to - made);
    if (ok)
        *text = made;
    else
        free(made);
    return ok;
}

/* Byte order marks at the start; a second one is as good as none. */
static size_t marks(const char *text)
{
    size_t length = 0;
    while (strncmp(text + length, "\xef\xbb\xbf", 3) == 0)
        length += 3;
    return length;
}

/* With what is declared made true. */
static char *declare_utf8(const char *text)
{
    struct declared declared;
    struct strbuf made = {0};
    if (!find_declared(text, strlen(text), &declared))
        return mem_strdup(text);
    strbuf_add_bytes(&made, text, declared.start);
    strbuf_add(&made, "UTF-8");
    strbuf_add(&made, text + declared.start + declared.length);
    return strbuf_take(&made);
}

/* "UTF-16LE", "UTF-16BE" or NULL. Without a mark it begins with the two bytes of '<'. */
static const char *utf16_kind(const struct document *document, size_t *mark)
{
    static const struct {
        const char *start;
        size_t mark;
        const char *kind;
    } kinds[] = {{"\xff\xfe", 2, "UTF-16LE"},
                 {"\xfe\xff", 2, "UTF-16BE"},
                 {"<\0", 0, "UTF-16LE"},
                 {"\0<", 0, "UTF-16BE"}};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds) && document->length >= 2; i++) {
        if (memcmp(document->bytes, kinds[i].start, 2) == 0) {
            *mark = kinds[i].mark;
            return kinds[i].kind;
        }
    }
    return NULL;
}

static bool decode_utf16(const struct document *document, const char *kind, size_t mark, char **text,
                         struct error *err)
{
    const struct document unmarked = {document->name, document->bytes + mark, document->length - mark};
    CLEANUP_FREE char *converted = NULL;
    size_t stopped;
    if (!convert(kind, &unmarked, &converted, &stopped)) {
        error_set(err, RETURN_INVALID_PARAMETER, "xml.encoding",
                  "%s: it begins like UTF-16, and cannot be read as that from byte %zu on", document->name,
                  mark + stopped + 1);
        return advise_conversion("UTF-16", err);
    }
    *text = declare_utf8(converted + marks(converted));
    return true;
}

static bool has_high_bytes(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return *text != '\0';
}

static bool can_convert(const char *encoding)
{
    if (!is_known(encoding))
        return false;
    iconv_t converter = iconv_open("UTF-8", encoding);
    if (!is_open(converter))
        return false;
    iconv_close(converter);
    return true;
}

static bool decode_other(const struct document *document, const char *whole, const char *encoding,
                         char **text, struct error *err)
{
    CLEANUP_FREE char *converted = NULL;
    size_t stopped;
    if (!can_convert(encoding)) {
        error_set(err, RETURN_INVALID_PARAMETER, "xml.encoding",
                  "%s: it declares the encoding \"%s\", which is not read here", document->name, encoding);
        return advise_conversion(encoding, err);
    }
    if (has_high_bytes(whole) && text_is_utf8(whole)) {
        error_set(err, RETURN_INVALID_PARAMETER, "xml.encoding",
                  "%s: it declares %s, and what it holds reads as UTF-8", document->name, encoding);
        error_cause(err, "one of the two is wrong, and libvirt would take the declaration for true");
        return error_next(err,
                          "Correct the declaration: let its first line say encoding='UTF-8'. If it is %s "
                          "all the same, convert it first (iconv -f %s -t UTF-8 FILE).",
                          encoding, encoding);
    }
    if (!convert(encoding, document, &converted, &stopped)) {
        CLEANUP_FREE char *why = mem_format("this is not %s, which its first line declares", encoding);
        refuse(document, stopped, why, err);
        return error_next(err, "Let its first line say the encoding that it has, or convert it to UTF-8 with "
                               "iconv and declare that.");
    }
    *text = declare_utf8(converted);
    return true;
}

bool xml_decode(const char *bytes, size_t length, const char *name, char **text, struct error *err)
{
    struct document document = {.name = name, .bytes = bytes, .length = length};
    struct declared declared = {0};
    size_t utf16_mark = 0;
    if (!xml_check_size(length, name, err))
        return false;
    const char *utf16 = utf16_kind(&document, &utf16_mark);
    if (utf16)
        return decode_utf16(&document, utf16, utf16_mark, text, err);
    if (!check_no_zero(&document, err))
        return false;
    CLEANUP_FREE char *whole = mem_strndup(bytes, length);
    size_t skipped = marks(whole);
    bool is_declared = find_declared(whole + skipped, length - skipped, &declared);
    CLEANUP_FREE char *encoding =
        is_declared ? mem_strndup(whole + skipped + declared.start, declared.length) : NULL;
    if (encoding && !is_utf8_word(encoding))
        return decode_other(&document, whole, encoding, text, err);
    if (!check_utf8(&document, is_declared, err))
        return false;
    *text = mem_strdup(whole + skipped);
    return true;
}
