#include "tests/screen/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vterm.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"
#include "tests/screen/pictures/cast.h"
#include "tests/screen/pictures/screenshot.h"

#define PATIENCE_MS 300000
#define STALL_MS 2000 /* a picture that takes longer is stuck */
#define STALL_PICTURES 1000
#define TEST_DESCRIPTOR 3

struct terminal {
    pid_t pid;
    int status;
    bool ended;
    int master;
    int reports; /* our end of the test descriptor */
    VTerm *vterm;
    VTermScreen *screen;
    int rows;
    int columns;
    unsigned long asked;
    unsigned long keys_sent;
    unsigned long resizes_sent;
    unsigned long answered;
    unsigned long keys_seen;
    unsigned long resizes_seen;
    unsigned long requests;
    struct strbuf report_line;
    struct strbuf stream;
    struct cast *cast; /* NULL: nothing is recorded */
};

static void child(const struct terminal_spec *spec, int report_fd) __attribute__((noreturn));

static void child(const struct terminal_spec *spec, int report_fd)
{
    dup2(report_fd, TEST_DESCRIPTOR);
    const char *sanitizer =
        getenv("ASAN_OPTIONS"); /* where it reports: not on a terminal that does not read */
    CLEANUP_FREE char *sanitizer_kept = sanitizer ? mem_strdup(sanitizer) : NULL;
    clearenv();
    if (sanitizer_kept)
        setenv("ASAN_OPTIONS", sanitizer_kept, 1);
    const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    setenv("PATH", path, 1);
    setenv("TERM", spec->term ? spec->term : "xterm-256color", 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("TZ", "UTC-2", 1);
    setenv("REFPOINT_TEST_FD", "3", 1);
    for (const char *const *variable = spec->environment; variable && *variable; variable++)
        putenv(mem_strdup(*variable));
    union {
        const char *const *given;
        char *const *taken;
    } arguments = {.given = spec->argv};
    execv(spec->argv[0], arguments.taken);
    perror(spec->argv[0]);
    _exit(127);
}

static void answer(const char *bytes, size_t length, void *context)
{
    struct terminal *terminal = context;
    ssize_t written = write(terminal->master, bytes, length);
    (void)written;
}

struct terminal *terminal_open(const struct terminal_spec *spec)
{
    struct terminal *terminal = mem_alloc(sizeof *terminal);
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct winsize size = {.ws_row = (unsigned short)spec->rows, .ws_col = (unsigned short)spec->columns};
    terminal->pid = forkpty(&terminal->master, NULL, NULL, &size);
    assert_true(terminal->pid >= 0);
    if (terminal->pid == 0)
        child(spec, ends[1]);
    close(ends[1]);
    terminal->reports = ends[0];
    fcntl(terminal->reports, F_SETFL, O_NONBLOCK);
    fcntl(terminal->master, F_SETFL, O_NONBLOCK);
    fcntl(terminal->master, F_SETFD, FD_CLOEXEC);
    terminal->rows = spec->rows;
    terminal->columns = spec->columns;
    terminal->vterm = vterm_new(spec->rows, spec->columns);
    vterm_set_utf8(terminal->vterm, 1);
    if (!spec->silent)
        vterm_output_set_callback(terminal->vterm, answer, terminal);
    terminal->screen = vterm_obtain_screen(terminal->vterm);
    vterm_screen_enable_altscreen(terminal->screen, 1);
    vterm_screen_reset(terminal->screen, 1);
    return terminal;
}

/* False when the program has closed its side. */
static bool read_reports(struct terminal *terminal)
{
    char block[4096];
    ssize_t got;
    while ((got = read(terminal->reports, block, sizeof block)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            if (block[i] != '\n') {
                strbuf_add_bytes(&terminal->report_line, &block[i], 1);
                continue;
            }
            const char *line = terminal->report_line.data ? terminal->report_line.data : "";
            sscanf(line, "idle asked=%lu keys=%lu resizes=%lu requests=%lu", &terminal->answered,
                   &terminal->keys_seen, &terminal->resizes_seen, &terminal->requests);
            strbuf_free(&terminal->report_line);
        }
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

/* False when the program has closed its side. */
static bool read_output(struct terminal *terminal)
{
    char block[65536];
    for (;;) {
        ssize_t got = read(terminal->master, block, sizeof block);
        if (got <= 0)
            return got < 0 && (errno == EAGAIN || errno == EINTR);
        strbuf_add_bytes(&terminal->stream, block, (size_t)got);
        if (terminal->cast && got > 0)
            cast_add(terminal->cast, block, (size_t)got);
        vterm_input_write(terminal->vterm, block, (size_t)got);
    }
}

/* One turn: whatever there is, else waits until there is something. False at the deadline or the program's
 * end. */
static bool turn(struct terminal *terminal, int64_t deadline)
{
    if (terminal->ended)
        return false;
    struct pollfd fds[2] = {{.fd = terminal->master, .events = POLLIN},
                            {.fd = terminal->reports, .events = POLLIN}};
    int64_t left = deadline - monotonic_milliseconds();
    if (left <= 0)
        return false;
    if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
        return false;
    bool open = read_output(terminal);
    read_reports(terminal);
    if (!open) {
        waitpid(terminal->pid, &terminal->status, 0);
        terminal->ended = true;
    }
    return true;
}

bool terminal_read(struct terminal *terminal, int patience_ms)
{
    size_t before = terminal->stream.length;
    turn(terminal, monotonic_milliseconds() + patience_ms);
    return terminal->stream.length > before;
}

static int64_t new_deadline(void)
{
    const char *patience = getenv("REFPOINT_TEST_PATIENCE_MS"); /* for who waits for a test that fails */
    return monotonic_milliseconds() + (patience ? atol(patience) : PATIENCE_MS);
}

static void fail_with_screen(struct terminal *terminal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail_with_screen(struct terminal *terminal, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *what = mem_vformat(format, arguments);
    va_end(arguments);
    CLEANUP_FREE char *text = terminal_text(terminal);
    print_error("%s (keys %lu of %lu, resizes %lu of %lu, requests %lu%s)\n%s\n", what, terminal->keys_seen,
                terminal->keys_sent, terminal->resizes_seen, terminal->resizes_sent, terminal->requests,
                terminal->ended ? ", the program has ended" : "", text);
    kill(terminal->pid, SIGKILL);
    fail();
}

void terminal_sync(struct terminal *terminal)
{
    int64_t deadline = new_deadline();
    terminal->asked += send(terminal->reports, "?", 1, MSG_NOSIGNAL) == 1;
    while (terminal->answered < terminal->asked || terminal->keys_seen < terminal->keys_sent ||
           terminal->resizes_seen < terminal->resizes_sent || terminal->requests > 0) {
        if (!turn(terminal, deadline)) {
            fail_with_screen(terminal, "the program did not become idle");
            return;
        }
    }
    read_output(terminal);
}

static void wait_text(struct terminal *terminal, const char *text, bool wanted)
{
    int64_t deadline = new_deadline();
    while (terminal_has_text(terminal, text) != wanted) {
        if (!turn(terminal, deadline)) {
            fail_with_screen(terminal, "\"%s\" %s", text, wanted ? "did not appear" : "did not go away");
            return;
        }
    }
}

/* False: no report within that time; the program has ended, or is stuck. */
static bool next_report(struct terminal *terminal, int64_t deadline, bool *ended)
{
    struct pollfd reports = {.fd = terminal->reports, .events = POLLIN};
    int64_t left = deadline - monotonic_milliseconds();
    if (left <= 0 || poll(&reports, 1, (int)left) <= 0)
        return false;
    *ended = !read_reports(terminal);
    return !*ended;
}

static bool shows_unread(struct terminal *terminal)
{
    bool ended = false;
    int64_t deadline = monotonic_milliseconds() + STALL_MS;
    terminal->asked += send(terminal->reports, "?", 1, MSG_NOSIGNAL) == 1;
    while (terminal->answered < terminal->asked || terminal->keys_seen < terminal->keys_sent) {
        if (!next_report(terminal, deadline, &ended))
            return false;
    }
    return true;
}

void terminal_stall(struct terminal *terminal)
{
    for (int i = 0; i < STALL_PICTURES; i++) {
        terminal_keys(terminal, "Ctrl-L");
        if (!shows_unread(terminal))
            return;
    }
    fail_with_screen(terminal, "no picture was stuck");
}

bool terminal_ends_unread(struct terminal *terminal, int patience_ms)
{
    bool ended = false;
    int64_t deadline = monotonic_milliseconds() + patience_ms;
    while (!ended && monotonic_milliseconds() < deadline)
        next_report(terminal, deadline, &ended);
    return ended;
}

void terminal_wait_text(struct terminal *terminal, const char *text)
{
    wait_text(terminal, text, true);
}

void terminal_wait_no_text(struct terminal *terminal, const char *text)
{
    wait_text(terminal, text, false);
}

int terminal_wait_end(struct terminal *terminal)
{
    int64_t deadline = new_deadline();
    while (!terminal->ended) {
        if (!turn(terminal, deadline) && !terminal->ended) {
            fail_with_screen(terminal, "the program did not end");
            break;
        }
    }
    return terminal->status;
}

void terminal_wait_stream(struct terminal *terminal, const char *bytes)
{
    int64_t deadline = new_deadline();
    while (!terminal->stream.data ||
           !memmem(terminal->stream.data, terminal->stream.length, bytes, strlen(bytes))) {
        if (!turn(terminal, deadline)) {
            fail_with_screen(terminal, "the program did not write %s", bytes + 1);
            return;
        }
    }
}

struct key_name {
    const char *name;
    const char *bytes;
};

static const struct key_name key_names[] = {
    {"Enter", "\r"},     {"Esc", "\033"},       {"Tab", "\t"},
    {"Space", " "},      {"BackSpace", "\177"}, {"Up", "\033OA"},
    {"Down", "\033OB"},  {"Right", "\033OC"},   {"Left", "\033OD"},
    {"Home", "\033OH"},  {"End", "\033OF"},     {"PgUp", "\033[5~"},
    {"PgDn", "\033[6~"}, {"Delete", "\033[3~"}, {"Shift-Tab", "\033[Z"},
    {"F1", "\033OP"},    {"F9", "\033[20~"},    {"Alt-BackSpace", "\033\177"},
};

static void send_key(struct terminal *terminal, const char *bytes, size_t length)
{
    /* The terminal's buffer is small; a program that reads slowly must not lose keys. */
    while (length > 0) {
        ssize_t written = write(terminal->master, bytes, length);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = terminal->master, .events = POLLIN | POLLOUT};
            poll(&room, 1, 1000);
            if (room.revents & ~POLLOUT)
                turn(terminal, monotonic_milliseconds() + 1000);
            continue;
        }
        if (written < 0)
            return;
        bytes += written;
        length -= (size_t)written;
    }
    terminal->keys_sent++;
}

void terminal_answer(struct terminal *terminal, const char *bytes)
{
    send_key(terminal, bytes, strlen(bytes));
    terminal->keys_sent--;
}

void terminal_click(struct terminal *terminal, int row, int column, int times)
{
    struct strbuf bytes = {0};
    for (int i = 0; i < times; i++)
        strbuf_addf(&bytes, "\033[<0;%d;%dM\033[<0;%d;%dm", column + 1, row + 1, column + 1, row + 1);
    send_key(terminal, bytes.data, bytes.length);
    terminal->keys_sent += (unsigned long)times - 1;
    strbuf_free(&bytes);
    terminal_sync(terminal);
}

void terminal_wheel(struct terminal *terminal, int row, int column, bool down)
{
    CLEANUP_FREE char *bytes = mem_format("\033[<%d;%d;%dM", down ? 65 : 64, column + 1, row + 1);
    send_key(terminal, bytes, strlen(bytes));
    terminal_sync(terminal);
}

bool terminal_saw_only_keys(struct terminal *terminal)
{
    terminal_sync(terminal);
    return terminal->keys_seen == terminal->keys_sent;
}

static void send_named(struct terminal *terminal, const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(key_names); i++) {
        if (strcmp(name, key_names[i].name) == 0) {
            send_key(terminal, key_names[i].bytes, strlen(key_names[i].bytes));
            return;
        }
    }
    if (strncmp(name, "Ctrl-", 5) == 0) {
        char control = (char)(name[5] & 0x1f);
        send_key(terminal, &control, 1);
        return;
    }
    if (name[0] && !name[1]) {
        send_key(terminal, name, 1);
        return;
    }
    fail_msg("no key is called \"%s\"", name);
}

void terminal_keys(struct terminal *terminal, const char *keys)
{
    CLEANUP_FREE char *copy = mem_strdup(keys);
    char *rest = NULL;
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        send_named(terminal, name);
        /* An Esc that is followed at once by another byte is an escape sequence to any program. */
        if (strcmp(name, "Esc") == 0)
            terminal_sync(terminal);
    }
}

