/* What a screen may ask of the program around it. Threads: the one that owns curses. What is told of the host
 * (app_host, app_service_options ...) stays as it is until the program ends, whichever host is shown then: it
 * may be handed to workers.
 *
 * Work that can take longer than a key press goes to worker threads: app_post takes a task (a value of the
 * caller's), runs it elsewhere, and hands it back on this thread. A result whose screen has closed, or that
 * was given up with app_forget, is released without being shown: stale results cannot arrive.
 *
 * Test descriptor: with REFPOINT_TEST_FD=N in the environment, the loop writes a line
 *     idle asked=A keys=K resizes=R requests=Q
 * to descriptor N before it blocks, whenever one of the four changed since the last line. A counts the bytes
 * that came from descriptor N (whatever had happened when one was sent is on the terminal by then), K key
 * presses as a person does (an escape sequence, a UTF-8 character or a paste is one), R the changes of size
 * that were acted upon, Q the requests in flight (given-up ones included: their thread still waits). */
#ifndef REFPOINT_UI_APP_APP_H
#define REFPOINT_UI_APP_APP_H

#include "core/host/host.h"
#include "core/job/job.h"
#include "core/service/service.h"
#include "core/settings/settings.h"
#include "ui/app/data/last_export.h"
#include "ui/app/screen.h"
#include "ui/app/work/work.h"
#include "ui/keys/keymap.h"

/* Opens a screen on top of the others, when the running handler has returned; it is made here and now, from
 * what it is told (NULL: it needs nothing). */
void app_open(struct app *app, enum screen_id id, const struct screen_argument *argument);
/* Closes every screen above the first one and opens the job's pane, when the running handler has returned:
 * what Review does once 4096 is there. */
void app_show_job(struct app *app, const struct guid *job);

/* Does an action as if its key had been pressed, on the screen that is on top when the running handler has
 * returned and closed: what the palette is for. */
void app_perform(struct app *app, enum ui_action action);

/* Closes every screen above the first one, which then selects this collection and point (none: whichever it
 * is) and, once they are there, does the action on them (ACTION_NONE: nothing). After the running handler. */
void app_go(struct app *app, const struct place_to_go *place);
bool app_has_open(const struct app *app, enum screen_id id); /* on top, or beneath others */
/* What the first screen knows of; see screen.h. */
void app_tell_objects(const struct app *app, struct told_objects *objects);

/* Keys that were kept for this screen are not pressed any more: what they were meant for will not come. */
void app_forget_keys(struct app *app, const struct screen *screen);

/* Leaves the program, without asking. */
void app_leave(struct app *app);

/* Runs a task elsewhere (work.h) for this screen. Returns a ticket: grows, never 0. */
uint64_t app_post(struct app *app, struct screen *screen, const struct work_ops *ops, void *task);
/* The result is not wanted any more (work_ops.give_up); `done` is called all the same. */
void app_give_up(struct app *app, uint64_t ticket);
/* The same, and `done` will not be called. */
void app_forget(struct app *app, uint64_t ticket);

/* Shows another host: closes every screen and opens the first one anew, when the running handler has
 * returned. Takes both. */
void app_use_host(struct app *app, struct settings_place *place, struct host *host);

struct host *app_host(const struct app *app);
const struct settings_place *app_place(const struct app *app);         /* of the host that is shown */
const struct settings_place *app_started_place(const struct app *app); /* of the one it began with */
/* For a service of a worker's own: service_new(app_host(app), app_service_options(app)). state_directory and
 * the names are set. */
const struct service_options *app_service_options(const struct app *app);
const char *app_host_identity(const struct app *app); /* "local: /srv/store" */

/* The store as it must be named on a command line (--store), for commands that the screen shows; NULL: it is
 * found without. */
const char *app_store_option(const struct app *app);
/* The same for --host; NULL: the one that the settings name. */
const char *app_host_option(const struct app *app);

int64_t app_now_ms(const struct app *app);          /* monotonic, the same for a whole turn */
struct moment app_now(const struct app *app);       /* wall clock, the same for a whole turn */
bool app_is_ascii(const struct app *app);           /* lines and signs must be ASCII */
enum canvas_signs app_signs(const struct app *app); /* that its canvases are made with */
const struct keymap *app_keymap(const struct app *app);
const struct theme *app_theme(const struct app *app);

/* Restyles the screen, soon; `keep` makes it the choice in the configuration file. */
void app_use_theme(struct app *app, const char *name, bool keep);

/* One line in the footer's place for a few seconds: "copied", "job started". */
void app_say(struct app *app, enum theme_role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same about what a job is about to do: not said, or taken back, once it is in that state or has ended.
 * moot 0: until its end. */
void app_say_of_job(struct app *app, const struct guid *job, uint32_t moot, const char *text);
/* Puts text on the terminal's clipboard (OSC 52) and says so. */
void app_copy(struct app *app, const char *text);

/* Jobs, newest first, as the last turn saw them; borrowed until the handler returns. */
const struct job_snapshot *app_jobs(const struct app *app, size_t *count);
const struct job_snapshot *app_job(const struct app *app, const struct guid *id); /* NULL: not known (yet) */
/* The operator has opened this job (NULL: looked at all of them): its end needs no line in the strip. */
void app_mark_job_seen(struct app *app, const struct guid *id);
bool app_jobs_listed(const struct app *app); /* they have been read once; else there may be some */
/* How many more jobs there are, which are still being read. */
size_t app_jobs_unread(const struct app *app);
/* Why the jobs could not be listed; NULL: they were. */
const struct error *app_jobs_problem(const struct app *app);
/* Rings the terminal's bell once when this job has ended. */
void app_ring_when_ended(struct app *app, const struct guid *job);
bool app_wants_bell(const struct app *app); /* the setting */
/* What was filled into the export form and left with Esc, for when it is opened again; the app's, while the
 * program runs. Empty: nothing. */
struct last_export *app_form_draft(struct app *app);
/* Reads the list of jobs again; soon jobs_changed. */
void app_refresh_jobs(struct app *app);

#endif
