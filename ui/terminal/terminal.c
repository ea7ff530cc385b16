/* Order of events: TERM is looked up (nothing sent) → modes saved → descriptor 2 to the log → curses starts →
 * its output is diverted to the outlet → crash handlers armed with the string that undoes it. Closing goes
 * back the same way. Once it is diverted, curses has no terminal whose modes it could change: that is done
 * here. */
#include "ui/terminal/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"
#include "ui/draw/cells.h"
#include "ui/keys/key.h"
#include "ui/terminal/answers.h"
#include "ui/terminal/crash.h"
#include "ui/terminal/mouse.h"
#include "ui/terminal/outlet.h"
#include "ui/terminal/terminfo.h"

struct look {
    attr_t attributes;
    short pair;
};

struct terminal {
    SCREEN *screen;
    struct outlet *outlet;
    struct termios modes;     /* as they were */
    struct termios own_modes; /* while the screen is up */
    char *undo;               /* what gives the terminal back, whatever state it is in */
    int saved_stderr;
    int rows;
    int columns;
    bool no_colour; /* start_color is never called */
    bool colours;
    bool xterm_like;
    bool mouse;              /* its presses are reported */
    int64_t answer_until_ms; /* asked, and not answered yet; 0 */
    char *title;             /* last one sent; NULL */
    bool own_background;     /* the terminal's default colours can be asked for */
    struct look looks[ROLE_COUNT];
};

/* newterm would print nothing useful about a log that cannot be opened; the screen works without one. */
static int redirect_stderr(const char *path)
{
    int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    CLEANUP_FD int log = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600) : -1;
    if (log < 0)
        log = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (log >= 0)
        dup2(log, STDERR_FILENO);
    return saved;
}

static void restore_stderr(int saved)
{
    if (saved < 0)
        return;
    dup2(saved, STDERR_FILENO);
    close(saved);
}

/* Capabilities hold padding such as $<5>, which is not for write(2). */
static void add_plain(struct strbuf *text, const char *sequence)
{
    while (sequence && *sequence) {
        const char *end = sequence[0] == '$' && sequence[1] == '<' ? strchr(sequence, '>') : NULL;
        if (end) {
            sequence = end + 1;
            continue;
        }
        strbuf_add_bytes(text, sequence++, 1);
    }
}

static char *make_undo(bool mouse)
{
    static const char *const names[] = {"sgr0", "rmkx", "cnorm", "rmcup"};
    struct strbuf text = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        add_plain(&text, terminfo_string(names[i]));
    add_plain(&text, terminfo_string("BD")); /* bracketed paste off */
    add_plain(&text, mouse ? MOUSE_OFF : NULL);
    return strbuf_take(&text);
}