void terminal_type(struct terminal *terminal, const char *text)
{
    while (*text) {
        size_t length = 1;
        while (((unsigned char)text[length] & 0xc0) == 0x80)
            length++;
        send_key(terminal, text, length);
        text += length;
    }
}

void terminal_pour(struct terminal *terminal, const char *text)
{
    size_t length = strlen(text);
    send_key(terminal, text, length);
    terminal->keys_sent += length - 1;
}

void terminal_paste(struct terminal *terminal, const char *text)
{
    CLEANUP_FREE char *paste = mem_format("\033[200~%s\033[201~", text);
    send_key(terminal, paste, strlen(paste));
    terminal_sync(terminal);
}

void terminal_press(struct terminal *terminal, const char *keys)
{
    terminal_keys(terminal, keys);
    terminal_sync(terminal);
}

void terminal_enter(struct terminal *terminal, const char *text)
{
    terminal_type(terminal, text);
    terminal_sync(terminal);
}

void terminal_resize(struct terminal *terminal, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    terminal->rows = rows;
    terminal->columns = columns;
    vterm_set_size(terminal->vterm, rows, columns);
    assert_int_equal(ioctl(terminal->master, TIOCSWINSZ, &size), 0);
    terminal->resizes_sent++;
    terminal_sync(terminal);
}

