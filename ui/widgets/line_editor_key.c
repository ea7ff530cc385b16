#include "ui/widgets/line_editor_key.h"

#include "core/base/mem.h"

#define CONTROL(letter) ((uint32_t)(letter) - 'a' + 1)

struct editing_key {
    uint32_t key;
    enum line_editor_place place;
    bool deletes;
};

static const struct editing_key editing_keys[] = {
    {KEY_CODE_BACKSPACE, LINE_EDITOR_LEFT, true}, {KEY_CODE_DELETE, LINE_EDITOR_RIGHT, true},
    {CONTROL('w'), LINE_EDITOR_WORD_LEFT, true},  {CONTROL('u'), LINE_EDITOR_HOME, true},
    {CONTROL('k'), LINE_EDITOR_END, true},        {KEY_CODE_LEFT, LINE_EDITOR_LEFT, false},
    {KEY_CODE_RIGHT, LINE_EDITOR_RIGHT, false},   {KEY_CODE_HOME, LINE_EDITOR_HOME, false},
    {KEY_CODE_END, LINE_EDITOR_END, false},       {CONTROL('a'), LINE_EDITOR_HOME, false},
    {CONTROL('e'), LINE_EDITOR_END, false},
};

enum line_editor_result line_editor_key(struct line_editor *editor, const struct key_event *event)
{
    line_editor_forget_loss(editor);
    if (*event->text)
        return line_editor_insert(editor, event->text) ? LINE_EDITOR_EDITED : LINE_EDITOR_HANDLED;
    for (size_t i = 0; i < ARRAY_LENGTH(editing_keys); i++) {
        const struct editing_key *known = &editing_keys[i];
        if (known->key != event->key)
            continue;
        if (known->deletes)
            return line_editor_delete(editor, known->place) ? LINE_EDITOR_EDITED : LINE_EDITOR_HANDLED;
        line_editor_move(editor, known->place);
        return LINE_EDITOR_HANDLED;
    }
    return LINE_EDITOR_UNHANDLED;
}
