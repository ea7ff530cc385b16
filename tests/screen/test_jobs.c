/* The list of jobs when there are thousands of them; what is done with one that is over. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/guid.h"
#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"
#include "core/system/fs.h"
#include "tests/screen/session.h"

#define JOBS 4000
#define FILE_LIMIT ((size_t)1 << 20)

/* All that `from` is replaced; the caller's. */
static char *replaced(const char *text, const char *from, const char *to)
{
    struct strbuf out = {0};
    for (const char *at = strstr(text, from); at; at = strstr(text, from)) {
        strbuf_add_bytes(&out, text, (size_t)(at - text));
        strbuf_add(&out, to);
        text = at + strlen(from);
    }
    strbuf_add(&out, text);
    return strbuf_take(&out);
}

static void write_copy(int directory, const char *name, const char *text, const struct guid *real,
                       const struct guid *id, const char *changed)
{
    CLEANUP_FREE char *named = replaced(text, real->text, id->text);
    CLEANUP_FREE char *placed = replaced(named, "web-prod", "old-one");
    char *time = strstr(placed, "\"start_time\":\"");
    if (time && changed)
        memcpy(time + strlen("\"start_time\":\""), changed, strlen("2026-11-30T10:17:18"));
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, placed, strlen(placed)), strlen(placed));
    close(fd);
}

/* A real job, and thousands that ended before it, a second or two before each other. */
static struct guid make_jobs(struct session *session, size_t count)
{
    struct error err = {0};
    struct guid real;
    CLEANUP_FREE char *id = session_shell(
        session, "$REFPOINT export web-prod \"$($REFPOINT point list web-prod --json | jq -rs '.[0].id')\" "
                 "--to \"$EXPORTS\" >/dev/null; $REFPOINT job list --json | jq -rj .job");
    assert_true(guid_parse(&real, id));
    CLEANUP_FREE char *path = mem_format("%s/state/refpoint/jobs", session->root);
    CLEANUP_FREE char *of_real = mem_format("%s/%s", path, real.text);
    CLEANUP_FD int jobs = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FD int one = open(of_real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FREE char *request = NULL;
    CLEANUP_FREE char *outcome = NULL;
    assert_true(fs_read(one, "request", FILE_LIMIT, &request, NULL, &err));
    assert_true(fs_read(one, "outcome", FILE_LIMIT, &outcome, NULL, &err));
    struct moment then = moment_now();
    then.seconds -= 600;
    for (size_t i = 0; i < count; i++) {
        struct guid copy = guid_new();
        char started[64];
        assert_int_equal(mkdirat(jobs, copy.text, 0700), 0);
        CLEANUP_FD int fd = openat(jobs, copy.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        then.seconds -= 1 + (i % 2 ? 0 : 1);
        moment_format_rfc3339(then, false, started, sizeof started);
        write_copy(fd, "request", request, &real, &copy, NULL);
        write_copy(fd, "outcome", outcome, &real, &copy, started);
        const struct timespec times[2] = {{.tv_sec = then.seconds}, {.tv_sec = then.seconds}};
        assert_int_equal(utimensat(jobs, copy.text, times, 0), 0);
    }
    return real;
}

static bool was_shown(struct terminal *terminal, const char *text)
{
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    return memmem(stream, length, text, strlen(text)) != NULL;
}

/* The first page is there, with the newest on top, while the rest is still being read; and keys act. */
static void test_the_first_page_does_not_wait_for_the_rest(void **state)
{
    struct session *session = *state;
    struct guid real = make_jobs(session, JOBS);
    CLEANUP_FREE char *job = mem_format("── Job %.4s ─", real.text);
    const char *row = ">web-prod @ ";
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    terminal_keys(terminal, "J Down Down Up Up");
    terminal_wait_text(terminal, row);
    terminal_wait_text(terminal, job);
    terminal_wait_text(terminal, "Jobs ── 1 of 4,001");
    assert_true(was_shown(terminal, "older ones are being read"));
    terminal_sync(terminal);
    assert_false(terminal_has_text(terminal, "are being read"));
    terminal_press(terminal, "G");
    terminal_wait_text(terminal, ">old-one @ ");
    terminal_press(terminal, "/");
    terminal_enter(terminal, "web-prod");
    terminal_wait_text(terminal, "1 of 4,001");
    terminal_wait_text(terminal, row);
    terminal_close(terminal);
}

static char *one_export(struct session *session)
{
    return session_shell(session,
                         "$REFPOINT export web-prod \"$($REFPOINT point list web-prod --json | jq -rs "
                         "'.[0].id')\" --to \"$EXPORTS\" --only web01 --format raw --json | jq -rj "
                         "'select(.package) | .package'");
}

static void open_job(struct terminal *terminal)
{
    terminal_press(terminal, "J");
    terminal_wait_text(terminal, ">web-prod @ ");
    terminal_press(terminal, "Enter");
}

/* The receipt goes into a file that is not there yet; one that is stays as it is. */
static void test_a_receipt_is_written(void **state)
{
    struct session *session = *state;
    CLEANUP_FREE char *package = one_export(session);
    CLEANUP_FREE char *path = mem_format("%s/receipt", session->root);
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    open_job(terminal);
    terminal_wait_text(terminal, "✓ The package is there and verified");
    terminal_wait_text(terminal, "Run it again");
    terminal_press(terminal, "w");
    terminal_wait_text(terminal, "-receipt.txt");
    terminal_press(terminal, "Ctrl-U");
    terminal_enter(terminal, path);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Written: ");
    CLEANUP_FREE char *text = session_shell(session, "cat \"$ROOT/receipt\"");
    assert_non_null(strstr(text, "The package is there and verified\n"));
    assert_non_null(strstr(text, package));
    assert_non_null(strstr(text, "--format raw"));
    assert_null(strchr(text, '\x1b'));
    terminal_press(terminal, "w");
    terminal_wait_text(terminal, "write it");
    terminal_press(terminal, "Ctrl-U");
    terminal_enter(terminal, path);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "is there already");
    CLEANUP_FREE char *same = session_shell(session, "cat \"$ROOT/receipt\"");
    assert_string_equal(same, text);
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "w write");
    terminal_close(terminal);
}

/* The form of its point, filled as it was. */
static void test_an_export_is_filled_in_again(void **state)
{
    struct session *session = *state;
    free(one_export(session));
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    open_job(terminal);
    terminal_wait_text(terminal, "e again");
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, "1 of 3");
    terminal_wait_text(terminal, "(o) raw");
    terminal_wait_text(terminal, "--only web01");
    terminal_wait_text(terminal, session->exports);
    terminal_close(terminal);
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_a_receipt_is_written),
    SESSION_TEST(test_an_export_is_filled_in_again),
    SESSION_TEST(test_the_first_page_does_not_wait_for_the_rest),
};

SESSION_MAIN(tests)