static void add_code_point(struct strbuf *text, uint32_t code_point)
{
    char bytes[4];
    size_t length = 0;
    if (code_point < 0x80) {
        bytes[length++] = (char)code_point;
    } else if (code_point < 0x800) {
        bytes[length++] = (char)(0xc0 | (code_point >> 6));
        bytes[length++] = (char)(0x80 | (code_point & 0x3f));
    } else if (code_point < 0x10000) {
        bytes[length++] = (char)(0xe0 | (code_point >> 12));
        bytes[length++] = (char)(0x80 | ((code_point >> 6) & 0x3f));
        bytes[length++] = (char)(0x80 | (code_point & 0x3f));
    } else {
        bytes[length++] = (char)(0xf0 | (code_point >> 18));
        bytes[length++] = (char)(0x80 | ((code_point >> 12) & 0x3f));
        bytes[length++] = (char)(0x80 | ((code_point >> 6) & 0x3f));
        bytes[length++] = (char)(0x80 | (code_point & 0x3f));
    }
    strbuf_add_bytes(text, bytes, length);
}

static void add_row(struct terminal *terminal, int row, struct strbuf *text)
{
    size_t content_end = text->length;
    for (int column = 0; column < terminal->columns;) {
        VTermScreenCell cell;
        vterm_screen_get_cell(terminal->screen, (VTermPos){.row = row, .col = column}, &cell);
        if (cell.chars[0] == 0) {
            strbuf_add(text, " ");
        } else {
            for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
                add_code_point(text, cell.chars[i]);
            if (cell.chars[0] != ' ')
                content_end = text->length;
        }
        column += cell.width > 0 ? cell.width : 1;
    }
    if (text->data) {
        text->length = content_end;
        text->data[content_end] = '\0';
    }
}

