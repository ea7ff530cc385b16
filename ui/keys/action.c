#include "ui/keys/action.h"

#include <string.h>

static const struct action_info actions[ACTION_COUNT] = {
    [ACTION_NONE] = {.name = "", .label = "", .help = ""},
#define UI_ACTION_INFO(id, text, shown, line) [ACTION_##id] = {.name = text, .label = shown, .help = line},
    UI_ACTIONS(UI_ACTION_INFO)
#undef UI_ACTION_INFO
};

const struct action_info *action_info(enum ui_action action)
{
    return &actions[action > ACTION_NONE && action < ACTION_COUNT ? action : ACTION_NONE];
}

enum ui_action action_by_name(const char *name)
{
    for (enum ui_action action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
        if (strcmp(actions[action].name, name) == 0)
            return action;
    }
    return ACTION_NONE;
}
