#include "tests/screen/pictures/screenshot.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/system/proc.h"

#define CELL_WIDTH 9
#define CELL_HEIGHT 19
#define MARGIN 10
#define BAR 30 /* of the window */
#define TOP (BAR + MARGIN)
#define BASELINE 14
#define DEFAULT_FOREGROUND "#d8dee9"
#define DEFAULT_BACKGROUND "#1d2128"

struct colours {
    char foreground[8];
    char background[8];
};

/* xterm's 256 colours above the first sixteen: libvterm spaces the cube evenly, terminals do not. */
static void xterm_colour(unsigned index, char text[8])
{
    static const unsigned char steps[6] = {0, 95, 135, 175, 215, 255};
    if (index >= 232) {
        unsigned grey = 8 + 10 * (index - 232);
        snprintf(text, 8, "#%02x%02x%02x", grey & 0xff, grey & 0xff, grey & 0xff);
        return;
    }
    unsigned cube = index - 16;
    snprintf(text, 8, "#%02x%02x%02x", steps[cube / 36 % 6], steps[cube / 6 % 6], steps[cube % 6]);
}

static void colour_text(const struct screenshot *shot, VTermColor colour, const char *otherwise, char text[8])
{
    if (VTERM_COLOR_IS_DEFAULT_FG(&colour) || VTERM_COLOR_IS_DEFAULT_BG(&colour)) {
        snprintf(text, 8, "%s", otherwise);
        return;
    }
    if (VTERM_COLOR_IS_INDEXED(&colour) && colour.indexed.idx >= 16) {
        xterm_colour(colour.indexed.idx, text);
        return;
    }
    vterm_screen_convert_color_to_rgb(shot->screen, &colour);
    snprintf(text, 8, "#%02x%02x%02x", colour.rgb.red, colour.rgb.green, colour.rgb.blue);
}

static struct colours cell_colours(const struct screenshot *shot, const VTermScreenCell *cell, bool cursor)
{
    struct colours colours;
    colour_text(shot, cell->fg, DEFAULT_FOREGROUND, colours.foreground);
    colour_text(shot, cell->bg, DEFAULT_BACKGROUND, colours.background);
    if ((cell->attrs.reverse != 0) != cursor) {
        struct colours swapped;
        memcpy(swapped.foreground, colours.background, sizeof swapped.foreground);
        memcpy(swapped.background, colours.foreground, sizeof swapped.background);
        return swapped;
    }
    return colours;
}

struct run { /* cells beside each other that look the same */
    struct colours colours;
    bool bold;
    bool underline;
    int column;
    int columns;
    struct strbuf text; /* escaped */
    bool blank;
};

static void add_run(struct strbuf *svg, int row, const struct run *run)
{
    int x = MARGIN + run->column * CELL_WIDTH;
    int y = TOP + row * CELL_HEIGHT;
    int width = run->columns * CELL_WIDTH;
    if (run->columns > 0 && strcmp(run->colours.background, DEFAULT_BACKGROUND) != 0)
        strbuf_addf(svg, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, y, width,
                    CELL_HEIGHT, run->colours.background);
    if (run->columns == 0 || run->blank)
        return;
    strbuf_addf(svg, "<text x=\"%d\" y=\"%d\" xml:space=\"preserve\" fill=\"%s\"%s%s>%s</text>\n", x,
                y + BASELINE, run->colours.foreground, run->bold ? " font-weight=\"bold\"" : "",
                run->underline ? " text-decoration=\"underline\"" : "", run->text.data);
}

static bool goes_on(const struct run *run, const struct colours *colours, const VTermScreenCell *cell)
{
    bool blank =
        cell->chars[0] == 0 || cell->chars[0] == ' '; /* words begin where they should, however wide */
    return run->columns > 0 && cell->width == 1 && run->blank == blank &&
           memcmp(&run->colours, colours, sizeof *colours) == 0 && run->bold == (cell->attrs.bold != 0) &&
           run->underline == (cell->attrs.underline != 0);
}

static void begin_run(struct run *run, int column, const struct colours *colours, const VTermScreenCell *cell)
{
    strbuf_free(&run->text);
    *run = (struct run){.colours = *colours,
                        .bold = cell->attrs.bold != 0,
                        .underline = cell->attrs.underline != 0,
                        .column = column,
                        .blank = true};
}