static bool are_same(int left, int right)
{
    struct stat a;
    struct stat b;
    return fstat(left, &a) == 0 && fstat(right, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The sentence must not wait for the terminal either. */
static void arm_crash_handlers(const struct terminal *terminal)
{
    int outlet = outlet_fd(terminal->outlet);
    bool elsewhere = terminal->saved_stderr >= 0 && !are_same(terminal->saved_stderr, outlet);
    crash_arm(terminal->undo, &terminal->modes, outlet, elsewhere ? terminal->saved_stderr : outlet);
}

static void send(struct terminal *terminal, const char *sequence)
{
    if (sequence)
        outlet_add(terminal->outlet, sequence);
}

static void start_colours(struct terminal *terminal)
{
    if (terminal->no_colour || !has_colors())
        return;
    terminal->colours = start_color() == OK;
    terminal->own_background = terminal->colours && use_default_colors() == OK;
}

/* newterm installs handlers; the loop reads these signals from a descriptor, and stopping needs the default.
 */
static void leave_signals_alone(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        struct sigaction action;
        if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            signal(numbers[i], SIG_DFL);
    }
}

static bool start_curses(struct terminal *terminal, struct error *err)
{
    use_env(FALSE);
    use_tioctl(TRUE);
    terminal->screen = newterm(NULL, outlet_stream(terminal->outlet), stdin);
    if (!terminal->screen) {
        error_set(err, RETURN_NOT_SUPPORTED, "terminal.start", "the terminal could not be set up");
        return error_next(
            err, "Set TERM to what the terminal is, such as xterm-256color, and see that ncurses knows it.");
    }
    raw(); /* Ctrl-C and Ctrl-Z come as keys: a child of a worker must not get their signals */
    noecho();
    nonl();
    leave_signals_alone();
    if (tcgetattr(STDIN_FILENO, &terminal->own_modes) != 0) {
        endwin();
        return error_errno(err, errno, "terminal.modes", "the terminal's modes cannot be read");
    }
    if (outlet_divert(terminal->outlet, err))
        return true;
    endwin();
    return false;
}

static void set_out(struct terminal *terminal)
{
    typeahead(-1); /* a picture is made whole: it costs no waiting */
    keypad(stdscr, TRUE);
    leaveok(stdscr, FALSE);
    curs_set(1);
    outlet_collect(terminal->outlet);
    send(terminal, terminfo_string("BE"));
    send(terminal, terminal->mouse ? MOUSE_ON : NULL);
}

static void release(struct terminal *terminal)
{
    if (terminal->screen)
        delscreen(terminal->screen);
    outlet_free(terminal->outlet);
    restore_stderr(terminal->saved_stderr);
    free(terminal->undo);
    free(terminal->title);
    free(terminal);
}

struct terminal *terminal_open(const struct terminal_options *options, struct error *err)
{
    if (!terminfo_check(err))
        return NULL;
    struct terminal *terminal = mem_alloc(sizeof *terminal);
    if (tcgetattr(STDIN_FILENO, &terminal->modes) != 0) {
        error_errno(err, errno, "terminal.modes", "the terminal's modes cannot be read");
        free(terminal);
        return NULL;
    }
    terminal->saved_stderr = redirect_stderr(options->log_path);
    terminal->outlet = outlet_new(STDOUT_FILENO, err);
    if (!terminal->outlet || !start_curses(terminal, err)) {
        release(terminal);
        return NULL;
    }
    terminal->no_colour = options->no_colour;
    terminal->xterm_like = terminfo_is_xterm_like();
    terminal->mouse = options->mouse && (terminal->xterm_like || terminfo_string("kmous"));
    terminal->undo = make_undo(terminal->mouse);
    set_out(terminal);
    arm_crash_handlers(terminal);
    getmaxyx(stdscr, terminal->rows, terminal->columns);
    terminal_update_size(terminal);
    return terminal;
}

/* Where there is no second screen to leave, the picture stays above an empty line for the shell's prompt. */
static void end_curses(const struct terminal *terminal)
{
    if (!terminfo_string("rmcup")) {
        move(terminal->rows - 1, 0);
        clrtoeol();
        refresh();
    }
    endwin();
    outlet_collect(terminal->outlet);
}

static bool is_answered(const struct strbuf *bytes)
{
    struct answers answers = {0};
    const char *at = bytes->length > 0 ? memmem(bytes->data, bytes->length, "\033[?", 3) : NULL;
    const char *end = at ? strchr(at, 'c') : NULL;
    return end && answers_take_sequence(&answers, at + 1, (size_t)(end - at));
}

static void await_answer(struct terminal *terminal)
{
    CLEANUP_STRBUF struct strbuf bytes = {0};
    char block[256];
    int64_t left = 0;
    while (!is_answered(&bytes) && (left = terminal->answer_until_ms - monotonic_milliseconds()) > 0) {
        struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};
        ssize_t length = poll(&keyboard, 1, (int)left) > 0 ? read(STDIN_FILENO, block, sizeof block) : 0;
        if (length <= 0)
            break;
        strbuf_add_bytes(&bytes, block, (size_t)length);
    }
    tcflush(STDIN_FILENO, TCIFLUSH);
    terminal->answer_until_ms = 0;
}

/* False: the terminal does not read; it has been told what gives it back, for when it does. */
static bool give_back(struct terminal *terminal)
{
    send(terminal, terminfo_string("BD"));
    send(terminal, terminal->mouse ? MOUSE_OFF : NULL);
    end_curses(terminal);
    bool reads = outlet_drain(terminal->outlet);
    if (!reads)
        send(terminal, terminal->undo);
    else if (terminal->answer_until_ms)
        await_answer(terminal);
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal->modes);
    return reads;
}

