/* The turns. Each waits for keyboard, results of workers, followed jobs, signals or a deadline; takes the
 * time once; lets handlers act; and draws at most once. Signals come through a descriptor (signalfd), so that
 * no handler runs in the middle of anything; they are blocked before any thread starts, so that workers
 * inherit that. The keyboard stays in blocking mode (its open file is the shell's too) and is read only when
 * poll has promised something. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "ui/app/draw.h"
#include "ui/app/loop.h"
#include "ui/app/message.h"
#include "ui/app/news.h"
#include "ui/app/pointer.h"
#include "ui/app/restyle.h"
#include "ui/app/stack.h"
#include "ui/app/state.h"

#define JOB_DESCRIPTORS 60
#define KEY_CTRL_C 3
#define KEY_CTRL_Z 26
#define READS_PER_TURN 16 /* a paste without end must not keep the screen from being drawn */

enum { WAIT_KEYBOARD, WAIT_WORK, WAIT_SIGNALS, WAIT_THEME, WAIT_TEST, WAIT_TERMINAL, WAIT_JOBS };

int loop_block_signals(sigset_t *before)
{
    static const int numbers[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT};
    sigset_t mask;
    sigemptyset(&mask);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        sigaddset(&mask, numbers[i]);
    if (sigprocmask(SIG_BLOCK, &mask, before) != 0)
        return -1;
    return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

void loop_unblock_signals(int fd, const sigset_t *before)
{
    if (fd >= 0)
        close(fd);
    sigprocmask(SIG_SETMASK, before, NULL);
}

static void act_on_size(struct app *app)
{
    if (!terminal_update_size(app->terminal))
        return;
    int rows = 0;
    int columns = 0;
    terminal_size(app->terminal, &rows, &columns);
    app->frame = layout_frame(rows, columns, app->frame.strip.rows);
    app->resizes++;
    app->dirty = true;
    for (size_t i = 0; i < app->depth && !app->frame.too_small; i++) {
        struct screen *screen = app->stack[i];
        if (screen->ops->resize)
            screen->ops->resize(screen, app->frame.body.rows, app->frame.body.columns);
    }
}

static void resume(struct app *app)
{
    terminal_resume(app->terminal);
    act_on_size(app);
    app->dirty = true;
}

/* The default action, not SIGSTOP: where no shell could continue it, the kernel does not stop it. Only this
 * process stops: a qemu-img that a worker waits for goes on. */
static void stop(struct app *app)
{
    sigset_t stop_signal;
    sigemptyset(&stop_signal);
    sigaddset(&stop_signal, SIGTSTP);
    terminal_suspend(app->terminal);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop_signal, NULL); /* it stops here */
    sigprocmask(SIG_BLOCK, &stop_signal, NULL);
    resume(app);
}

static void act_on_signal(struct app *app, int number)
{
    switch (number) {
    case SIGWINCH:
        act_on_size(app);
        break;
    case SIGTSTP:
        stop(app);
        break;
    case SIGCONT:
        resume(app);
        break;
    case SIGHUP:
        app->hung_up = true;
        app->ending_signal = number;
        break;
    default:
        app->ending_signal = number;
        break;
    }
    if (app->ending_signal)
        app->leaving = true;
}

static void read_signals(struct app *app, int fd)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        act_on_signal(app, (int)info.ssi_signo);
}

/* Text, or a key that edits it: it means the same whatever the picture is. */
static bool is_text(const struct screen *screen, const struct key_event *event)
{
    bool edits = *event->text || event->action == ACTION_NONE;
    return edits && screen->ops->takes_text && screen->ops->takes_text(screen);
}

/* A key acts on the picture that belongs to the values, although it may not be on the terminal yet. Text is
 * spared that: it may come by thousands of characters. */
static void hand_over(struct app *app, const struct key_event *event)
{
    struct screen *screen = stack_top(app);
    if (app->dirty && !is_text(screen, event))
        screen->ops->recalc(screen, app->frame.body.rows, app->frame.body.columns);
    unsigned effects = screen->ops->key(screen, event);
    if (effects & EFFECT_UNHANDLED)
        stack_fallback(app, screen, event);
    stack_apply(app, screen, effects);
}

