#include "core/cli/line/args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/units.h"

#define WORD_LIMIT 64 /* longer ones are near to nothing */

static const struct args_option common_options[] = {
    {.name = "json", .kind = ARGS_FLAG, .help = "write JSON Lines with fixed names instead of text"},
    {.name = "help", .kind = ARGS_FLAG, .help = "say what this command does and takes"},
    {.name = "host", .kind = ARGS_TEXT, .value = "NAME", .help = "host from the configuration file"},
    {.name = "store", .kind = ARGS_TEXT, .value = "DIR", .help = "store of the local host"},
    {.name = "config", .kind = ARGS_TEXT, .value = "FILE", .help = "configuration file"},
};

const struct args_option *args_common_options(size_t *count)
{
    *count = ARRAY_LENGTH(common_options);
    return common_options;
}

static size_t least_of(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* Levenshtein's distance. */
static size_t distance(const char *left, const char *right)
{
    size_t width = strlen(right);
    if (strlen(left) > WORD_LIMIT || width > WORD_LIMIT)
        return SIZE_MAX;
    size_t row[WORD_LIMIT + 1];
    for (size_t i = 0; i <= width; i++)
        row[i] = i;
    for (size_t i = 0; left[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < width; k++) {
            size_t replaced = diagonal + (left[i] != right[k]);
            diagonal = row[k + 1];
            row[k + 1] = least_of(replaced, least_of(row[k], row[k + 1]) + 1);
        }
    }
    return row[width];
}

const char *args_nearest(const char *typed, const char *const *first, size_t count, size_t stride)
{
    const char *nearest = NULL;
    size_t best = strlen(typed) / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        const char *const *candidate = (const void *)((const char *)first + i * stride);
        size_t far = *candidate ? distance(typed, *candidate) : SIZE_MAX;
        /* A word of which only the beginning was typed is near too. */
        if (*candidate && strlen(typed) >= 3 && strncmp(typed, *candidate, strlen(typed)) == 0)
            far = 0;
        if (far < best || (far == best && !nearest)) {
            best = far;
            nearest = *candidate;
        }
    }
    return nearest;
}

static bool usage(const struct args_spec *spec, struct error *err)
{
    const char *gap = *spec->command ? " " : "";
    if (*err->next) {
        CLEANUP_FREE char *before = mem_strdup(err->next);
        return error_next(err, "%s See refpoint %s%s--help.", before, spec->command, gap);
    }
    return error_next(err, "See refpoint %s%s--help.", spec->command, gap);
}

static const struct args_option *find_in(const struct args_option *options, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    }
    return NULL;
}

static const struct args_option *find_option(const struct args_spec *spec, const char *name)
{
    const struct args_option *option = find_in(spec->options, spec->option_count, name);
    return option ? option : find_in(common_options, ARRAY_LENGTH(common_options), name);
}

static bool unknown_option(const struct args_spec *spec, const char *typed, const char *name,
                           struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "usage.option", "unknown option %s", typed);
    const char *near = NULL;
    if (spec->option_count > 0)
        near = args_nearest(name, &spec->options[0].name, spec->option_count, sizeof *spec->options);
    if (!near)
        near =
            args_nearest(name, &common_options[0].name, ARRAY_LENGTH(common_options), sizeof *common_options);
    if (near)
        error_next(err, "Did you mean --%s?", near);
    return usage(spec, err);
}

static bool is_choice(const char *choices, const char *text)
{
    size_t length = strlen(text);
    for (const char *at = choices;; at++) {
        size_t word = strcspn(at, "|");
        if (word == length && strncmp(at, text, length) == 0)
            return true;
        at += word;
        if (!*at)
            return false;
    }
}

static bool parse_number(const char *text, uint64_t *number)
{
    if (text[strspn(text, "0123456789")] != '\0')
        return false;
    errno = 0;
    *number = strtoull(text, NULL, 10);
    return errno == 0;
}

static bool check_value(const struct args_spec *spec, const struct args_option *option, const char *text,
                        struct error *err)
{
    uint64_t number = 0;
    bool limited = option->most > 0;
    bool good = *text != '\0';
    CLEANUP_FREE char *wanted = mem_strdup("it must not be empty");
    if (option->kind == ARGS_CHOICE) {
        good = is_choice(option->value, text);
        free(wanted);
        wanted = mem_format("it must be one of %s", option->value);
    } else if (option->kind == ARGS_NUMBER) {
        good = good && parse_number(text, &number);
        good = good && (!limited || (number >= option->least && number <= option->most));
        free(wanted);
        wanted = mem_format("it must be a number from %" PRIu64 " to %" PRIu64, option->least, option->most);
    } else if (option->kind == ARGS_SIZE) {
        good = good && size_parse(&number, text) && number >= option->least;
        free(wanted);
        wanted = mem_format("it must be a size such as 512M or 4GiB%s", option->least ? ", at least 1" : "");
    }
    if (good)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "usage.value", "--%s cannot be \"%s\"", option->name, text);
    error_cause(err, "%s", wanted);
    return usage(spec, err);
}

