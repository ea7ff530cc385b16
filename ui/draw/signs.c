#include "ui/draw/signs.h"

const char *sign_mark(const struct canvas *canvas, enum sign sign)
{
    static const char *const texts[2][SIGN_NONE + 1] = {
        {"✓", "●", "‖", "!", "✗", "○", "-", " "},
        {"+", "*", "=", "!", "x", "o", "-", " "},
    };
    return texts[canvas_is_plain(canvas)][sign];
}

const char *sign_arrow(const struct canvas *canvas)
{
    return canvas_is_plain(canvas) ? "->" : "→";
}
