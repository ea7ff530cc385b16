/* What a look at the store found: sentences for people, collected along the way, each of them once.
 * Ownership: findings_clear releases; a NULL list swallows what is added. Threads: one at a time. */
#ifndef REFPOINT_HOST_STORE_FINDINGS_H
#define REFPOINT_HOST_STORE_FINDINGS_H

#include <stddef.h>

#include "core/base/error.h"

struct findings {
    char **items;
    size_t count;
    char **notes; /* what was done and is no fault */
    size_t note_count;
};

void findings_add(struct findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));
void findings_note(struct findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The whole of an error as one sentence. */
void findings_add_error(struct findings *findings, const struct error *err);
void findings_clear(struct findings *findings);

#endif
