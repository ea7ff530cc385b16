#include "core/base/guid.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct guid guid_new(void)
{
    uint8_t b[16];
    /* Up to 256 bytes getrandom neither fails nor returns short once the pool is ready. */
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        abort();
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    struct guid guid;
    snprintf(guid.text, sizeof guid.text,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
             b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return guid;
}

bool guid_parse(struct guid *guid, const char *text)
{
    size_t length = strlen(text);
    if (length == 38 && text[0] == '{' && text[37] == '}')
        text++;
    else if (length != 36)
        return false;
    struct guid parsed = {0};
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
        parsed.text[i] = (char)tolower((unsigned char)text[i]);
    }
    *guid = parsed;
    return true;
}

bool guid_parse_digits(struct guid *guid, const char *text)
{
    struct guid parsed = {0};
    size_t length = 0;
    text += strspn(text, " \t\r\n");
    for (int digits = 0; digits < 32; text++) {
        if (*text == '-' && digits % 2 == 0 && digits > 0 && text[-1] != '-')
            continue;
        if (!isxdigit((unsigned char)*text))
            return false;
        if (digits == 8 || digits == 12 || digits == 16 || digits == 20)
            parsed.text[length++] = '-';
        parsed.text[length++] = (char)tolower((unsigned char)*text);
        digits++;
    }
    if (text[strspn(text, " \t\r\n")] != '\0')
        return false;
    *guid = parsed;
    return true;
}

bool guid_is_none(const struct guid *guid)
{
    return guid->text[0] == '\0';
}

bool guid_equal(const struct guid *left, const struct guid *right)
{
    return strcmp(left->text, right->text) == 0;
}
