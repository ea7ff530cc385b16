/* Packages on the screen: listed, shown, verified as a job, and imported; and what is refused there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

/* Two packages, one on the other, a copy that nobody has verified, and one that has lost its record. */
static void make_packages(struct session *session)
{
    free(session_shell(session,
                       "full=$($REFPOINT export web-prod installed --to \"$EXPORTS\" --json | tail -n 1 | jq "
                       "-r .package) && "
                       "$REFPOINT export web-prod monday --base installed --to \"$EXPORTS\" >/dev/null && "
                       "mkdir \"$ROOT/copies\" && cp -a \"$full\" \"$ROOT/copies/\" && "
                       "cp -a \"$full\" \"$EXPORTS/broken\" && chmod -R u+w \"$EXPORTS/broken\" && "
                       "rm \"$EXPORTS/broken/reference-point.cfg\""));
}

static struct terminal *open_packages(struct session *session, int rows, int columns)
{
    struct terminal *terminal = session_open(session, rows, columns, NULL);
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    terminal_press(terminal, "P");
    terminal_wait_text(terminal, "Packages in ");
    terminal_sync(terminal);
    return terminal;
}

/* The one of the newest export's directory is proposed; each is told with what was looked at. */
static void test_packages_are_listed(void **state)
{
    struct session *session = *state;
    make_packages(session);
    struct terminal *terminal = open_packages(session, 24, 80);
    terminal_wait_text(terminal, ">web-prod @ monday");
    assert_true(terminal_has_text(terminal, session->exports));
    assert_true(terminal_has_text(terminal, "✓ verified"));
    assert_true(terminal_has_text(terminal, "✗ damaged"));
    assert_true(terminal_has_text(terminal, "on web-prod @ installed ("));
    terminal_press(terminal, "Down");
    terminal_wait_text(terminal, ">web-prod @ installed");
    terminal_wait_text(terminal, "1 here: web-prod @ monday");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "package   web-prod @ installed");
    terminal_wait_text(terminal, "sha256sum");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, ">web-prod @ installed");
    terminal_press(terminal, "Down");
    terminal_wait_text(terminal, "Damaged ");
    terminal_press(terminal, "i");
    terminal_wait_text(terminal, "nothing is taken out of it");
    terminal_press(terminal, "/");
    terminal_enter(terminal, "monday");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "1 of 3");
    terminal_resize(terminal, 16, 60);
    terminal_wait_text(terminal, ">web-prod @ monday");
    terminal_wait_text(terminal, "Path ");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

/* Another directory by its name, which Tab completes and which is proposed the next time. */
static void test_another_directory(void **state)
{
    struct session *session = *state;
    make_packages(session);
    struct terminal *terminal = open_packages(session, 24, 80);
    CLEANUP_FREE char *begun = mem_format("%s/cop", session->root);
    CLEANUP_FREE char *whole = mem_format("Packages in %s/copies", session->root);
    terminal_press(terminal, "Tab Ctrl-U");
    terminal_enter(terminal, begun);
    terminal_press(terminal, "Tab");
    terminal_wait_text(terminal, "/copies/");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, whole);
    terminal_wait_text(terminal, "! not verified");
    terminal_press(terminal, "Tab");
    terminal_enter(terminal, "/nothing");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "cannot look at the directory");
    terminal_press(terminal, "Esc P");
    terminal_wait_text(terminal, whole);
    terminal_sync(terminal);
    session_leave(terminal);
}

static void test_a_package_is_verified_as_a_job(void **state)
{
    struct session *session = *state;
    make_packages(session);
    struct terminal *terminal = open_packages(session, 24, 80);
    terminal_press(terminal, "Tab Ctrl-U");
    terminal_enter(terminal, session->root);
    terminal_enter(terminal, "/copies");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "! not verified");
    terminal_press(terminal, "v");
    terminal_wait_text(terminal, "7 Completed");
    terminal_sync(terminal);
    terminal_press(terminal, "Esc P");
    terminal_wait_text(terminal, "✓ verified");
    terminal_wait_text(terminal, "every byte was read");
    session_leave(terminal);
}

/* What would be refused is told beneath its field, before anything is done. */
static void test_a_place_that_is_taken_is_refused(void **state)
{
    struct session *session = *state;
    make_packages(session);
    struct terminal *terminal = open_packages(session, 24, 80);
    terminal_press(terminal, "i");
    terminal_wait_text(terminal, "import   web-prod @ monday");
    terminal_enter(terminal, session->exports);
    terminal_wait_text(terminal, "it is not empty");
    terminal_wait_text(terminal, "refused, see above");
    terminal_press(terminal, "Enter Enter Enter Enter");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Nothing is imported yet");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, ">web-prod @ monday");
    session_leave(terminal);
}

static void test_an_import_from_the_form_to_its_images(void **state)
{
    struct session *session = *state;
    make_packages(session);
    struct terminal *terminal = open_packages(session, 24, 80);
    CLEANUP_FREE char *to = mem_format("%s/images", session->root);
    terminal_press(terminal, "i");
    terminal_wait_text(terminal, "import   web-prod @ monday");
    terminal_enter(terminal, to);
    terminal_wait_text(terminal, " free");
    terminal_wait_text(terminal, "--to ");
    /* The store has the point already. */
    terminal_press(terminal, "Enter Enter Space");
    terminal_wait_text(terminal, "--register");
    terminal_wait_text(terminal, "has the point");
    terminal_press(terminal, "Space");
    terminal_wait_no_text(terminal, "has the point");
    terminal_press(terminal, "Enter Enter");
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "The disks are plain images in");
    terminal_sync(terminal);
    free(session_shell(
        session, "test -f \"$ROOT/images/web01/machine.cfg\" && test -f \"$ROOT/images/db01/vdb.qcow2\""));
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, ">web-prod @ monday");
    session_leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_packages_are_listed),
        SESSION_TEST(test_another_directory),
        SESSION_TEST(test_a_package_is_verified_as_a_job),
        SESSION_TEST(test_a_place_that_is_taken_is_refused),
        SESSION_TEST(test_an_import_from_the_form_to_its_images),
    };
    return session_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
