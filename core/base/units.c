#include "core/base/units.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct moment moment_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (struct moment){.seconds = now.tv_sec, .nanoseconds = (int32_t)now.tv_nsec};
}

int64_t monotonic_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int moment_compare(struct moment left, struct moment right)
{
    if (left.seconds != right.seconds)
        return left.seconds < right.seconds ? -1 : 1;
    return (left.nanoseconds > right.nanoseconds) - (left.nanoseconds < right.nanoseconds);
}

static struct tm local_time(struct moment moment)
{
    time_t seconds = (time_t)moment.seconds;
    struct tm parts = {0};
    localtime_r(&seconds, &parts);
    return parts;
}

void moment_format_offset(struct moment moment, char *field, size_t size)
{
    struct tm parts = local_time(moment);
    long minutes = labs(parts.tm_gmtoff) / 60;
    snprintf(field, size, "%c%02ld:%02ld", parts.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

void moment_format_rfc3339(struct moment moment, bool with_fraction, char *field, size_t size)
{
    struct tm parts = local_time(moment);
    char date[32];
    char fraction[16] = "";
    char offset[16];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    if (with_fraction)
        snprintf(fraction, sizeof fraction, ".%09d", moment.nanoseconds);
    moment_format_offset(moment, offset, sizeof offset);
    snprintf(field, size, "%s%s%s", date, fraction, offset);
}

static bool parse_offset(const char *text, long *seconds)
{
    if ((*text == 'Z' || *text == 'z') && text[1] == '\0') {
        *seconds = 0;
        return true;
    }
    int hours = 0;
    int minutes = 0;
    int used = 0;
    if ((*text != '+' && *text != '-') || sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 ||
        text[1 + used] != '\0' || used != 5 || hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 60L + minutes) * 60L * (*text == '-' ? -1 : 1);
    return true;
}

bool moment_parse_rfc3339(struct moment *moment, const char *text)
{
    struct tm parts = {0};
    int32_t nanoseconds = 0;
    const char *rest = strptime(text, "%Y-%m-%d", &parts);
    if (!rest || (*rest != 'T' && *rest != 't' && *rest != ' '))
        return false;
    rest = strptime(rest + 1, "%H:%M", &parts);
    if (rest && *rest == ':')
        rest = strptime(rest + 1, "%S", &parts);
    if (!rest)
        return false;
    if (*rest == '.') {
        int32_t unit = 100000000;
        for (rest++; isdigit((unsigned char)*rest); rest++, unit /= 10)
            nanoseconds += (*rest - '0') * unit;
    }
    long offset = 0;
    if (!parse_offset(rest, &offset))
        return false;
    *moment = (struct moment){.seconds = (int64_t)timegm(&parts) - offset, .nanoseconds = nanoseconds};
    return true;
}

void moment_format_compact(struct moment moment, char *field, size_t size)
{
    time_t seconds = (time_t)moment.seconds;
    struct tm parts = {0};
    gmtime_r(&seconds, &parts);
    strftime(field, size, "%Y%m%dT%H%M%SZ", &parts);
}

void moment_format_list(struct moment moment, bool with_seconds, char *field, size_t size)
{
    struct tm parts = local_time(moment);
    strftime(field, size, with_seconds ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M", &parts);
}

void size_format(uint64_t bytes, char *field, size_t size)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < KIB) {
        snprintf(field, size, "%u B", (unsigned)bytes);
        return;
    }
    double value = (double)bytes / 1024;
    size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    snprintf(field, size, "%.1f %s", value, units[unit]);
}

bool size_parse(uint64_t *bytes, const char *text)
{
    char *end = NULL;
    if (!isdigit((unsigned char)*text))
        return false;
    long double value = strtold(text, &end);
    while (*end == ' ')
        end++;
    static const char letters[] = "KMGTPE";
    if (*end) {
        const char *letter = strchr(letters, toupper((unsigned char)*end));
        bool bare_bytes = toupper((unsigned char)*end) == 'B' && end[1] == '\0';
        if (!bare_bytes &&
            (!letter || (end[1] && strcasecmp(end + 1, "iB") != 0 && strcasecmp(end + 1, "B") != 0)))
            return false;
        for (long step = bare_bytes ? -1 : letter - letters; step >= 0; step--)
            value *= 1024;
    }
    if (value >= 9223372036854775808.0L)
        return false;
    *bytes = (uint64_t)value;
    return true;
}

void duration_format(int64_t seconds, char *field, size_t size)
{
    if (seconds < 0)
        seconds = 0;
    snprintf(field, size, "%lld:%02d:%02d", (long long)(seconds / 3600), (int)(seconds / 60 % 60),
             (int)(seconds % 60));
}
