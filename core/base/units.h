/* Times and sizes as people and files write them. Sizes are IEC (1 KiB = 1024). Threads: any. */
#ifndef REFPOINT_BASE_UNITS_H
#define REFPOINT_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KIB ((uint64_t)1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)

/* A moment in UTC; {0, 0} = not set. */
struct moment {
    int64_t seconds;
    int32_t nanoseconds;
};

struct moment moment_now(void);
int64_t monotonic_milliseconds(void);
int moment_compare(struct moment left, struct moment right);

/* RFC 3339 with the local offset and, when with_fraction, nine digits: "2026-09-24T02:00:00+02:00". */
void moment_format_rfc3339(struct moment moment, bool with_fraction, char *field, size_t size);
bool moment_parse_rfc3339(struct moment *moment, const char *text);
/* UTC, for names of packages: "20260924T000000Z". */
void moment_format_compact(struct moment moment, char *field, size_t size);
/* Local, for lists: "2026-09-24 02:00"; with_seconds adds ":17". */
void moment_format_list(struct moment moment, bool with_seconds, char *field, size_t size);
/* The local offset at that moment: "+02:00". */
void moment_format_offset(struct moment moment, char *field, size_t size);

/* Rounded up to sectors of 512 bytes, in which qcow2 and NBD count. */
uint64_t size_whole_sectors(uint64_t bytes);
/* "412.0 GiB", "0 B"; at most 11 characters. */
void size_format(uint64_t bytes, char *field, size_t size);
/* "10G", "512MiB", "1.5 TiB", "4096"; a bare letter is IEC. false: not a size, negative, or over 2^63-1. */
bool size_parse(uint64_t *bytes, const char *text);
/* How long ago, for people: "just now", "5 min ago", "3 h ago", "2 days ago"; "in the future" where a clock
 * was set back. */
void moment_format_ago(struct moment moment, struct moment now, char *field, size_t size);
/* The same in at most 10 columns: "just now", "5 min ago", "3 h ago", "12 d ago", "3 y ago"; "later" where a
 * clock was set back. */
void moment_format_age(struct moment moment, struct moment now, char *field, size_t size);
/* "30d", "12h", "8w": a whole number above 0 of hours, days or weeks, in seconds. false: anything else. */
bool age_parse(int64_t *seconds, const char *text);
/* "0:17:52" */
void duration_format(int64_t seconds, char *field, size_t size);

#endif
