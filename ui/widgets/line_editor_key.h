/* What keys do to a line that has the focus: as at a shell's prompt. Threads: one at a time. */
#ifndef REFPOINT_UI_WIDGETS_LINE_EDITOR_KEY_H
#define REFPOINT_UI_WIDGETS_LINE_EDITOR_KEY_H

#include "ui/keys/key.h"
#include "ui/widgets/line_editor.h"

enum line_editor_result {
    LINE_EDITOR_UNHANDLED, /* no editing key */
    LINE_EDITOR_HANDLED,   /* the cursor moved, or there was nothing to do */
    LINE_EDITOR_EDITED     /* the text changed */
};
/* Characters and pastes go in; arrows, Home and End (Ctrl-A, Ctrl-E) move; Backspace, Delete, Ctrl-W (word),
 * Ctrl-U (to the start) and Ctrl-K (to the end) delete. */
enum line_editor_result line_editor_key(struct line_editor *editor, const struct key_event *event);

#endif