/* True: the key waits with those before it. */
static bool hold(struct app *app, const struct key_event *event)
{
    const struct screen *top = stack_top(app);
    if (!top->ops->holds_key || !top->ops->holds_key(top, event))
        return false;
    if (app->held_for != top)
        held_keys_clear(&app->held);
    app->held_for = top;
    held_keys_add(&app->held, event);
    return true;
}

static void deliver(struct app *app, const struct key_event *event)
{
    if (!hold(app, event))
        hand_over(app, event);
}

/* What it means comes as an action without a key, as one chosen by its name does. */
static void point(struct app *app)
{
    struct pointer_event seen = *input_pointer(app->input);
    bool message = app->message != NULL;
    message_drop(app);
    if (app->frame.too_small)
        return;
    struct pointer_order order = pointer_act(app, &seen, !message);
    struct key_event event = {.key = KEY_CODE_NONE, .text = "", .action = order.action};
    for (int i = 0; i < order.times && order.action != ACTION_NONE && !app->leaving; i++)
        deliver(app, &event);
}

static void press(struct app *app, uint32_t key, const char *text)
{
    app->keys++;
    if (key == KEY_CODE_POINTER) {
        point(app);
        return;
    }
    struct key_event event = {.key = key, .text = text, .action = keymap_action(app->keymap, key)};
    message_drop(app);
    if (key == KEY_CTRL_Z) {
        stop(app);
        return;
    }
    if (app->frame.too_small) {
        app->leaving = app->leaving || key == KEY_CTRL_C;
        return;
    }
    if (key == KEY_CTRL_C)
        event.action = ACTION_QUIT;
    deliver(app, &event);
}

/* What was typed ahead, as soon as its screen is ready; where one of these keys opens another screen, the
 * rest is for that one, as it would have been. */
static void press_held(struct app *app)
{
    struct key_event event;
    char *text = NULL;
    if (stack_top(app) != app->held_for || app->frame.too_small)
        return;
    while (!app->leaving && held_keys_first(&app->held, &event)) {
        const struct screen *top = stack_top(app);
        app->held_for = top;
        if (top->ops->holds_key && top->ops->holds_key(top, &event))
            return;
        held_keys_take(&app->held, &event, &text);
        hand_over(app, &event);
        free(text);
    }
    app->held_for = NULL;
}

static void press_all(struct app *app)
{
    uint32_t key = KEY_CODE_NONE;
    const char *text = "";
    while (!app->leaving && input_next(app->input, app->now_ms, &key, &text))
        press(app, key, text);
}

static void read_keyboard(struct app *app, short events)
{
    char bytes[4096];
    struct pollfd more = {.fd = STDIN_FILENO, .events = POLLIN, .revents = events};
    for (int reads = 0; reads < READS_PER_TURN && (more.revents & (POLLIN | POLLHUP | POLLERR)); reads++) {
        ssize_t length = read(STDIN_FILENO, bytes, sizeof bytes);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0) {
            /* The terminal has gone: nobody can see a question. */
            app->hung_up = true;
            app->leaving = true;
            return;
        }
        input_feed(app->input, bytes, (size_t)length, app->now_ms);
        press_all(app);
        if (app->leaving || poll(&more, 1, 0) <= 0)
            return;
    }
}

static void read_work(struct app *app)
{
    struct screen *screen = NULL;
    unsigned effects = 0;
    while (work_deliver(app->work, &screen, &effects)) {
        if (screen)
            stack_apply(app, screen, effects);
    }
}

/* A change of state is shown at once, numbers with the next tick: nobody reads faster, and a slow link is not
 * filled with digits. */
static void take_job_news(struct app *app)
{
    enum jobs_news news = jobs_take_news(app->jobs);
    if (news == JOBS_CHANGED)
        news_tell_jobs(app);
    else if (news == JOBS_PROGRESS)
        app->progress_due = true;
}

static void take_time(struct app *app)
{
    app->now_ms = monotonic_milliseconds();
    app->now = moment_now();
}

static void tick_when_due(struct app *app)
{
    if (app->now_ms < app->tick_ms)
        return;
    app->tick_ms = app->now_ms + APP_TICK_MS;
    news_tick(app);
}

