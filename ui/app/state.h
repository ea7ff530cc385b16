/* The program around the screens, from the inside: for the other units of this folder and ui.c (set-up).
 * Screens include app.h only. */
#ifndef REFPOINT_UI_APP_STATE_H
#define REFPOINT_UI_APP_STATE_H

#include "core/settings/settings.h"
#include "ui/app/data/last_export.h"
#include "ui/app/hosts.h"
#include "ui/app/jobs/jobs.h"
#include "ui/app/restyle.h"
#include "ui/app/screen.h"
#include "ui/app/work/work.h"
#include "ui/draw/layout.h"
#include "ui/keys/held_keys.h"
#include "ui/keys/keymap.h"
#include "ui/terminal/input.h"
#include "ui/terminal/terminal.h"

#define APP_TICK_MS 1000

struct app {
    struct hosts *hosts;
    char *state_directory;
    struct settings settings;

    struct terminal *terminal;
    struct input *input;
    struct keymap *keymap;
    struct theme theme;
    struct restyle_suited suited;
    uint64_t restyles; /* requests for a theme so far */

    struct work *work;
    struct jobs *jobs;

    screen_constructor *const *screens; /* by enum screen_id */
    struct screen **stack;              /* [0] is the first screen; the last has the keys */
    size_t depth;
    struct screen *opened; /* made by the running handler: on the stack when it has returned */

    struct held_keys held; /* for a screen that is not ready yet */
    const struct screen *held_for;

    struct guid job_to_show;  /* asked for by the running handler */
    struct place_to_go to_go; /* the same; collection none: nowhere */
    bool start_over;          /* the same: the screens were of another host */
    struct guid *ringing;     /* jobs whose end rings the bell */
    size_t ringing_count;
    struct last_export form_draft;

    int64_t now_ms;
    struct moment now;
    int64_t tick_ms; /* when the next tick is due */

    struct canvas_surface *surface;
    struct layout_frame frame;

    char *message;
    int64_t message_until_ms;
    struct guid message_job; /* that it is about, until that is in the state message_moot or over */
    uint32_t message_moot;

    struct pointer_event pressed; /* the last press of a mouse, and when */
    int64_t pressed_ms;

    uint64_t asked; /* for the test descriptor, see app.h */
    uint64_t keys;
    uint64_t resizes;
    char *reported;

    /* What is small, in one place. */
    enum theme_role message_role;
    enum ui_action to_perform; /* asked for by the running handler */
    int theme_fd;              /* readable when a theme was saved; -1 = none */
    int test_fd;               /* -1 = none */
    int ending_signal;         /* that asked the program to end; 0 */
    enum canvas_signs signs;
    bool no_colour;
    bool progress_due; /* jobs moved since the last tick */
    bool dirty;
    bool leaving;
    bool hung_up; /* nobody is at the terminal any more */
};

#endif