bool terminal_close(struct terminal *terminal)
{
    if (!terminal)
        return true;
    bool reads = give_back(terminal);
    crash_disarm();
    release(terminal);
    return reads;
}

bool terminal_is_behind(const struct terminal *terminal)
{
    return outlet_is_behind(terminal->outlet);
}

int terminal_fd(const struct terminal *terminal)
{
    return outlet_fd(terminal->outlet);
}

void terminal_push(struct terminal *terminal)
{
    outlet_push(terminal->outlet);
}

void terminal_size(const struct terminal *terminal, int *rows, int *columns)
{
    *rows = terminal->rows;
    *columns = terminal->columns;
}

bool terminal_update_size(struct terminal *terminal)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return false;
    if (size.ws_row == terminal->rows && size.ws_col == terminal->columns)
        return false;
    terminal->rows = size.ws_row;
    terminal->columns = size.ws_col;
    resizeterm(terminal->rows, terminal->columns);
    clearok(curscr, TRUE);
    return true;
}

static attr_t attributes_of(unsigned attributes)
{
    return (attributes & THEME_BOLD ? A_BOLD : 0) | (attributes & THEME_UNDERLINE ? A_UNDERLINE : 0) |
           (attributes & THEME_REVERSE ? A_REVERSE : 0);
}

/* -1 where the terminal has no default colours to ask for means its usual ones. */
static short colour_of(const struct terminal *terminal, int wide, int basic, int usual, attr_t *attributes)
{
    int colour = COLORS >= 256 ? wide : basic;
    if (colour < 0)
        return (short)(terminal->own_background ? -1 : usual);
    if (colour >= COLORS && colour < 16) {
        *attributes |= A_BOLD;
        colour -= 8;
    }
    return (short)(colour < COLORS ? colour : usual);
}

void terminal_set_theme(struct terminal *terminal, const struct theme *theme)
{
    if (!theme->mono && !terminal->colours)
        start_colours(terminal); /* a theme with colours after one without */
    for (int role = 0; role < ROLE_COUNT; role++) {
        const struct theme_style *style = &theme->styles[role];
        struct look *look = &terminal->looks[role];
        *look = (struct look){.attributes = attributes_of(style->mono)};
        if (theme->mono || !terminal->colours || role + 1 >= COLOR_PAIRS)
            continue;
        attr_t ignored = 0;
        look->attributes = attributes_of(style->attributes);
        short foreground =
            colour_of(terminal, style->foreground, style->foreground_basic, COLOR_WHITE, &look->attributes);
        short background =
            colour_of(terminal, style->background, style->background_basic, COLOR_BLACK, &ignored);
        look->pair = (short)(role + 1);
        init_pair(look->pair, foreground, background);
    }
    cchar_t blank;
    setcchar(&blank, L" ", terminal->looks[ROLE_NORMAL].attributes, terminal->looks[ROLE_NORMAL].pair, NULL);
    bkgrnd(&blank);
    clearok(curscr, TRUE);
}

static void show_cell(const struct terminal *terminal, const struct canvas_cell *cell, int row, int column)
{
    wchar_t wide[CCHARW_MAX + 1] = {0};
    const struct look *look = &terminal->looks[cell->role];
    const char *text = cell->text;
    mbstate_t state = {0};
    if (mbsrtowcs(wide, &text, CCHARW_MAX, &state) == (size_t)-1 || wide[0] == L'\0')
        wcscpy(wide, L"?");
    cchar_t sign;
    if (setcchar(&sign, wide, look->attributes, look->pair, NULL) == OK)
        mvadd_wch(row, column, &sign);
}

void terminal_show(struct terminal *terminal, const struct canvas_surface *surface, int row, int column)
{
    for (int y = 0; y < terminal->rows; y++) {
        for (int x = 0; x < terminal->columns; x++) {
            const struct canvas_cell *cell = canvas_cell_at(surface, y, x);
            if (cell && cell->width > 0)
                show_cell(terminal, cell, y, x);
        }
    }
    move(row, column);
    wnoutrefresh(stdscr);
    doupdate();
    outlet_collect(terminal->outlet);
}

void terminal_invalidate(struct terminal *terminal)
{
    (void)terminal;
    clearok(curscr, TRUE);
}