/* Blocks have to meet, whatever the font makes of them: eighths from below and from the left. */
static bool add_block(struct strbuf *svg, int row, int column, uint32_t sign, const char *colour)
{
    int x = MARGIN + column * CELL_WIDTH;
    int y = TOP + row * CELL_HEIGHT;
    bool below = sign >= 0x2581 && sign <= 0x2588;
    bool left = sign > 0x2588 && sign <= 0x258f;
    if (!below && !left)
        return false;
    double height = below ? (double)CELL_HEIGHT * (sign - 0x2580) / 8 : CELL_HEIGHT;
    double width = left ? (double)CELL_WIDTH * (0x2590 - sign) / 8 : CELL_WIDTH;
    strbuf_addf(svg, "<rect x=\"%d\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n", x,
                y + CELL_HEIGHT - height, width, height, colour);
    return true;
}

/* A sign of two columns, and blocks that have to meet, stand alone. */
static bool stands_alone(const VTermScreenCell *cell)
{
    return cell->width != 1 || (cell->chars[0] >= 0x2500 && cell->chars[0] < 0x25a0);
}

static void add_row(const struct screenshot *shot, struct strbuf *svg, int row)
{
    struct run run = {0};
    for (int column = 0; column < shot->columns;) {
        VTermScreenCell cell;
        vterm_screen_get_cell(shot->screen, (VTermPos){.row = row, .col = column}, &cell);
        struct colours colours = {{0}, {0}};
        colours = cell_colours(shot, &cell, row == shot->cursor_row && column == shot->cursor_column);
        int columns = cell.width > 0 ? cell.width : 1;
        if (add_block(svg, row, column, cell.chars[0], colours.foreground)) {
            add_run(svg, row, &run);
            run.columns = 0;
            column++;
            continue;
        }
        if (stands_alone(&cell) || !goes_on(&run, &colours, &cell)) {
            add_run(svg, row, &run);
            begin_run(&run, column, &colours, &cell);
        }
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
            strbuf_addf(&run.text, "&#%u;", cell.chars[i]);
        if (cell.chars[0] == 0)
            strbuf_add(&run.text, " ");
        run.blank = run.blank && (cell.chars[0] == 0 || cell.chars[0] == ' ');
        run.columns += columns;
        column += columns;
        if (stands_alone(&cell)) {
            add_run(svg, row, &run);
            run.columns = 0;
        }
    }
    add_run(svg, row, &run);
    strbuf_free(&run.text);
}

/* The window around it: nothing that the program draws. */
static void add_frame(struct strbuf *svg, int width, int height)
{
    static const char *const buttons[] = {"#e06c75", "#e5c07b", "#98c379"};
    strbuf_addf(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"DejaVu Sans "
        "Mono, IPAGothic\" font-size=\"15\">\n<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#3a3f4b\"/>\n"
        "<rect y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"" DEFAULT_BACKGROUND "\"/>\n"
        "<rect y=\"%d\" width=\"%d\" height=\"16\" fill=\"" DEFAULT_BACKGROUND "\"/>\n",
        width, height, width, height, BAR, width, height - BAR, BAR, width);
    for (int i = 0; i < 3; i++)
        strbuf_addf(svg, "<circle cx=\"%d\" cy=\"%d\" r=\"6\" fill=\"%s\"/>\n", 20 + 20 * i, BAR / 2,
                    buttons[i]);
}

static bool write_text(const char *path, const struct strbuf *text)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    bool ok = fwrite(text->data, 1, text->length, file) == text->length;
    return fclose(file) == 0 && ok;
}

bool screenshot_write(const struct screenshot *shot, const char *directory, const char *name)
{
    CLEANUP_STRBUF struct strbuf svg = {0};
    int width = 2 * MARGIN + shot->columns * CELL_WIDTH;
    int height = TOP + MARGIN + shot->rows * CELL_HEIGHT;
    add_frame(&svg, width, height);
    for (int row = 0; row < shot->rows; row++)
        add_row(shot, &svg, row);
    strbuf_add(&svg, "</svg>\n");
    CLEANUP_FREE char *svg_path = mem_format("%s/%s.svg", directory, name);
    CLEANUP_FREE char *png_path = mem_format("%s/%s.png", directory, name);
    struct error err = {0};
    const char *argv[] = {"rsvg-convert", "-o", png_path, svg_path, NULL};
    bool ok = write_text(svg_path, &svg) &&
              proc_run(&(struct proc_spec){.argv = argv}, 30000, "screenshot", NULL, &err);
    if (!ok) {
        fprintf(stderr, "cannot write %s: %s %s\n", png_path, err.what, err.cause);
        return false;
    }
    return true;
}
