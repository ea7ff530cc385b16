#include "ui/draw/signs.h"

const char *sign_among(enum canvas_signs signs, enum sign sign)
{
    static const char *const texts[2][SIGN_NONE + 1] = {
        {"✓", "●", "‖", "!", "✗", "○", "-", " "},
        {"+", "*", "=", "!", "x", "o", "-", " "},
    };
    return texts[signs != CANVAS_FULL][sign];
}

const char *sign_arrow_among(enum canvas_signs signs)
{
    return signs == CANVAS_FULL ? "→" : "->";
}

const char *sign_mark(const struct canvas *canvas, enum sign sign)
{
    return sign_among(canvas_is_plain(canvas) ? CANVAS_PLAIN : CANVAS_FULL, sign);
}

const char *sign_arrow(const struct canvas *canvas)
{
    return sign_arrow_among(canvas_is_plain(canvas) ? CANVAS_PLAIN : CANVAS_FULL);
}
