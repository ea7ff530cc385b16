/* From the terminal's bytes to keys. Without curses: its reader waits on its own, leaks the tails of
 * sequences it does not know, and cannot be tested without a terminal.
 *
 * Sequences are read by their grammar (ECMA-48 CSI and SS3; DCS, OSC and the like to their end), so that one
 * that means nothing here is swallowed whole as KEY_CODE_UNKNOWN; so is a key with Alt (Esc and its bytes at
 * once). What the terminal's own description says about its keys is added with input_learn. A lone Esc is
 * known by silence: after it, input_wait_ms tells how long to wait. What the terminal answers to a question
 * (answers.h) is no key, however late and in however many pieces it comes. Units: milliseconds. Threads: one
 * at a time. */
#ifndef REFPOINT_UI_TERMINAL_INPUT_H
#define REFPOINT_UI_TERMINAL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/keys/pointer.h"
#include "ui/terminal/answers.h"

#define INPUT_PASTE_LIMIT 65536 /* what is beyond is dropped */

struct input;

struct input *input_new(int escape_delay_ms);
void input_free(struct input *input);
/* What the terminal sends for a key (terminfo); NULL or "" is passed over, as is what is one printable
 * character. */
void input_learn(struct input *input, const char *sequence, uint32_t key);

/* The background has just been asked for. Until that moment a lone Esc may be the first byte of the answer,
 * and is held back; afterwards it is the key, and the rest of an answer that follows it is swallowed. */
void input_expect_answers(struct input *input, int64_t until_ms);
/* What has been answered so far; borrowed. */
const struct answers *input_answers(const struct input *input);

/* The mouse was turned on: its reports are KEY_CODE_POINTER. Otherwise they are swallowed. */
void input_expect_pointer(struct input *input);
/* Of the last KEY_CODE_POINTER; borrowed until the next call. */
const struct pointer_event *input_pointer(const struct input *input);

void input_feed(struct input *input, const char *bytes, size_t length, int64_t now_ms);
/* The next key press; false: none is complete (yet). *text is what it means as text, "" for none; borrowed
 * until the next call. */
bool input_next(struct input *input, int64_t now_ms, uint32_t *key, const char **text);
/* -1: nothing half-read; else after how long to ask again although nothing came. */
int input_wait_ms(const struct input *input, int64_t now_ms);

#endif
