#include "tests/screen/screenshot.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/system/proc.h"

#define CELL_WIDTH 9
#define CELL_HEIGHT 19
#define MARGIN 10
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

static void add_cell(const struct screenshot *shot, struct strbuf *svg, int row, int column,
                     const VTermScreenCell *cell)
{
    bool cursor = row == shot->cursor_row && column == shot->cursor_column;
    struct colours colours = cell_colours(shot, cell, cursor);
    int x = MARGIN + column * CELL_WIDTH;
    int y = MARGIN + row * CELL_HEIGHT;
    if (strcmp(colours.background, DEFAULT_BACKGROUND) != 0)
        strbuf_addf(svg, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, y,
                    CELL_WIDTH * (cell->width > 0 ? cell->width : 1), CELL_HEIGHT, colours.background);
    if (cell->chars[0] == 0 || cell->chars[0] == ' ')
        return;
    strbuf_addf(svg, "<text x=\"%d\" y=\"%d\" fill=\"%s\"%s%s>", x, y + 14, colours.foreground,
                cell->attrs.bold ? " font-weight=\"bold\"" : "",
                cell->attrs.underline ? " text-decoration=\"underline\"" : "");
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
        strbuf_addf(svg, "&#%u;", cell->chars[i]);
    strbuf_add(svg, "</text>\n");
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
    int height = 2 * MARGIN + shot->rows * CELL_HEIGHT;
    strbuf_addf(&svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"DejaVu "
                "Sans Mono\" "
                "font-size=\"15\">\n<rect width=\"%d\" height=\"%d\" fill=\"" DEFAULT_BACKGROUND "\"/>\n",
                width, height, width, height);
    for (int row = 0; row < shot->rows; row++) {
        for (int column = 0; column < shot->columns;) {
            VTermScreenCell cell;
            vterm_screen_get_cell(shot->screen, (VTermPos){.row = row, .col = column}, &cell);
            add_cell(shot, &svg, row, column, &cell);
            column += cell.width > 0 ? cell.width : 1;
        }
    }
    strbuf_add(&svg, "</svg>\n");
    CLEANUP_FREE char *svg_path = mem_format("%s/%s.svg", directory, name);
    CLEANUP_FREE char *png_path = mem_format("%s/%s.png", directory, name);
    struct error err = {0};
    const char *argv[] = {"rsvg-convert", "-o", png_path, svg_path, NULL};
    bool ok = write_text(svg_path, &svg) &&
              proc_run(&(struct proc_spec){.argv = argv}, 30000, "screenshot", NULL, &err);
    unlink(svg_path);
    if (!ok) {
        fprintf(stderr, "cannot write %s: %s %s\n", png_path, err.what, err.cause);
        return false;
    }
    return true;
}
