/* What the command line writes: aligned tables, JSON Lines, sentences, and one progress line.
 *
 * Text from others is escaped here (text_escape), so that a name can do nothing to a terminal. No escape
 * sequences at all: the progress line is rewritten with a carriage return, and only on a terminal. Threads:
 * one at a time. Ownership: streams are the caller's. */
#ifndef REFPOINT_CLI_LINE_OUTPUT_H
#define REFPOINT_CLI_LINE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/error.h"
#include "core/syntax/json.h"

struct output {
    FILE *stream;
    FILE *errors;
    bool json;
    bool terminal;     /* stream is one */
    size_t line_shown; /* columns of the progress line that stands there now */
};

void output_begin(struct output *output, FILE *stream, FILE *errors, bool json);
/* Flushes; false when something could not be written (a full disk). A reader that went away is no failure. */
bool output_end(struct output *output, struct error *err) WARN_UNUSED;

/* One line of JSON; takes the reference. Nothing in text form. */
void output_json(struct output *output, json_t *value);
/* One line of text; nothing with --json. The whole line is escaped. */
void output_line(struct output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A document, for a file: byte for byte; only a terminal gets it line by line and escaped. Nothing with
 * --json. */
void output_document(struct output *output, const char *text);
/* Rewrites the progress line on a terminal; a line of its own elsewhere. */
void output_progress(struct output *output, const char *text);
/* To stderr, in both forms: "refpoint: warning: ...". */
void output_warning(struct output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* To stderr: "refpoint: what: cause. next". */
void output_error(struct output *output, const struct error *err);

/* A table: columns as wide as their widest cell, two spaces between, nothing after the last. A heading that
 * begins with '>' is of a column of numbers. Cells are escaped and copied. */
struct table {
    const char *const *headings;
    size_t column_count;
    char **cells;
    size_t cell_count;
};
void table_begin(struct table *table, const char *const *headings, size_t column_count);
void table_add(struct table *table, const char *text); /* NULL or "" is shown as "-" */
void table_addf(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes (text form only) and releases it. */
void table_end(struct table *table, struct output *output);

#endif