char *terminal_text(struct terminal *terminal)
{
    struct strbuf text = {0};
    for (int row = 0; row < terminal->rows; row++) {
        add_row(terminal, row, &text);
        strbuf_add(&text, "\n");
    }
    return strbuf_take(&text);
}

bool terminal_has_text(struct terminal *terminal, const char *text)
{
    CLEANUP_FREE char *screen = terminal_text(terminal);
    return strstr(screen, text) != NULL;
}

/* Whether it stands there, cell by cell. */
static bool stands_at(struct terminal *terminal, const char *text, int row, int column)
{
    struct strbuf found = {0};
    while (column < terminal->columns && found.length < strlen(text)) {
        VTermScreenCell cell;
        vterm_screen_get_cell(terminal->screen, (VTermPos){.row = row, .col = column}, &cell);
        add_code_point(&found, cell.chars[0] ? cell.chars[0] : ' ');
        column += cell.width > 0 ? cell.width : 1;
    }
    bool same = found.data && strcmp(found.data, text) == 0;
    strbuf_free(&found);
    return same;
}

void terminal_find(struct terminal *terminal, const char *text, int *row, int *column)
{
    for (*row = 0; *row < terminal->rows; ++*row) {
        for (*column = 0; *column < terminal->columns; ++*column) {
            if (stands_at(terminal, text, *row, *column))
                return;
        }
    }
    fail_with_screen(terminal, "\"%s\" stands nowhere", text);
}

