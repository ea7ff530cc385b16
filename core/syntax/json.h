/* Helpers over jansson, for the command line's lines, the journal and the control socket.
 * jansson refuses strings that are no UTF-8; names may be anything. Ownership as in jansson: returned values
 * are new references. Threads: any. */
#ifndef REFPOINT_SYNTAX_JSON_H
#define REFPOINT_SYNTAX_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A JSON string; bytes that are no UTF-8 appear as \xNN; NULL becomes null. */
json_t *json_text(const char *text);
void json_put(json_t *object, const char *key, json_t *value); /* takes the reference */
void json_put_text(json_t *object, const char *key, const char *text);
void json_put_number(json_t *object, const char *key, uint64_t number); /* over 2^63-1: clamped */
void json_put_bool(json_t *object, const char *key, bool value);
/* Reading: the default where the key is missing or of another type. Text is borrowed from the object. */
const char *json_get_text(const json_t *object, const char *key, const char *otherwise);
uint64_t json_get_number(const json_t *object, const char *key, uint64_t otherwise);
bool json_get_bool(const json_t *object, const char *key, bool otherwise);
/* One line without the newline; owned by the caller. Safe to look at on a terminal: what text_escape would
 * not leave as it is (DEL, C1 controls, bidirectional controls ...) is written as \uNNNN, which reads as the
 * same text. */
char *json_line(const json_t *value);

#endif
