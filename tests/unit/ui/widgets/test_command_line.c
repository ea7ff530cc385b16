/* A command as it is shown and copied: what a shell makes of it are the very words, however it is wrapped. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"
#include "ui/widgets/command_line.h"

static const char *const words[] = {"refpoint",
                                    "export",
                                    "",
                                    "a b",
                                    "it's",
                                    "$(touch /x)`id`!",
                                    "new\nline\ttab",
                                    "caf\u00e9",
                                    "\xff\xfe",
                                    "日本語",
                                    "back\\slash",
                                    "~*?[a]{b}",
                                    "--to",
                                    "/backup/web",
                                    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
                                    "'",
                                    "\"",
                                    "#no comment",
                                    "a=b"};

static void fill(struct command_line *line)
{
    *line = (struct command_line){0};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        command_line_add(line, words[i]);
}

/* Runs the text as arguments of printf in bash, which writes each in brackets. */
static char *through_shell(const char *text)
{
    CLEANUP_FREE char *script = mem_format("printf '<%%s>' %s", text);
    assert_int_equal(setenv("REFPOINT_TEST_SCRIPT", script, 1), 0);
    FILE *shell = popen("bash -c \"$REFPOINT_TEST_SCRIPT\"", "r");
    assert_non_null(shell);
    char output[2048];
    size_t length = fread(output, 1, sizeof output - 1, shell);
    assert_int_equal(pclose(shell), 0);
    output[length] = '\0';
    return mem_strdup(output);
}

static void expect_words(const char *text)
{
    struct strbuf expected = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        strbuf_addf(&expected, "<%s>", words[i]);
    CLEANUP_FREE char *made = through_shell(text);
    assert_string_equal(made, expected.data);
    strbuf_free(&expected);
}

static void test_text(void **state)
{
    (void)state;
    struct command_line line;
    fill(&line);
    CLEANUP_FREE char *text = command_line_text(&line);
    assert_null(strchr(text, '\n'));
    expect_words(text);
    command_line_clear(&line);
}

static void test_copied_off_the_screen(void **state)
{
    (void)state;
    struct command_line line;
    fill(&line);
    for (size_t columns = 60; columns <= 200; columns += 9) {
        for (int ascii = 0; ascii < 2; ascii++) {
            char **lines = NULL;
            size_t count = 0;
            struct strbuf text = {0};
            command_line_wrap(&line, columns, SIZE_MAX, ascii, &lines, &count);
            for (size_t i = 0; i < count; i++) {
                CLEANUP_FREE char *shown = cells_safe(lines[i], ascii);
                assert_true(cells_width(shown, ascii) <= columns || count == 1);
                strbuf_addf(&text, "%s\n", shown);
            }
            expect_words(text.data);
            strbuf_free(&text);
            cells_free_lines(lines, count);
        }
    }
    command_line_clear(&line);
}

static void expect_lines(const struct command_line *line, size_t columns, size_t limit, bool ascii,
                         const char *expected)
{
    char **lines = NULL;
    size_t count = 0;
    struct strbuf text = {0};
    command_line_wrap(line, columns, limit, ascii, &lines, &count);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&text, "%s\n", lines[i]);
    assert_string_equal(text.data ? text.data : "", expected);
    strbuf_free(&text);
    cells_free_lines(lines, count);
}

static void test_wraps_between_words(void **state)
{
    (void)state;
    struct command_line line = {0};
    expect_lines(&line, 19, 5, false, "");
    command_line_add(&line, "refpoint");
    command_line_add_option(&line, "--to", "/backup/web");
    command_line_add_option(&line, "--base", "monday");
    expect_lines(&line, 19, 5, false, "refpoint \\\n--to /backup/web \\\n--base monday\n");
    expect_lines(&line, 19, 2, false, "refpoint \\\n--to /backup/web …\n");
    expect_lines(&line, 19, 2, true, "refpoint \\\n--to /backup/web..\n");
    expect_lines(&line, 80, 5, false, "refpoint --to /backup/web --base monday\n");
    expect_lines(&line, 5, 9, false, "refpoint \\\n--to /backup/web \\\n--base monday\n");
    expect_lines(&line, 5, 0, false, "");
    command_line_clear(&line);
}

int main(void)
{
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_copied_off_the_screen),
        cmocka_unit_test(test_wraps_between_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
