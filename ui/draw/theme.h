/* Themes: what each role looks like. Colours go by meaning, never by name (style.md, "Absorb" 9).
 *
 * A theme is data (themes/NAME.theme, libconfig). Per role a group:
 *     error = { fg = 203; bg = 234; fg16 = 9; bg16 = 0; attributes = ( "bold" ); mono = ( "bold" ); };
 * fg and bg are xterm's 256 numbers, fg16 (0..15) and bg16 (0..7) serve terminals with fewer; "default" is
 * the terminal's own colour. Attributes are "bold", "underline", "reverse"; mono is used where there are no
 * colours, and is the same list when left out. A colour left out, and a role left out, is that of `normal`;
 * `colours = false;` makes a theme without any. `normal` must be there: it declares the background against
 * which a theme's contrast is tested.
 *
 * The reader is theme.c, without curses; terminal.c turns styles into pairs. Every status is also a word or a
 * sign: a theme never carries meaning alone. */
#ifndef REFPOINT_UI_DRAW_THEME_H
#define REFPOINT_UI_DRAW_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/syntax/cfg.h"

/* X(enum, name in theme files, meaning) */
#define THEME_ROLES(X)                                                                                       \
    X(NORMAL, "normal", "text, and the background of everything")                                            \
    X(TITLE, "title", "the first line")                                                                      \
    X(TITLE_DIM, "title-dim", "what stands there on every screen")                                           \
    X(HEADING, "heading", "name of a pane or section")                                                       \
    X(HEADING_FOCUSED, "heading-focused", "name of the pane that has the focus")                             \
    X(DIM, "dim", "secondary text: ids, units, hints")                                                       \
    X(RULE, "rule", "lines between parts")                                                                   \
    X(COLUMN, "column", "the heading of a column of a list")                                                 \
    X(SELECTED, "selected", "the row under the cursor")                                                      \
    X(SELECTED_UNFOCUSED, "selected-unfocused", "the selected row of a pane without focus")                  \
    X(MARKED, "marked", "a row or box that is ticked")                                                       \
    X(MATCH, "match", "letters that were searched for, in a dialog")                                         \
    X(SELECTED_MATCH, "selected-match", "the same in the selected row")                                      \
    X(FILTER, "filter", "a filter and its count")                                                            \
    X(FIELD, "field", "a field that takes text")                                                             \
    X(FIELD_FOCUSED, "field-focused", "the field that has the focus")                                        \
    X(BUTTON, "button", "a button")                                                                          \
    X(BUTTON_FOCUSED, "button-focused", "the button that has the focus")                                     \
    X(DISABLED, "disabled", "what cannot be used now")                                                       \
    X(KEY, "key", "a key in the footer")                                                                     \
    X(FOOTER, "footer", "the rest of the footer")                                                            \
    X(ERROR, "error", "a refusal or failure")                                                                \
    X(WARNING, "warning", "done, but; or: think before you go on")                                           \
    X(SUCCESS, "success", "done and verified")                                                               \
    X(INFO, "info", "neutral news")                                                                          \
    X(PROGRESS_DONE, "progress-done", "the part of a bar that is done")                                      \
    X(PROGRESS_LEFT, "progress-left", "the part of a bar that is left")                                      \
    X(JOB_RUNNING, "job-running", "a job at work")                                                           \
    X(JOB_PAUSED, "job-paused", "a job that is suspended, was interrupted or cancelled")                     \
    X(JOB_DONE, "job-done", "a job that succeeded")                                                          \
    X(JOB_WARNING, "job-warning", "a job completed with warnings")                                           \
    X(JOB_FAILED, "job-failed", "a job that failed")                                                         \
    X(DIALOG, "dialog", "text of a dialog")                                                                  \
    X(DIALOG_BORDER, "dialog-border", "frame of a dialog")

enum theme_role {
#define THEME_ROLE_ENUM(id, name, meaning) ROLE_##id,
    THEME_ROLES(THEME_ROLE_ENUM)
#undef THEME_ROLE_ENUM
        ROLE_COUNT
};

enum theme_attribute {
    THEME_BOLD = 1 << 0,
    THEME_UNDERLINE = 1 << 1,
    THEME_REVERSE = 1 << 2,
};

#define THEME_COLOUR_DEFAULT (-1) /* the terminal's own */

struct theme_style {
    int foreground; /* 0..255 (xterm's numbering) or THEME_COLOUR_DEFAULT */
    int background;
    int foreground_basic; /* 0..15, for terminals with fewer than 256 colours; 8..15 = bright, bold where
                             there are only 8; or THEME_COLOUR_DEFAULT */
    int background_basic; /* 0..7, or THEME_COLOUR_DEFAULT */
    unsigned attributes;  /* of enum theme_attribute, with colours */
    unsigned mono;        /* the same where there are no colours, or NO_COLOR */
};

struct theme {
    char name[64];
    bool mono; /* start_color is never called */
    struct theme_style styles[ROLE_COUNT];
};

const char *theme_role_name(enum theme_role role);

/* A parsed file over a zeroed or used theme; its name is that of the file without directory and ".theme".
 * 32776 with file, line and the role or word that does not exist; the theme is unchanged then. */
bool theme_read(struct theme *theme, const config_setting_t *root, const char *name,
                struct error *err) WARN_UNUSED;

#endif
