/* Text that other people wrote: names, paths, messages of other programs. It may hold anything.
 *
 * Three ways out, one for each place it can do harm: text_escape for terminals and messages, text_slug for
 * file names, syntax/json.h for JSON. Threads: any. Returned strings are the caller's. */
#ifndef REFPOINT_BASE_TEXT_H
#define REFPOINT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Printable on one line: control characters (C0, DEL, C1), bidirectional controls, line separators, private
 * use, unassigned code points and bytes that are no UTF-8 become \n, \t, \xNN or \u{NNNN}; a backslash stays
 * as it is. Idempotent. */
char *text_escape(const char *text);

bool text_is_utf8(const char *text);

/* One step through text of `length` bytes (at least one): the code point, and in *used how many bytes it
 * takes; -1 and one byte where it is no UTF-8. */
int32_t text_next(const char *text, size_t length, size_t *used);
/* Whether text_escape leaves the code point as it is. */
bool text_is_printable(int32_t code_point);

/* Copies text into a field of `size` bytes, cut at a character with "..." when it does not fit. */
void text_copy_cut(char *field, size_t size, const char *text);

/* A file name from [A-Za-z0-9._-]: other characters become "-", no leading dot or dash, at most `limit`
 * bytes, never empty ("x" instead). Not unique: the caller adds an id. */
char *text_slug(const char *name, size_t limit);

/* Columns that text takes on a terminal (utf8proc's widths); text is valid UTF-8 without controls. */
size_t text_width(const char *text);

/* Quoted for a POSIX shell where it needs to be: a'b becomes 'a'\''b'; control characters use $'..'. */
char *text_shell_quote(const char *text);

#endif
