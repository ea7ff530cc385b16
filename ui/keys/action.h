/* The actions: one table gives the enum, the name in key files, the help line and the footer's label.
 *
 * Source: ux.md ("Keys"). Which keys an action has is data (themes/default.keys, keymap.h); what it does is
 * the screen's. Only actions that some screen performs are here. Threads: any; everything is constant. */
#ifndef REFPOINT_UI_KEYS_ACTION_H
#define REFPOINT_UI_KEYS_ACTION_H

/* X(enum, name in key files, footer label, help line) */
#define UI_ACTIONS(X)                                                                                        \
    X(UP, "up", "up", "Move up")                                                                             \
    X(DOWN, "down", "down", "Move down")                                                                     \
    X(LEFT, "left", "left", "Move to the left pane, field or choice")                                        \
    X(RIGHT, "right", "right", "Move to the right pane, field or choice")                                    \
    X(PAGE_UP, "page-up", "page up", "Move up by a page")                                                    \
    X(PAGE_DOWN, "page-down", "page down", "Move down by a page")                                            \
    X(FIRST, "first", "first", "Move to the first row")                                                      \
    X(LAST, "last", "last", "Move to the last row")                                                          \
    X(OPEN, "open", "open", "Open what the cursor is on")                                                    \
    X(BACK, "back", "back", "Go back; leave a filter; stop waiting")                                         \
    X(NEXT_PANE, "next-pane", "next", "Next pane or field")                                                  \
    X(PREVIOUS_PANE, "previous-pane", "previous", "Previous pane or field")                                  \
    X(MARK, "mark", "mark", "Mark or unmark, toggle")                                                        \
    X(MARK_ALL, "mark-all", "all", "Mark all, or none")                                                      \
    X(FILTER, "filter", "filter", "Narrow the list as you type")                                             \
    X(SORT, "sort", "sort", "Sort by the next column")                                                       \
    X(SORT_REVERSE, "sort-reverse", "reverse", "Sort the other way round")                                   \
    X(EXPORT, "export", "export", "Export the selected point")                                               \
    X(REVIEW, "review", "review", "Go to the review, from anywhere in the export form")                      \
    X(CREATE, "create", "new point", "Create a reference point of the selected collection")                  \
    X(REMOVE_DATA, "remove-data", "remove data", "Give the space of the selected point back; asks first")    \
    X(DESTROY, "destroy", "destroy", "Destroy the selected point, delete the collection; asks first")        \
    X(DEFINE, "define", "collection", "Define a collection of machines")                                     \
    X(MACHINES, "machines", "machines", "Show the machines; add, change and remove them")                    \
    X(STORE, "store", "another store", "Open another store of this machine")                                 \
    X(DEMO, "demo", "try the demo", "Make a small store with real images to try everything on")              \
    X(HIDDEN, "hidden", "hidden", "Show hidden files, or leave them out")                                    \
    X(PACKAGES, "packages", "packages", "List the packages in a directory")                                  \
    X(VERIFY, "verify", "verify", "Verify the selected package, every byte, as a job")                       \
    X(IMPORT, "import", "import", "Copy the disks out of the selected package into plain images")            \
    X(CHECK, "check", "check", "Look through the store for damage, mend what is safe to mend")               \
    X(SETTINGS, "settings", "settings", "Show all settings, and change them")                                \
    X(HOSTS, "hosts", "hosts", "Choose the host whose machines are shown")                                   \
    X(JOBS, "jobs", "jobs", "Show all jobs, finished ones too")                                              \
    X(LOG, "log", "log", "Show the log of the job")                                                          \
    X(PAUSE, "pause", "pause", "Pause the job, or let it go on")                                             \
    X(CANCEL, "cancel", "cancel", "Cancel the job; asks first")                                              \
    X(DISCARD, "discard", "discard", "Remove the record of an ended job; asks first")                        \
    X(COPY, "copy", "copy", "Copy what is shown to the terminal's clipboard")                                \
    X(WRITE, "write", "write", "Write what is shown to a file")                                              \
    X(REFRESH, "refresh", "refresh", "Read everything again")                                                \
    X(REDRAW, "redraw", "redraw", "Draw the screen again")                                                   \
    X(PALETTE, "palette", "actions", "Find an action by its name, and do it")                                \
    X(THEME, "theme", "theme", "Choose the colours")                                                         \
    X(HELP, "help", "help", "Show what the keys do here")                                                    \
    X(QUIT, "quit", "quit", "Leave the program; jobs can go on")

enum ui_action {
    ACTION_NONE,
#define UI_ACTION_ENUM(id, name, label, help) ACTION_##id,
    UI_ACTIONS(UI_ACTION_ENUM)
#undef UI_ACTION_ENUM
        ACTION_COUNT
};

struct action_info {
    const char *name;  /* in key files: "page-up" */
    const char *label; /* in the footer: "page up" */
    const char *help;  /* one line */
};

/* What its key does on another screen, after the key's name: "exports from the list of points"; NULL: its key
 * is said to do nothing where it does nothing. */
const char *action_elsewhere(enum ui_action action);
/* "" in every part for ACTION_NONE and what is no action. */
const struct action_info *action_info(enum ui_action action);
enum ui_action action_by_name(const char *name); /* ACTION_NONE: there is none */

#endif
