/* Numbers as libvirt's definitions write them. Source: formatdomain, "memory"; virScaleInteger. Threads: any.
 */
#ifndef REFPOINT_DEFINITION_REWRITE_AMOUNT_H
#define REFPOINT_DEFINITION_REWRITE_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

/* A whole number, white space around it allowed. */
bool amount_parse_whole(const char *text, uint64_t *number);
/* "k" and "KiB" are 1024, "KB" is 1000, whatever the case; KiB where the unit is NULL. NULL, or what is
 * wrong: "is larger than 8 EiB". */
const char *amount_parse_bytes(const char *text, const char *unit, uint64_t *bytes);

#endif