static int64_t earlier(int64_t left, int64_t right)
{
    return right < left ? right : left;
}

static int wait_ms(const struct app *app)
{
    int64_t until = app->tick_ms;
    int64_t due = jobs_due_ms(app->jobs);
    if (due)
        until = earlier(until, due);
    if (app->suited.asked)
        until = earlier(until, app->suited.until_ms);
    int keys = input_wait_ms(app->input, app->now_ms);
    if (keys >= 0)
        until = earlier(until, app->now_ms + keys);
    return until > app->now_ms ? (int)(until - app->now_ms) : 0;
}

static void report_idle(struct app *app)
{
    if (app->test_fd < 0)
        return;
    char *line = mem_format("idle asked=%llu keys=%llu resizes=%llu requests=%zu\n",
                            (unsigned long long)app->asked, (unsigned long long)app->keys,
                            (unsigned long long)app->resizes, work_in_flight(app->work));
    if (app->reported && strcmp(line, app->reported) == 0) {
        free(line);
        return;
    }
    ssize_t written = write(app->test_fd, line, strlen(line));
    (void)written; /* the harness may have gone */
    free(app->reported);
    app->reported = line;
}

static void read_questions(struct app *app)
{
    char bytes[64];
    ssize_t length = read(app->test_fd, bytes, sizeof bytes);
    if (length > 0)
        app->asked += (uint64_t)length;
    else if (length == 0 || (errno != EINTR && errno != EAGAIN))
        app->test_fd = -1; /* the harness has gone, or only listens */
}

static void turn(struct app *app, int signal_fd)
{
    struct pollfd waits[WAIT_JOBS + JOB_DESCRIPTORS] = {
        [WAIT_KEYBOARD] = {.fd = STDIN_FILENO, .events = POLLIN},
        [WAIT_WORK] = {.fd = work_fd(app->work), .events = POLLIN},
        [WAIT_SIGNALS] = {.fd = signal_fd, .events = POLLIN},
        [WAIT_THEME] = {.fd = app->theme_fd, .events = POLLIN}, /* poll passes -1 over */
        [WAIT_TEST] = {.fd = app->test_fd, .events = POLLIN},
        [WAIT_TERMINAL] = {.fd = terminal_is_behind(app->terminal) ? terminal_fd(app->terminal) : -1,
                           .events = POLLOUT},
    };
    int descriptors[JOB_DESCRIPTORS];
    size_t count = jobs_descriptors(app->jobs, descriptors, JOB_DESCRIPTORS);
    for (size_t i = 0; i < count; i++)
        waits[WAIT_JOBS + i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    take_time(app);
    int ready = poll(waits, WAIT_JOBS + count, wait_ms(app));
    take_time(app);
    if (ready > 0 && waits[WAIT_SIGNALS].revents)
        read_signals(app, signal_fd);
    if (ready > 0 && waits[WAIT_KEYBOARD].revents && !app->leaving)
        read_keyboard(app, waits[WAIT_KEYBOARD].revents);
    if (!app->leaving)
        press_all(app); /* a lone Esc is known by silence */
    restyle_settle(app);
    if (ready > 0 && waits[WAIT_TERMINAL].revents)
        terminal_push(app->terminal);
    if (ready > 0 && waits[WAIT_THEME].revents)
        restyle_read_watch(app);
    if (ready > 0 && waits[WAIT_TEST].revents)
        read_questions(app);
    read_work(app);
    press_held(app);
    jobs_read(app->jobs);
    jobs_tick(app->jobs, app->now_ms);
    take_job_news(app);
    tick_when_due(app);
}

void loop_run(struct app *app, int signal_fd)
{
    take_time(app);
    stack_apply(app, NULL, EFFECT_NONE);
    while (!app->leaving) {
        /* A terminal that does not read yet gets the newest picture when it does; the first one is drawn in
         * the colours that suit it. */
        bool waits = terminal_is_behind(app->terminal) || app->suited.asked;
        if (app->dirty && !waits)
            draw_picture(app);
        if (!waits && !terminal_is_behind(app->terminal))
            report_idle(app);
        turn(app, signal_fd);
    }
}
