#include "core/definition/rewrite/amount.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"

#define SPACE " \t\r\n"

bool amount_parse_whole(const char *text, uint64_t *number)
{
    char *end = NULL;
    text += strspn(text, SPACE);
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && end[strspn(end, SPACE)] == '\0';
}

static bool unit_factor(const char *unit, uint64_t *factor)
{
    static const char letters[] = "kmgtpe";
    static const char *const bytes[] = {"b", "byte", "bytes"};
    *factor = 1;
    for (size_t i = 0; i < ARRAY_LENGTH(bytes); i++) {
        if (strcasecmp(unit, bytes[i]) == 0)
            return true;
    }
    const char *rest = *unit ? unit + 1 : unit;
    bool decimal = strcasecmp(rest, "b") == 0;
    if (*rest && !decimal && strcasecmp(rest, "ib") != 0)
        return false;
    for (const char *letter = letters; *letter; letter++) {
        *factor *= decimal ? 1000 : 1024;
        if (*unit == *letter || *unit == *letter - 'a' + 'A')
            return true;
    }
    return false;
}

const char *amount_parse_bytes(const char *text, const char *unit, uint64_t *bytes)
{
    uint64_t number;
    uint64_t factor;
    if (!amount_parse_whole(text, &number))
        return "is not a whole number";
    if (!unit_factor(unit ? unit : "KiB", &factor))
        return "has a unit that is not known";
    if (number > (uint64_t)INT64_MAX / factor)
        return "is larger than 8 EiB";
    *bytes = number * factor;
    return NULL;
}