void terminal_suspend(struct terminal *terminal)
{
    (void)give_back(terminal);
}

void terminal_resume(struct terminal *terminal)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal->own_modes);
    terminal_update_size(terminal);
    clearok(curscr, TRUE);
    refresh();
    keypad(stdscr, TRUE);
    outlet_collect(terminal->outlet);
    send(terminal, terminfo_string("BE"));
    send(terminal, terminal->mouse ? MOUSE_ON : NULL);
}

void terminal_teach_keys(const struct terminal *terminal, struct input *input)
{
    (void)terminal;
    static const struct {
        const char *name;
        uint32_t key;
    } keys[] = {
        {"kcuu1", KEY_CODE_UP},     {"kcud1", KEY_CODE_DOWN},     {"kcub1", KEY_CODE_LEFT},
        {"kcuf1", KEY_CODE_RIGHT},  {"kpp", KEY_CODE_PAGE_UP},    {"knp", KEY_CODE_PAGE_DOWN},
        {"khome", KEY_CODE_HOME},   {"kend", KEY_CODE_END},       {"kich1", KEY_CODE_INSERT},
        {"kdch1", KEY_CODE_DELETE}, {"kcbt", KEY_CODE_SHIFT_TAB}, {"kbs", KEY_CODE_BACKSPACE},
        {"kent", KEY_CODE_ENTER},   {"kf1", KEY_CODE_F1},         {"kf2", KEY_CODE_F1 + 1},
        {"kf3", KEY_CODE_F1 + 2},   {"kf4", KEY_CODE_F1 + 3},     {"kf5", KEY_CODE_F1 + 4},
        {"kf6", KEY_CODE_F1 + 5},   {"kf7", KEY_CODE_F1 + 6},     {"kf8", KEY_CODE_F1 + 7},
        {"kf9", KEY_CODE_F1 + 8},   {"kf10", KEY_CODE_F1 + 9},    {"kf11", KEY_CODE_F1 + 10},
        {"kf12", KEY_CODE_F1 + 11},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
        input_learn(input, terminfo_string(keys[i].name), keys[i].key);
}

bool terminal_ask_background(struct terminal *terminal, int64_t until_ms)
{
    if (!terminal->xterm_like)
        return false;
    send(terminal, ANSWERS_BACKGROUND_QUESTION ANSWERS_END_QUESTION);
    terminal->answer_until_ms = until_ms;
    return true;
}

void terminal_answered(struct terminal *terminal)
{
    terminal->answer_until_ms = 0;
}

static char *base64(const char *text, size_t length)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct strbuf out = {0};
    for (size_t at = 0; at < length; at += 3) {
        size_t left = length - at;
        unsigned bits = (unsigned)(unsigned char)text[at] << 16;
        bits |= left > 1 ? (unsigned)(unsigned char)text[at + 1] << 8 : 0;
        bits |= left > 2 ? (unsigned)(unsigned char)text[at + 2] : 0;
        char group[4] = {signs[bits >> 18 & 63], signs[bits >> 12 & 63],
                         left > 1 ? signs[bits >> 6 & 63] : '=', left > 2 ? signs[bits & 63] : '='};
        strbuf_add_bytes(&out, group, sizeof group);
    }
    return strbuf_take(&out);
}

bool terminal_set_clipboard(struct terminal *terminal, const char *text)
{
    if (!terminal->xterm_like)
        return false;
    size_t length = strlen(text);
    CLEANUP_FREE char *encoded = base64(text, length < 65536 ? length : 65536);
    CLEANUP_FREE char *sequence = mem_format("\033]52;c;%s\033\\", encoded);
    send(terminal, sequence);
    return true;
}

void terminal_set_title(struct terminal *terminal, const char *title)
{
    if (!terminal->xterm_like || (terminal->title && strcmp(terminal->title, title) == 0))
        return;
    mem_replace(&terminal->title, title);
    CLEANUP_FREE char *safe = cells_safe(title, true);
    CLEANUP_FREE char *sequence = mem_format("\033]2;%s\033\\", safe);
    send(terminal, sequence);
}

void terminal_bell(struct terminal *terminal)
{
    send(terminal, "\a");
}
