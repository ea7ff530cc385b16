#include "ui/terminal/background.h"

#include <stdlib.h>
#include <string.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

bool background_can_be_asked(void)
{
    const char *term = getenv("TERM");
    if (!term || is_set("STY"))
        return false;
    if (begins(term, "linux") || begins(term, "vt") || strcmp(term, "dumb") == 0)
        return false;
    return !begins(term, "screen") || is_set("TMUX");
}

enum background background_answered(const struct answers *answers)
{
    unsigned long brightness = 2126UL * answers->red + 7152UL * answers->green + 722UL * answers->blue;
    if (!answers->background)
        return BACKGROUND_UNKNOWN;
    return brightness < 10000UL * 65535UL / 2 ? BACKGROUND_DARK : BACKGROUND_LIGHT;
}

enum background background_told(void)
{
    const char *text = getenv("COLORFGBG");
    const char *last = text ? strrchr(text, ';') : NULL;
    if (!last || !last[1])
        return BACKGROUND_UNKNOWN;
    char *end = NULL;
    long number = strtol(last + 1, &end, 10);
    if (*end || number < 0 || number > 15)
        return BACKGROUND_UNKNOWN;
    return number < 7 || number == 8 ? BACKGROUND_DARK : BACKGROUND_LIGHT; /* 8 is grey */
}
