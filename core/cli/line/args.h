/* Options and operands of one command, parsed from the same table that its --help is written from.
 *
 * `--name VALUE`, `--name=VALUE`, flags, `--` ends the options, a lone `-` is an operand. Names are not
 * abbreviated: a script must not change its meaning when an option is added. Values are checked here
 * (numbers, sizes, choices; never empty), so that a command sees good ones only.
 *
 * Errors: 32773, key "usage.…", with the nearest known name and where help is. Ownership: args_clear; texts
 * are borrowed from argv. Threads: any. */
#ifndef REFPOINT_CLI_LINE_ARGS_H
#define REFPOINT_CLI_LINE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

enum args_kind { ARGS_FLAG, ARGS_TEXT, ARGS_NUMBER, ARGS_SIZE, ARGS_CHOICE };

struct args_option {
    const char *name;  /* without the dashes */
    const char *value; /* how help calls the value; of a choice the words: "qcow2|raw" */
    const char *help;
    uint64_t least; /* ARGS_NUMBER, ARGS_SIZE */
    uint64_t most;  /* 0 = no limit */
    enum args_kind kind;
    bool required;
    bool repeat;
};

struct args_operand {
    const char *name;
    const char *help;
    bool optional; /* only the last ones */
};

struct args_spec {
    const char *command; /* "point create"; "" for the program itself */
    const struct args_option *options;
    size_t option_count;
    const struct args_operand *operands; /* each given once */
    size_t operand_count;
    bool stop_at_operand; /* the options before the noun: the rest is left alone */
};

struct args_value {
    const struct args_option *option;
    const char *text; /* NULL for a flag */
};

struct args {
    const char **operands;
    size_t operand_count;
    struct args_value *values;
    size_t value_count;
    int used; /* how many of argv were read */
};

/* The options that every command takes besides its own: --json, --help, --host, --store, --config. */
const struct args_option *args_common_options(size_t *count);

/* argv without the command's words. With --help among the options the rest is not checked. */
bool args_parse(const struct args_spec *spec, int argc, char **argv, struct args *args,
                struct error *err) WARN_UNUSED;
void args_clear(struct args *args);

bool args_flag(const struct args *args, const char *name);
const char *args_text(const struct args *args, const char *name); /* the last one; NULL */
uint64_t args_number(const struct args *args, const char *name, uint64_t otherwise);
/* The index-th value of a repeatable option; NULL past the last. */
const char *args_nth(const struct args *args, const char *name, size_t index);
size_t args_count(const struct args *args, const char *name);

/* The candidate that is nearest to what was typed; NULL when none is near. Candidates: `count` texts, each at
 * the given distance from the next (so that tables of structs can be searched). */
const char *args_nearest(const char *typed, const char *const *first, size_t count, size_t stride);

#endif
