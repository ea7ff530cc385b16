/* Random ids (RFC 4122 version 4) as lower-case text; identity never depends on time, name or count
 * (traps.md 9). A zeroed struct guid is "none". Threads: any. */
#ifndef REFPOINT_BASE_GUID_H
#define REFPOINT_BASE_GUID_H

#include <stdbool.h>

struct guid {
    char text[37]; /* "" = none */
};

struct guid guid_new(void);
bool guid_parse(struct guid *guid, const char *text); /* accepts upper case and {braces}; false: not a GUID */
/* As libvirt reads them: 32 digits, with hyphens between the bytes or without, and blanks around. */
bool guid_parse_digits(struct guid *guid, const char *text);
bool guid_is_none(const struct guid *guid);
bool guid_equal(const struct guid *left, const struct guid *right);

#endif
