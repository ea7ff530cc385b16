/* libconfig 1.5 follows `@include` while it scans, recurses into nested groups when it frees them, cuts
 * numbers without an L to 32 bits and lets an unclosed comment swallow the rest of a file, the last two
 * without a word. All of that can be seen in the text, by a scanner that knows libconfig's tokens. */
#include "core/syntax/cfg_guard.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"

#define WORD_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_*"
#define HEXADECIMAL_DIGITS "0123456789ABCDEFabcdef"
#define DECIMAL_DIGITS "0123456789"

struct scanner {
    const char *text;
    const char *at;
    const char *name; /* for messages */
    int depth;
};

static unsigned line_of(const struct scanner *scanner)
{
    unsigned line = 1;
    for (const char *at = scanner->text; at < scanner->at; at++)
        line += *at == '\n';
    return line;
}

static bool refuse_include(struct scanner *scanner, struct error *err)
{
    /* libconfig recognises it wherever a line begins with it; in a comment it would not, but who can tell. */
    for (;;) {
        scanner->at += strspn(scanner->at, " \t");
        if (strncmp(scanner->at, "@include", 8) == 0)
            return error_set(err, RETURN_NOT_SUPPORTED, "config.include", "%s:%u: @include is not allowed",
                             scanner->name, line_of(scanner));
        scanner->at += strcspn(scanner->at, "\n");
        if (*scanner->at == '\0')
            break;
        scanner->at++;
    }
    scanner->at = scanner->text;
    return true;
}

static bool skip_text(struct scanner *scanner, struct error *err)
{
    const char *at = scanner->at + 1;
    for (; *at && *at != '"'; at++)
        at += *at == '\\' && at[1];
    if (*at == '\0')
        return error_set(err, RETURN_INCORRECT_DATA_TYPE, "config.text",
                         "%s:%u: the text that begins here has no closing quote", scanner->name,
                         line_of(scanner));
    scanner->at = at + 1;
    return true;
}

static bool skip_comment(struct scanner *scanner, struct error *err)
{
    const char *end = strstr(scanner->at + 2, "*/");
    if (!end)
        return error_set(err, RETURN_INCORRECT_DATA_TYPE, "config.comment",
                         "%s:%u: the comment that begins here has no end", scanner->name, line_of(scanner));
    scanner->at = end + 2;
    return true;
}

static bool fits(const char *digits, int base, bool is_long)
{
    errno = 0;
    long long value = strtoll(digits, NULL, base);
    return errno == 0 && (is_long || (value >= INT32_MIN && value <= INT32_MAX));
}

static bool refuse_number(const struct scanner *scanner, size_t length, bool is_long, struct error *err)
{
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "config.number", "%s:%u: %.*s is too large a number",
              scanner->name, line_of(scanner), (int)(length < 60 ? length : 60), scanner->at);
    return is_long ? false : error_next(err, "Write an L behind it, as in 4294967296L.");
}

/* At a sign or a digit. A fraction or an exponent makes it a floating number, which is not cut. */
static bool check_number(struct scanner *scanner, struct error *err)
{
    const char *start = scanner->at + strspn(scanner->at, "+-");
    bool hexadecimal = start[0] == '0' && (start[1] == 'x' || start[1] == 'X');
    const char *end = hexadecimal ? start + 2 + strspn(start + 2, HEXADECIMAL_DIGITS)
                                  : start + strspn(start, DECIMAL_DIGITS);
    if (!hexadecimal && *end && strchr(".eE", *end)) {
        scanner->at = end + strspn(end, DECIMAL_DIGITS ".eE+-");
        return true;
    }
    bool is_long = *end == 'L';
    if (end > start && !fits(scanner->at, hexadecimal ? 16 : 10, is_long))
        return refuse_number(scanner, (size_t)(end - scanner->at), is_long, err);
    scanner->at = end + strspn(end, "L");
    return true;
}

static bool check_bracket(struct scanner *scanner, struct error *err)
{
    scanner->depth += strchr("{([", *scanner->at) ? 1 : -1;
    scanner->at++;
    return scanner->depth <= CFG_NESTING_LIMIT ||
           error_set(err, RETURN_NOT_SUPPORTED, "config.nesting", "%s is nested deeper than %d levels",
                     scanner->name, CFG_NESTING_LIMIT);
}

static bool check_token(struct scanner *scanner, struct error *err)
{
    const char *at = scanner->at;
    if (*at == '"')
        return skip_text(scanner, err);
    if (*at == '#' || (*at == '/' && at[1] == '/'))
        scanner->at += strcspn(at, "\n");
    else if (*at == '/' && at[1] == '*')
        return skip_comment(scanner, err);
    else if (strchr("{}()[]", *at))
        return check_bracket(scanner, err);
    else if (isalpha((unsigned char)*at) || *at == '*')
        scanner->at += strspn(at, WORD_CHARACTERS);
    else if (isdigit((unsigned char)*at) || ((*at == '-' || *at == '+') && isdigit((unsigned char)at[1])))
        return check_number(scanner, err);
    else
        scanner->at++;
    return true;
}

bool cfg_guard(const char *text, size_t length, const char *name, struct error *err)
{
    struct scanner scanner = {.text = text, .at = text, .name = name};
    if (memchr(text, '\0', length))
        return error_set(err, RETURN_INCORRECT_DATA_TYPE, "config.binary", "%s holds a zero byte", name);
    if (!refuse_include(&scanner, err))
        return false;
    while (*scanner.at) {
        if (!check_token(&scanner, err))
            return false;
    }
    return true;
}
