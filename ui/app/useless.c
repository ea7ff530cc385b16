#include "ui/app/useless.h"

#include "core/base/mem.h"
#include "ui/app/message.h"
#include "ui/app/state.h"

/* A character, Space too, or a key of the top row: what is pressed for what it does. */
static bool is_pressed_on_purpose(uint32_t key)
{
    bool character = key >= ' ' && key < KEY_CODE_FIRST && key != 0x7f;
    return character || (key >= KEY_CODE_F1 && key <= KEY_CODE_F12);
}

static bool is_known_here(const struct screen *screen, enum ui_action action)
{
    for (const struct screen_hint *hint = screen->ops->hints(screen); hint->action != ACTION_NONE; hint++) {
        if (hint->action == action)
            return true;
    }
    return false;
}

void useless_tell(struct app *app, const struct screen *screen, const struct key_event *event)
{
    char key[16];
    char help[16];
    if (!is_pressed_on_purpose(event->key) ||
        (event->action != ACTION_NONE && is_known_here(screen, event->action)))
        return;
    const char *elsewhere = action_elsewhere(event->action);
    bool text = screen->ops->takes_text && screen->ops->takes_text(screen);
    keymap_key_name(event->key, key, sizeof key);
    if (text)
        keymap_text_key_label(app->keymap, ACTION_HELP, help, sizeof help);
    else
        keymap_key_label(app->keymap, ACTION_HELP, help, sizeof help);
    CLEANUP_FREE char *way = *help ? mem_format("; %s lists the keys.", help) : mem_strdup(".");
    message_put(app, ROLE_INFO, mem_format("%s %s%s", key, elsewhere ? elsewhere : "does nothing here", way));
}
