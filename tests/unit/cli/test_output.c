#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pty.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "core/cli/follow/progress.h"
#include "core/cli/line/output.h"

struct capture {
    FILE *stream;
    char *text;
    size_t length;
    FILE *errors;
    char *error_text;
    size_t error_length;
    struct output out;
};

static void begin(struct capture *capture, bool json)
{
    *capture = (struct capture){0};
    capture->stream = open_memstream(&capture->text, &capture->length);
    capture->errors = open_memstream(&capture->error_text, &capture->error_length);
    assert_non_null(capture->stream);
    assert_non_null(capture->errors);
    output_begin(&capture->out, capture->stream, capture->errors, json);
}

/* Ends the output; the texts stay until release. */
static void end(struct capture *capture)
{
    struct error err = {0};
    assert_true(output_end(&capture->out, &err));
    fclose(capture->stream);
    fclose(capture->errors);
}

static void release(struct capture *capture)
{
    free(capture->text);
    free(capture->error_text);
}

static void test_table_is_aligned_by_columns_of_the_terminal(void **state)
{
    (void)state;
    static const char *const headings[] = {"NAME", ">SIZE", "PATH"};
    struct capture capture;
    struct table table;
    begin(&capture, false);
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    table_add(&table, "日本");
    table_add(&table, "1 B");
    table_add(&table, "/a");
    table_add(&table, "e\xcc\x81t");
    table_add(&table, "10.0 GiB");
    table_add(&table, NULL);
    table_add(&table, "a\033[2Jb\nc");
    table_add(&table, "");
    table_add(&table, "/b c");
    table_end(&table, &capture.out);
    end(&capture);
    assert_string_equal(capture.text, "NAME              SIZE  PATH\n"
                                      "日本               1 B  /a\n"
                                      "e\xcc\x81t            10.0 GiB  -\n"
                                      "a\\x1b[2Jb\\nc         -  /b c\n");
    release(&capture);
}

static void test_json_replaces_text(void **state)
{
    (void)state;
    static const char *const headings[] = {"A"};
    struct capture capture;
    struct table table;
    begin(&capture, true);
    table_begin(&table, headings, 1);
    table_add(&table, "cell");
    table_end(&table, &capture.out);
    output_line(&capture.out, "a line");
    output_progress(&capture.out, "50%");
    json_t *object = json_object();
    json_put_text(object, "name", "a\"b\n\033\xff");
    output_json(&capture.out, object);
    end(&capture);
    assert_string_equal(capture.text, "{\"name\":\"a\\\"b\\\\n\\\\x1b\\\\xff\"}\n");
    release(&capture);
}

static void test_errors_go_to_their_stream_in_both_forms(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        struct capture capture;
        struct error err = {0};
        begin(&capture, json == 1);
        error_set(&err, 32774, "x.y", "image %s is open", "/a\nb");
        error_cause(&err, "QEMU has it");
        error_next(&err, "Shut the machine down.");
        output_error(&capture.out, &err);
        end(&capture);
        assert_string_equal(capture.text, "");
        assert_string_equal(capture.error_text,
                            "refpoint: image /a\\nb is open: QEMU has it. Shut the machine down. (32774)\n");
        release(&capture);
    }
}

static void test_a_full_disk_is_noticed(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        skip();
    struct output out;
    struct error err = {0};
    output_begin(&out, full, stderr, false);
    output_line(&out, "lost");
    assert_false(output_end(&out, &err));
    assert_int_equal(err.code, 32768);
    fclose(full);
}

static struct job_snapshot running(unsigned percent)
{
    struct job_snapshot snapshot = {.state = JOB_STATE_RUNNING,
                                    .phase = JOB_PHASE_COPY,
                                    .percent_complete = percent,
                                    .bytes_done = percent * MIB,
                                    .bytes_total = 100 * MIB,
                                    .revision = percent + 1};
    snprintf(snapshot.identity.id.text, sizeof snapshot.identity.id.text, "j");
    return snapshot;
}

static void test_progress_lines_when_redirected(void **state)
{
    (void)state;
    struct capture capture;
    struct progress progress;
    begin(&capture, false);
    progress_begin(&progress, &capture.out, true);
    static const unsigned percents[] = {10, 10, 11};
    for (size_t i = 0; i < ARRAY_LENGTH(percents); i++) {
        struct job_snapshot snapshot = running(percents[i]);
        snapshot.revision = i;
        progress_show(&progress, &snapshot);
    }
    end(&capture);
    assert_string_equal(capture.text, " 10%  copy        10.0 MiB of 100.0 MiB\n"
                                      " 11%  copy        11.0 MiB of 100.0 MiB\n");
    release(&capture);
}

