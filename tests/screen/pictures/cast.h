/* What a terminal is sent, recorded with its times as an asciicast (version 2), for a player.
 *
 * Source of the format: https://docs.asciinema.org/manual/asciicast/v2/. Ownership: cast_free. Threads: one.
 */
#ifndef REFPOINT_TESTS_SCREEN_PICTURES_CAST_H
#define REFPOINT_TESTS_SCREEN_PICTURES_CAST_H

#include <stddef.h>

struct cast;

struct cast *cast_new(const char *path, int rows, int columns); /* fails the test when it cannot be written */
void cast_add(struct cast *cast, const char *bytes, size_t length);
void cast_free(struct cast *cast); /* NULL is nothing */

#endif
