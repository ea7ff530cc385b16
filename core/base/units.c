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
    /* Before time zones there were offsets with seconds, which RFC 3339 cannot say: those in UTC. */
    bool in_utc = parts.tm_gmtoff % 60 != 0;
    time_t seconds = (time_t)moment.seconds;
    if (in_utc)
        gmtime_r(&seconds, &parts);
    char date[32];
    char fraction[16] = "";
    char offset[16];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    if (with_fraction)
        snprintf(fraction, sizeof fraction, ".%09d", moment.nanoseconds);
    moment_format_offset(moment, offset, sizeof offset);
    snprintf(field, size, "%s%s%s", date, fraction, in_utc ? "+00:00" : offset);
}

/* `count` digits as a number from 0 to `most`. */
static bool take_digits(const char **at, int count, int most, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, ++*at) {
        if (!isdigit((unsigned char)**at))
            return false;
        *value = *value * 10 + (**at - '0');
    }
    return *value <= most;
}

static bool take_one_of(const char **at, const char *characters)
{
    if (**at == '\0' || !strchr(characters, **at))
        return false;
    ++*at;
    return true;
}

static bool parse_offset(const char *at, int64_t *seconds)
{
    int hours;
    int minutes;
    bool west = *at == '-';
    *seconds = 0;
    if (take_one_of(&at, "Zz"))
        return *at == '\0';
    if (!take_one_of(&at, "+-") || !take_digits(&at, 2, 23, &hours) || !take_one_of(&at, ":") ||
        !take_digits(&at, 2, 59, &minutes) || *at != '\0')
        return false;
    *seconds = ((int64_t)hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

/* Digits behind the ninth are passed over. */
static bool take_fraction(const char **at, int32_t *nanoseconds)
{
    int32_t unit = 100000000;
    *nanoseconds = 0;
    if (!take_one_of(at, "."))
        return true;
    if (!isdigit((unsigned char)**at))
        return false;
    for (; isdigit((unsigned char)**at); ++*at, unit /= 10)
        *nanoseconds += (**at - '0') * unit;
    return true;
}

/* Seconds since 1970 of a date that exists; timegm would make the 3rd of March out of the 31st of February.
 */
static bool date_to_seconds(const struct tm *date, int64_t *seconds)
{
    struct tm day = {.tm_year = date->tm_year, .tm_mon = date->tm_mon, .tm_mday = date->tm_mday};
    *seconds = (int64_t)timegm(&day) + ((int64_t)date->tm_hour * 60 + date->tm_min) * 60 + date->tm_sec;
    return day.tm_mday == date->tm_mday && day.tm_mon == date->tm_mon;
}

bool moment_parse_rfc3339(struct moment *moment, const char *text)
{
    struct tm parts = {0};
    int32_t nanoseconds = 0;
    int64_t seconds = 0;
    int64_t offset = 0;
    const char *at = text;
    if (!take_digits(&at, 4, 9999, &parts.tm_year) || !take_one_of(&at, "-") ||
        !take_digits(&at, 2, 12, &parts.tm_mon) || !take_one_of(&at, "-") ||
        !take_digits(&at, 2, 31, &parts.tm_mday) || !take_one_of(&at, "Tt ") ||
        !take_digits(&at, 2, 23, &parts.tm_hour) || !take_one_of(&at, ":") ||
        !take_digits(&at, 2, 59, &parts.tm_min))
        return false;
    if (take_one_of(&at, ":") &&
        (!take_digits(&at, 2, 60, &parts.tm_sec) || !take_fraction(&at, &nanoseconds)))
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    if (!date_to_seconds(&parts, &seconds) || !parse_offset(at, &offset))
        return false;
    *moment = (struct moment){.seconds = seconds - offset, .nanoseconds = nanoseconds};
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

uint64_t size_whole_sectors(uint64_t bytes)
{
    return (bytes + 511) / 512 * 512;
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

/* Behind "12" or "1.5"; NULL when text does not begin so. */
static const char *decimal_end(const char *text)
{
    const char *end = text + strspn(text, "0123456789");
    if (end == text || *end != '.')
        return end == text ? NULL : end;
    size_t digits = strspn(end + 1, "0123456789");
    return digits ? end + 1 + digits : NULL;
}

bool size_parse(uint64_t *bytes, const char *text)
{
    char *end = NULL;
    const char *expected_end = decimal_end(text);
    if (!expected_end)
        return false;
    /* strtold alone would take "1e3" and "0x1p3" too. */
    long double value = strtold(text, &end);
    if (end != expected_end)
        return false;
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

#define DAYS_AS_HOURS ((int64_t)2 * 86400)

void moment_format_ago(struct moment moment, struct moment now, char *field, size_t size)
{
    int64_t seconds = now.seconds - moment.seconds;
    if (seconds < -60)
        snprintf(field, size, "in the future");
    else if (seconds < 60)
        snprintf(field, size, "just now");
    else if (seconds < 3600)
        snprintf(field, size, "%d min ago", (int)(seconds / 60));
    else if (seconds < DAYS_AS_HOURS)
        snprintf(field, size, "%d h ago", (int)(seconds / 3600));
    else
        snprintf(field, size, "%lld days ago", (long long)(seconds / 86400));
}

void moment_format_age(struct moment moment, struct moment now, char *field, size_t size)
{
    long long seconds = (long long)(now.seconds - moment.seconds);
    long long days = seconds / 86400;
    if (seconds < -60)
        snprintf(field, size, "later");
    else if (seconds < 60)
        snprintf(field, size, "just now");
    else if (seconds < 3600)
        snprintf(field, size, "%lld min ago", seconds / 60);
    else if (seconds < DAYS_AS_HOURS)
        snprintf(field, size, "%lld h ago", seconds / 3600);
    else if (days < 730)
        snprintf(field, size, "%lld d ago", days);
    else
        snprintf(field, size, "%lld y ago", days / 365);
}

bool age_parse(int64_t *seconds, const char *text)
{
    static const int64_t most = (int64_t)100 * 366 * 24 * 3600; /* whatever is older than that */
    int64_t number = 0;
    size_t digits = 0;
    for (; isdigit((unsigned char)text[digits]); digits++)
        number = number > most ? number : number * 10 + (text[digits] - '0');
    int64_t unit = 3600;
    switch (text[digits]) {
    case 'h':
        break;
    case 'd':
        unit *= 24;
        break;
    case 'w':
        unit *= (int64_t)24 * 7;
        break;
    default:
        return false;
    }
    if (text[digits + 1] || number == 0)
        return false;
    *seconds = number > most / unit ? most : number * unit;
    return true;
}
