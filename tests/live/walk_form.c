/* The export form on the machines of test_form.sh, which run as this does: REFPOINT EXPORTS COMMAND. Two live
 * exports, the second since the first, with one machine off and a base package that is away for a while; the
 * command that the second one's review shows is left in the file COMMAND. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/terminal.h"

static const char *program;
static const char *exports;
static const char *command_file;

static void command(const char *line)
{
    assert_int_equal(system(line), 0);
}

static struct terminal *open_program(void)
{
    static const char *const passed[] = {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"};
    char *environment[ARRAY_LENGTH(passed) + 1] = {0};
    const char *argv[] = {program, NULL};
    for (size_t i = 0; i < ARRAY_LENGTH(passed); i++) {
        const char *value = getenv(passed[i]);
        assert_non_null(value);
        environment[i] = mem_format("%s=%s", passed[i], value);
    }
    struct terminal_spec spec = {
        .argv = argv, .environment = (const char *const *)environment, .rows = 30, .columns = 80};
    struct terminal *terminal = terminal_open(&spec);
    for (size_t i = 0; environment[i]; i++)
        free(environment[i]);
    return terminal;
}

/* From the form that is ready, by way of the review, which `review` looks at, to the end of the job. */
static void start(struct terminal *terminal, void (*review)(struct terminal *terminal))
{
    terminal_wait_text(terminal, "< Review >");
    terminal_press(terminal, "End Enter");
    terminal_wait_text(terminal, "2 of 3");
    review(terminal);
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "state 7 Completed");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Points of pair");
}

static void review_of_the_first(struct terminal *terminal)
{
    terminal_wait_text(terminal, "Point     r1");
    terminal_wait_text(terminal, "Kind      live, the machines as they are now, in full");
    terminal_wait_text(terminal, "Makes     an RCT based point, crash consistent");
    terminal_wait_text(terminal, "2 machines, 4 disks");
}

/* As a person copies it: the rows of its section. */
static void review_of_the_second(struct terminal *terminal)
{
    terminal_wait_text(terminal, "differential, since");
    terminal_wait_text(terminal, "one/hda  differential");
    terminal_wait_text(terminal, "two/hdb  differential");
    CLEANUP_FREE char *text = terminal_text(terminal);
    FILE *out = fopen(command_file, "w");
    const char *line = strstr(text, " Same as ");
    assert_non_null(out);
    assert_non_null(line);
    for (line = strchr(line, '\n'); line && line[1] == ' ' && line[2] != ' ' && line[2] != '<';
         line = strchr(line + 1, '\n'))
        fprintf(out, "%.*s\n", (int)strcspn(line + 1, "\n"), line + 1);
    assert_int_equal(fclose(out), 0);
}

static void test_live_exports(void **state)
{
    (void)state;
    struct terminal *terminal = open_program();
    terminal_wait_text(terminal, "No points yet.");
    terminal_wait_text(terminal, "e to export the running machines");
    terminal_sync(terminal);
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, " Kind      (o) live  there is no point yet");
    terminal_enter(terminal, exports);
    terminal_press(terminal, "Down Down Down"); /* Kind, Base, Name */
    terminal_enter(terminal, "r1");
    terminal_wait_text(terminal, "--live --name r1");
    terminal_press(terminal, "Down"); /* to where End is the last button */
    start(terminal, review_of_the_first);

    /* The point that it made is what the next one starts from. */
    terminal_wait_text(terminal, "Points of pair ── 1");
    terminal_sync(terminal);
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, " r1   20");
    terminal_wait_text(terminal, "(o) live");
    terminal_wait_text(terminal, "< Review >");
    CLEANUP_FREE char *away =
        mem_format("mkdir -p '%s/../away' && mv '%s'/pair-* '%s/../away'", exports, exports, exports);
    CLEANUP_FREE char *back = mem_format("mv '%s'/../away/pair-* '%s'", exports, exports);
    command(away);
    terminal_press(terminal, "Down r"); /* where it is no text */
    terminal_wait_text(terminal, "no package of the base point");
    terminal_wait_text(terminal, "Base must be mended first");
    command(back);
    command("virsh --quiet destroy two >/dev/null");
    terminal_press(terminal, "r");
    start(terminal, review_of_the_second);
    command("virsh --quiet start two >/dev/null");
    terminal_keys(terminal, "q");
    assert_int_equal(terminal_wait_end(terminal), 0);
    terminal_close(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_live_exports)};
    if (argc != 4) {
        print_error("usage: %s REFPOINT EXPORTS COMMAND\n", argv[0]);
        return 2;
    }
    program = argv[1];
    exports = argv[2];
    command_file = argv[3];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