static void test_progress_events(void **state)
{
    (void)state;
    struct capture capture;
    struct progress progress;
    struct job_snapshot snapshot = running(7);
    begin(&capture, true);
    progress_begin(&progress, &capture.out, true);
    progress_show(&progress, &snapshot);
    progress_show(&progress, &snapshot);
    end(&capture);
    json_t *event = json_loads(capture.text, 0, NULL);
    assert_non_null(event);
    assert_string_equal(json_get_text(event, "event", ""), "progress");
    assert_string_equal(json_get_text(event, "job", ""), "j");
    assert_int_equal(json_get_number(event, "percent_complete", 0), 7);
    assert_int_equal(json_get_number(event, "bytes_done", 0), 7 * MIB);
    assert_int_equal(json_get_number(event, "bytes_total", 0), 100 * MIB);
    json_decref(event);
    release(&capture);
}

/* On a terminal one line is rewritten, and nothing but printable characters, returns and newlines is sent. */
static void test_progress_on_a_terminal(void **state)
{
    (void)state;
    int master = -1;
    int slave = -1;
    const struct winsize size = {.ws_row = 24, .ws_col = 30};
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    FILE *stream = fdopen(slave, "w");
    struct output out;
    struct error err = {0};
    output_begin(&out, stream, stderr, false);
    assert_true(out.terminal);
    output_progress(&out, "a rather long line that the terminal could not hold");
    output_progress(&out, "short\033[31m");
    output_line(&out, "after");
    assert_true(output_end(&out, &err));
    char text[512] = "";
    size_t length = 0;
    while (!strstr(text, "after\r\n")) {
        ssize_t got = read(master, text + length, sizeof text - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
        text[length] = '\0';
    }
    assert_string_equal(text, "\ra rather long line that the t"
                              "\rshort\\x1b[31m                "
                              "\r\nafter\r\n");
    fclose(stream);
    close(master);
}

static int finish(struct capture *capture, const struct job_snapshot *snapshot, uint32_t value, json_t **line)
{
    begin(capture, true);
    int status = progress_finish(&capture->out, snapshot, value == RETURN_JOB_STARTED, value);
    end(capture);
    *line = json_loads(capture->text, 0, NULL);
    assert_non_null(*line);
    assert_string_equal(json_get_text(*line, "event", ""), "finished");
    assert_int_equal(json_get_number(*line, "return_value", 1), value);
    return status;
}

static void test_the_end_and_its_status(void **state)
{
    (void)state;
    static const struct {
        uint32_t job_state;
        int status;
    } ends[] = {
        {JOB_STATE_COMPLETED, CLI_DONE},   {JOB_STATE_COMPLETED_WITH_WARNINGS, CLI_DONE},
        {JOB_STATE_EXCEPTION, CLI_FAILED}, {JOB_STATE_TERMINATED, CLI_CANCELLED},
        {JOB_STATE_KILLED, CLI_CANCELLED}, {JOB_STATE_RUNNING, CLI_FAILED},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++) {
        struct capture capture;
        json_t *line = NULL;
        struct job_disk disk = {.machine = "web", .disk = "vda", .kind = "full", .reason = "new"};
        struct job_snapshot snapshot = running(50);
        snapshot.state = ends[i].job_state;
        snapshot.disks = &disk;
        snapshot.disk_count = 1;
        if (ends[i].status == CLI_FAILED)
            error_set(&snapshot.error, 32768, "export.no-space", "no space");
        assert_int_equal(finish(&capture, &snapshot, RETURN_JOB_STARTED, &line), ends[i].status);
        assert_int_equal(json_get_number(line, "job_state", 0), ends[i].job_state);
        assert_int_equal(json_get_number(line, "error_code", 1), ends[i].status == CLI_FAILED ? 32768 : 0);
        const json_t *row = json_array_get(json_object_get(line, "disks"), 0);
        assert_string_equal(json_get_text(row, "machine", ""), "web");
        assert_string_equal(json_get_text(row, "disk", ""), "vda");
        assert_string_equal(json_get_text(row, "kind", ""), "full");
        assert_string_equal(json_get_text(row, "reason", ""), "new");
        assert_true(json_is_null(json_object_get(line, "package")));
        assert_string_equal(json_get_text(line, "job", ""), "j");
        json_decref(line);
        release(&capture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_aligned_by_columns_of_the_terminal),
        cmocka_unit_test(test_json_replaces_text),
        cmocka_unit_test(test_errors_go_to_their_stream_in_both_forms),
        cmocka_unit_test(test_a_full_disk_is_noticed),
        cmocka_unit_test(test_progress_lines_when_redirected),
        cmocka_unit_test(test_progress_events),
        cmocka_unit_test(test_progress_on_a_terminal),
        cmocka_unit_test(test_the_end_and_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
