#include "core/cli/line/output.h"

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"

#define NARROWEST_TERMINAL 20
#define USUAL_TERMINAL 80

void output_begin(struct output *output, FILE *stream, FILE *errors, bool json)
{
    int fd = fileno(stream);
    *output = (struct output){
        .stream = stream, .errors = errors, .json = json, .terminal = fd >= 0 && isatty(fd) == 1};
}

/* Leaves the progress line standing and goes below it. */
static void leave_progress_line(struct output *output)
{
    if (output->line_shown > 0)
        fputc('\n', output->stream);
    output->line_shown = 0;
}

/* `refpoint ... | head -1`: whoever reads has seen enough, which is no failure. */
static bool reader_is_gone(FILE *stream)
{
    struct pollfd poll_fd = {.fd = fileno(stream), .events = POLLOUT};
    return poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & POLLERR);
}

bool output_end(struct output *output, struct error *err)
{
    leave_progress_line(output);
    fflush(output->errors);
    if (fflush(output->stream) == 0 && !ferror(output->stream))
        return true;
    if (reader_is_gone(output->stream))
        return true;
    error_set(err, RETURN_FAILED, "output.write", "the output could not be written");
    return error_next(err, "What was asked may have been done all the same: look before you repeat it.");
}

void output_json(struct output *output, json_t *value)
{
    if (output->json) {
        CLEANUP_FREE char *line = json_line(value);
        fputs(line, output->stream);
        fputc('\n', output->stream);
        fflush(output->stream);
    }
    json_decref(value);
}

static void write_escaped(FILE *stream, const char *prefix, const char *text)
{
    CLEANUP_FREE char *safe = text_escape(text);
    fputs(prefix, stream);
    fputs(safe, stream);
    fputc('\n', stream);
}

void output_line(struct output *output, const char *format, ...)
{
    if (output->json)
        return;
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    leave_progress_line(output);
    write_escaped(output->stream, "", text);
    fflush(output->stream);
}

void output_document(struct output *output, const char *text)
{
    if (output->json)
        return;
    leave_progress_line(output);
    if (!output->terminal) {
        fputs(text, output->stream);
        fflush(output->stream);
        return;
    }
    CLEANUP_FREE char *lines = mem_strdup(text);
    char *rest = lines;
    for (char *line = strsep(&rest, "\n"); line && (rest || *line); line = strsep(&rest, "\n"))
        write_escaped(output->stream, "", line);
    fflush(output->stream);
}

static size_t terminal_width(const struct output *output)
{
    struct winsize size = {0};
    if (ioctl(fileno(output->stream), TIOCGWINSZ, &size) != 0 || size.ws_col < NARROWEST_TERMINAL)
        return USUAL_TERMINAL;
    return size.ws_col;
}

/* Cuts at a character so that the text takes at most `width` columns. */
static void cut_to_width(char *text, size_t width)
{
    size_t length = strlen(text);
    while (length > 0 && text_width(text) > width) {
        do
            length--;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80);
        text[length] = '\0';
    }
}

void output_progress(struct output *output, const char *text)
{
    if (output->json)
        return;
    if (!output->terminal) {
        write_escaped(output->stream, "", text);
        fflush(output->stream);
        return;
    }
    CLEANUP_FREE char *safe = text_escape(text);
    cut_to_width(safe, terminal_width(output) - 1);
    size_t width = text_width(safe);
    size_t rest = output->line_shown > width ? output->line_shown - width : 0;
    fprintf(output->stream, "\r%s%*s", safe, (int)rest, "");
    fflush(output->stream);
    output->line_shown = width;
}

void output_warning(struct output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    leave_progress_line(output);
    write_escaped(output->errors, "refpoint: ", text);
}

void output_error(struct output *output, const struct error *err)
{
    CLEANUP_FREE char *sentences = error_text(err);
    CLEANUP_FREE char *text = mem_format(err->code ? "%s (%u)" : "%s", sentences, (unsigned)err->code);
    leave_progress_line(output);
    fflush(output->stream);
    write_escaped(output->errors, "refpoint: ", text);
}

void table_begin(struct table *table, const char *const *headings, size_t column_count)
{
    *table = (struct table){.headings = headings, .column_count = column_count};
}

void table_add(struct table *table, const char *text)
{
    *ARRAY_APPEND(table->cells, table->cell_count) = text && *text ? text_escape(text) : mem_strdup("-");
}

void table_addf(struct table *table, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    table_add(table, text);
}

static bool is_number_column(const struct table *table, size_t column)
{
    return table->headings[column][0] == '>';
}

static const char *heading(const struct table *table, size_t column)
{
    return table->headings[column] + is_number_column(table, column);
}

static size_t column_width(const struct table *table, size_t column)
{
    size_t width = text_width(heading(table, column));
    for (size_t i = column; i < table->cell_count; i += table->column_count) {
        size_t cell = text_width(table->cells[i]);
        width = cell > width ? cell : width;
    }
    return width;
}

static void add_cell(struct strbuf *line, const struct table *table, const size_t *widths, size_t column,
                     const char *text)
{
    size_t padding = widths[column] - text_width(text);
    bool last = column + 1 == table->column_count;
    if (is_number_column(table, column))
        strbuf_addf(line, "%*s%s", (int)padding, "", text);
    else
        strbuf_addf(line, "%s%*s", text, last ? 0 : (int)padding, "");
    strbuf_add(line, last ? "\n" : "  ");
}

void table_end(struct table *table, struct output *output)
{
    CLEANUP_FREE size_t *widths = mem_alloc(table->column_count * sizeof *widths);
    CLEANUP_STRBUF struct strbuf text = {0};
    for (size_t column = 0; column < table->column_count; column++)
        widths[column] = column_width(table, column);
    for (size_t column = 0; column < table->column_count; column++)
        add_cell(&text, table, widths, column, heading(table, column));
    for (size_t i = 0, column = 0; i < table->cell_count; i++) {
        add_cell(&text, table, widths, column, table->cells[i]);
        free(table->cells[i]);
        column = column + 1 < table->column_count ? column + 1 : 0;
    }
    free(table->cells);
    if (!output->json && text.data) {
        leave_progress_line(output);
        fputs(text.data, output->stream);
    }
    *table = (struct table){0};
}