void terminal_cursor(struct terminal *terminal, int *row, int *column)
{
    VTermPos position;
    vterm_state_get_cursorpos(vterm_obtain_state(terminal->vterm), &position);
    *row = position.row;
    *column = position.col;
}

char *terminal_cursor_row(struct terminal *terminal)
{
    int row = 0;
    int column = 0;
    terminal_cursor(terminal, &row, &column);
    CLEANUP_FREE char *text = terminal_text(terminal);
    const char *line = text;
    for (int i = 0; i < row && line; i++)
        line = strchr(line, '\n') + 1;
    return mem_strndup(line, strcspn(line, "\n"));
}

void terminal_go_to_row(struct terminal *terminal, const char *start)
{
    for (int i = 0; i < 60; i++) {
        CLEANUP_FREE char *row = terminal_cursor_row(terminal);
        if (strncmp(row, start, strlen(start)) == 0)
            return;
        terminal_press(terminal, "Down");
    }
    fail_msg("the cursor never came to \"%s\"", start);
}

pid_t terminal_pid(const struct terminal *terminal)
{
    return terminal->pid;
}

long terminal_processor_ms(const struct terminal *terminal)
{
    CLEANUP_FREE char *path = mem_format("/proc/%d/stat", (int)terminal->pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    unsigned long user = 0;
    unsigned long system = 0;
    /* proc(5): after the name in parentheses the state, ten numbers, then these two in ticks. */
    int found =
        fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    fclose(file);
    assert_int_equal(found, 2);
    return (long)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

size_t terminal_bytes(const struct terminal *terminal)
{
    return terminal->stream.length;
}

const char *terminal_stream(const struct terminal *terminal, size_t *length)
{
    *length = terminal->stream.length;
    return terminal->stream.data;
}

void terminal_screenshot(struct terminal *terminal, const char *name)
{
    const char *directory = getenv("REFPOINT_SCREENSHOTS");
    if (!directory || !*directory)
        return;
    struct screenshot shot = {
        .screen = terminal->screen, .rows = terminal->rows, .columns = terminal->columns};
    terminal_cursor(terminal, &shot.cursor_row, &shot.cursor_column);
    assert_true(screenshot_write(&shot, directory, name));
}

void terminal_record(struct terminal *terminal, const char *name)
{
    const char *directory = getenv("REFPOINT_SCREENSHOTS");
    if (!directory || !*directory)
        return;
    CLEANUP_FREE char *path = mem_format("%s/%s.cast", directory, name);
    terminal->cast = cast_new(path, terminal->rows, terminal->columns);
}

int terminal_close(struct terminal *terminal)
{
    cast_free(terminal->cast);
    terminal->cast = NULL;
    if (!terminal->ended) {
        kill(terminal->pid, SIGKILL);
        waitpid(terminal->pid, &terminal->status, 0);
    }
    int status = terminal->status;
    close(terminal->master);
    close(terminal->reports);
    vterm_free(terminal->vterm);
    strbuf_free(&terminal->report_line);
    strbuf_free(&terminal->stream);
    free(terminal);
    return status;
}
