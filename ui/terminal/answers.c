#include "ui/terminal/answers.h"

#include <string.h>

static const char background[] = "]11;";

bool answers_may_begin(const char *at, size_t left)
{
    size_t length = sizeof background - 1;
    return memcmp(at, background, left < length ? left : length) == 0;
}

bool answers_has_begun(const char *at, size_t left)
{
    return left >= sizeof background - 1 && answers_may_begin(at, left);
}

static int digit(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    if (letter >= 'a' && letter <= 'f')
        return letter - 'a' + 10;
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

/* So many digits as a part of the whole that they can say. */
static bool read_part(const char *at, size_t digits, unsigned *part)
{
    unsigned value = 0;
    unsigned most = 0;
    if (digits < 1 || digits > 4)
        return false;
    for (size_t i = 0; i < digits; i++) {
        int one = digit(at[i]);
        if (one < 0)
            return false;
        value = value * 16 + (unsigned)one;
        most = most * 16 + 15;
    }
    *part = value * 65535U / most;
    return true;
}

/* "R/G/B", and with rgba: what follows the third slash. */
static bool read_slashed(const char *at, size_t length, unsigned *parts)
{
    for (size_t i = 0; i < 3; i++) {
        size_t digits = 0;
        while (digits < length && at[digits] != '/')
            digits++;
        if (!read_part(at, digits, &parts[i]) || (i < 2 && digits == length))
            return false;
        size_t used = digits < length ? digits + 1 : digits;
        at += used;
        length -= used;
    }
    return true;
}

static bool read_joined(const char *at, size_t length, unsigned *parts)
{
    for (size_t i = 0; i < 3; i++) {
        if (length % 3 != 0 || !read_part(at + i * (length / 3), length / 3, &parts[i]))
            return false;
    }
    return true;
}

static bool begins(const char *at, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(at, with, strlen(with)) == 0;
}

static bool read_colour(const char *at, size_t length, unsigned *parts)
{
    if (begins(at, length, "rgb:"))
        return read_slashed(at + 4, length - 4, parts);
    if (begins(at, length, "rgba:"))
        return read_slashed(at + 5, length - 5, parts);
    return begins(at, length, "#") && read_joined(at + 1, length - 1, parts);
}

bool answers_take_string(struct answers *answers, const char *at, size_t length)
{
    if (!answers_has_begun(at, length))
        return false;
    size_t start = sizeof background - 1;
    size_t end = length;
    while (end > start && (at[end - 1] == '\a' || at[end - 1] == '\\' || at[end - 1] == '\033'))
        end--;
    unsigned parts[3] = {0};
    if (read_colour(at + start, end - start, parts)) {
        answers->red = parts[0];
        answers->green = parts[1];
        answers->blue = parts[2];
        answers->background = true;
    }
    return true;
}

bool answers_take_sequence(struct answers *answers, const char *at, size_t length)
{
    if (length < 3 || at[1] != '?' || at[length - 1] != 'c')
        return false;
    answers->end = true;
    return true;
}