static bool take_option(const struct args_spec *spec, int argc, char **argv, int *at, struct args *args,
                        struct error *err)
{
    const char *typed = argv[*at];
    size_t length = strcspn(typed, "=");
    CLEANUP_FREE char *name = mem_strndup(typed + 2, length > 2 ? length - 2 : 0);
    const char *value = typed[length] == '=' ? typed + length + 1 : NULL;
    const struct args_option *option = typed[1] == '-' ? find_option(spec, name) : NULL;
    if (strcmp(typed, "-h") == 0)
        option = find_option(spec, "help");
    if (!option) {
        CLEANUP_FREE char *shown = mem_strndup(typed, length);
        return unknown_option(spec, shown, name, err);
    }
    if (option->kind == ARGS_FLAG && value) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.value", "--%s takes no value", option->name);
        return usage(spec, err);
    }
    if (option->kind != ARGS_FLAG && !value) {
        if (*at + 1 >= argc) {
            error_set(err, RETURN_INVALID_PARAMETER, "usage.value", "--%s needs a value: %s", option->name,
                      option->value);
            return usage(spec, err);
        }
        value = argv[++*at];
    }
    if (!option->repeat && option->kind != ARGS_FLAG && args_text(args, option->name)) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.twice", "--%s is given twice", option->name);
        return usage(spec, err);
    }
    if (value && !check_value(spec, option, value, err))
        return false;
    *ARRAY_APPEND(args->values, args->value_count) = (struct args_value){.option = option, .text = value};
    return true;
}

static bool check_complete(const struct args_spec *spec, const struct args *args, struct error *err)
{
    if (args->operand_count < spec->operand_count && !spec->operands[args->operand_count].optional) {
        const struct args_operand *missing = &spec->operands[args->operand_count];
        error_set(err, RETURN_INVALID_PARAMETER, "usage.missing", "%s is missing", missing->name);
        error_cause(err, "%s", missing->help);
        return usage(spec, err);
    }
    if (args->operand_count > spec->operand_count) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.operand", "\"%s\" is one word too many",
                  args->operands[spec->operand_count]);
        return usage(spec, err);
    }
    for (size_t i = 0; i < args->operand_count; i++) {
        if (*args->operands[i])
            continue;
        /* As a variable that is not set leaves it: taken as a path it would be the current directory. */
        error_set(err, RETURN_INVALID_PARAMETER, "usage.value", "%s must not be empty",
                  spec->operands[i].name);
        error_cause(err, "%s", spec->operands[i].help);
        return usage(spec, err);
    }
    for (size_t i = 0; i < spec->option_count; i++) {
        if (spec->options[i].required && args_count(args, spec->options[i].name) == 0) {
            error_set(err, RETURN_INVALID_PARAMETER, "usage.missing", "--%s %s is missing",
                      spec->options[i].name, spec->options[i].value);
            error_cause(err, "%s", spec->options[i].help);
            return usage(spec, err);
        }
    }
    return true;
}

bool args_parse(const struct args_spec *spec, int argc, char **argv, struct args *args, struct error *err)
{
    *args = (struct args){0};
    bool options_end = false;
    int at = 0;
    for (; at < argc; at++) {
        bool is_option = !options_end && argv[at][0] == '-' && argv[at][1] != '\0';
        if (is_option && strcmp(argv[at], "--") == 0) {
            options_end = true;
        } else if (is_option) {
            if (!take_option(spec, argc, argv, &at, args, err)) {
                args_clear(args);
                return false;
            }
        } else if (spec->stop_at_operand) {
            break;
        } else {
            *ARRAY_APPEND(args->operands, args->operand_count) = argv[at];
        }
    }
    args->used = at;
    if (spec->stop_at_operand || args_flag(args, "help") || check_complete(spec, args, err))
        return true;
    args_clear(args);
    return false;
}

void args_clear(struct args *args)
{
    free(args->operands);
    free(args->values);
    *args = (struct args){0};
}

const char *args_nth(const struct args *args, const char *name, size_t index)
{
    for (size_t i = 0; i < args->value_count; i++) {
        if (strcmp(args->values[i].option->name, name) == 0 && index-- == 0)
            return args->values[i].text;
    }
    return NULL;
}

size_t args_count(const struct args *args, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < args->value_count; i++)
        count += strcmp(args->values[i].option->name, name) == 0;
    return count;
}

bool args_flag(const struct args *args, const char *name)
{
    return args_count(args, name) > 0;
}

const char *args_text(const struct args *args, const char *name)
{
    size_t count = args_count(args, name);
    return count ? args_nth(args, name, count - 1) : NULL;
}

uint64_t args_number(const struct args *args, const char *name, uint64_t otherwise)
{
    uint64_t number = otherwise;
    for (size_t i = 0; i < args->value_count; i++) {
        const struct args_option *option = args->values[i].option;
        if (strcmp(option->name, name) != 0)
            continue;
        /* Both were checked when they were parsed. */
        if (option->kind == ARGS_SIZE ? !size_parse(&number, args->values[i].text)
                                      : !parse_number(args->values[i].text, &number))
            number = otherwise;
    }
    return number;
}
