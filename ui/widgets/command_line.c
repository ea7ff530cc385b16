#include "ui/widgets/command_line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "ui/draw/cells.h"

#define CONTINUED " \\"

void command_line_add(struct command_line *line, const char *word)
{
    *ARRAY_APPEND(line->words, line->count) = mem_strdup(word);
}

void command_line_add_option(struct command_line *line, const char *option, const char *value)
{
    command_line_add(line, option);
    command_line_add(line, value);
}

void command_line_begin(struct command_line *line, const char *host, const char *store, const char *config)
{
    command_line_add(line, "refpoint");
    if (host)
        command_line_add_option(line, "--host", host);
    if (store)
        command_line_add_option(line, "--store", store);
    if (config)
        command_line_add_option(line, "--config", config);
}

void command_line_clear(struct command_line *line)
{
    cells_free_lines(line->words, line->count);
    *line = (struct command_line){0};
}

char *command_line_text(const struct command_line *line)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < line->count; i++) {
        CLEANUP_FREE char *quoted = text_shell_quote(line->words[i]);
        strbuf_addf(&out, "%s%s", i > 0 ? " " : "", quoted);
    }
    return strbuf_take(&out);
}

static char *quote_in_ascii(const char *word)
{
    struct strbuf out = {0};
    strbuf_add(&out, "$'");
    for (; *word; word++) {
        unsigned char byte = (unsigned char)*word;
        if (byte < 0x20 || byte >= 0x7f)
            strbuf_addf(&out, "\\x%02x", byte);
        else
            strbuf_addf(&out, "%s%c", byte == '\'' || byte == '\\' ? "\\" : "", byte);
    }
    strbuf_add(&out, "'");
    return strbuf_take(&out);
}

static char *quote_for_screen(const char *word, bool ascii)
{
    char *quoted = text_shell_quote(word);
    CLEANUP_FREE char *shown = cells_safe(quoted, ascii);
    if (strcmp(shown, quoted) == 0)
        return quoted;
    free(quoted);
    return quote_in_ascii(word);
}

struct wrapping {
    struct strbuf line;
    size_t width;
    char **lines;
    size_t count;
};

static void end_line(struct wrapping *wrapping, const char *end)
{
    strbuf_add(&wrapping->line, end);
    *ARRAY_APPEND(wrapping->lines, wrapping->count) = strbuf_take(&wrapping->line);
    wrapping->width = 0;
}

/* What must stay together: an option and its value, which follows it. */
static char *next_unit(const struct command_line *line, size_t *at, bool ascii)
{
    CLEANUP_FREE char *word = quote_for_screen(line->words[*at], ascii);
    bool has_value = strncmp(line->words[*at], "--", 2) == 0 && *at + 1 < line->count &&
                     strncmp(line->words[*at + 1], "--", 2) != 0;
    (*at)++;
    if (!has_value)
        return mem_strdup(word);
    CLEANUP_FREE char *value = quote_for_screen(line->words[(*at)++], ascii);
    return mem_format("%s %s", word, value);
}

/* All words in lines, however many. What is longer than a line stands alone and is cut by who shows it: it
 * cannot be parted in a way that a shell takes back. */
static void wrap_all(const struct command_line *line, size_t columns, bool ascii, struct wrapping *wrapping)
{
    for (size_t at = 0; at < line->count;) {
        CLEANUP_FREE char *unit = next_unit(line, &at, ascii);
        size_t width = cells_width(unit, ascii);
        size_t needed = width + (at < line->count ? strlen(CONTINUED) : 0);
        if (wrapping->width > 0 && wrapping->width + 1 + needed > columns)
            end_line(wrapping, CONTINUED);
        strbuf_addf(&wrapping->line, "%s%s", wrapping->width > 0 ? " " : "", unit);
        wrapping->width += width + (wrapping->width > 0 ? 1 : 0);
    }
    if (wrapping->width > 0)
        end_line(wrapping, "");
}

/* Of a line that goes on: the same two columns say that the rest is not shown. */
static char *with_ellipsis(const char *line, bool ascii)
{
    size_t length = strlen(line) - strlen(CONTINUED);
    return mem_format("%.*s%s", (int)length, line, ascii ? ".." : " …");
}

void command_line_wrap(const struct command_line *line, size_t columns, size_t limit, bool ascii,
                       char ***lines, size_t *count)
{
    struct wrapping wrapping = {0};
    wrap_all(line, columns, ascii, &wrapping);
    *lines = wrapping.lines;
    *count = wrapping.count;
    while (*count > limit)
        free((*lines)[--*count]);
    if (wrapping.count > limit && limit > 0) {
        char *last = (*lines)[limit - 1];
        (*lines)[limit - 1] = with_ellipsis(last, ascii);
        free(last);
    }
}
