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

const char *action_elsewhere(enum ui_action action)
{
    static const char *const texts[ACTION_COUNT] = {
        [ACTION_MARK] = "marks points, and in the forms",
        [ACTION_MARK_ALL] = "marks all points, or all disks in the export form",
        [ACTION_FILTER] = "narrows the lists",
        [ACTION_SORT] = "sorts the lists of collections and points",
        [ACTION_SORT_REVERSE] = "reverses the lists of collections and points",
        [ACTION_EXPORT] = "exports from the list of points",
        [ACTION_REVIEW] = "goes to the review from the export form",
        [ACTION_CREATE] = "makes a point from the list of points",
        [ACTION_REMOVE_DATA] = "gives a point's data back from the list of points",
        [ACTION_DESTROY] = "destroys a point from the list of points",
        [ACTION_DEFINE] = "defines a collection from the list of points",
        [ACTION_MACHINES] = "shows the machines from the list of points",
        [ACTION_STORE] = "opens another store from the list of points",
        [ACTION_DEMO] = "makes a demo from the list of points",
        [ACTION_HIDDEN] = "shows hidden files where a file is chosen",
        [ACTION_PACKAGES] = "lists packages from the list of points",
        [ACTION_VERIFY] = "verifies a package, from the lists of points and of packages",
        [ACTION_IMPORT] = "takes disks out of a package from the list of packages",
        [ACTION_CHECK] = "checks the store from the list of points",
        [ACTION_SETTINGS] = "shows the settings from the list of points",
        [ACTION_HOSTS] = "chooses the host from the list of points",
        [ACTION_JOBS] = "shows the jobs once this is closed",
        [ACTION_THEME] = "chooses the colours once this is closed",
        [ACTION_QUIT] = "leaves the program once this is closed",
        [ACTION_LOG] = "shows a job's log from the list of jobs",
        [ACTION_PAUSE] = "pauses a job from the list of jobs",
        [ACTION_CANCEL] = "cancels a job from the list of jobs",
        [ACTION_DISCARD] = "removes a job's record from the list of jobs",
        [ACTION_COPY] = "copies from a point, a job or its log",
        [ACTION_WRITE] = "writes the outcome of a job to a file",
        [ACTION_REFRESH] = "reads again where there is a list",
    };
    return action < ACTION_COUNT ? texts[action] : NULL;
}
