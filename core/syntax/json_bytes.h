/* Bytes in JSON. A path may be any bytes, and who reads it must get exactly those: text that is no UTF-8 is
 * kept as
 * {"hex": "..."}. Threads: any. Ownership: what is returned is the caller's. */
#ifndef REFPOINT_SYNTAX_JSON_BYTES_H
#define REFPOINT_SYNTAX_JSON_BYTES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define JSON_BYTES_LIST_LIMIT 100000

json_t *json_bytes(const char *text); /* NULL becomes null */
/* NULL for null, and for what is neither text nor hex. */
char *json_bytes_read(const json_t *value);
json_t *json_bytes_list(char *const *items, size_t count);
/* Appends to an array (mem.h); false for what is no list of bytes, or too long. No list at all is an empty
 * one. */
bool json_bytes_list_read(char ***items, size_t *count, const json_t *array);

#endif
