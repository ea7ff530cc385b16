/* Completion of directories, on real ones: hostile names, many names, none. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/system/fs.h"
#include "ui/widgets/completion.h"

static char *make_place(void)
{
    const char *base = getenv("TMPDIR");
    char *place = mem_format("%s/refpoint-completion-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(place));
    return place;
}

static void remove_place(char *place)
{
    struct error err = {0};
    assert_true(fs_remove_tree(AT_FDCWD, place, &err));
    free(place);
}

static void add_directory(const char *place, const char *name)
{
    CLEANUP_FREE char *path = mem_format("%s/%s", place, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

/* Completes place/typed, expects place/expected and these candidates, joined with "|". */
static void expect(const char *place, const char *typed, const char *expected, const char *candidates)
{
    CLEANUP_FREE char *from = mem_format("%s/%s", place, typed);
    CLEANUP_FREE char *to = mem_format("%s/%s", place, expected);
    struct completion completion;
    completion_run(from, &completion);
    assert_string_equal(completion.typed, from);
    assert_string_equal(completion.text, to);
    CLEANUP_FREE char *joined = mem_strdup("");
    for (size_t i = 0; i < completion.candidate_count; i++) {
        char *longer = mem_format("%s%s|", joined, completion.candidates[i]);
        free(joined);
        joined = longer;
    }
    assert_string_equal(joined, candidates);
    assert_int_equal(completion_has_effect(&completion), strcmp(typed, expected) != 0 || *candidates);
    completion_clear(&completion);
}

static void test_completes(void **state)
{
    (void)state;
    char *place = make_place();
    add_directory(place, "backup-new");
    add_directory(place, "backup-old");
    add_directory(place, "backup-old/web");
    add_directory(place, "srv");
    add_directory(place, ".hidden");
    CLEANUP_FREE char *file = mem_format("%s/backup-file", place);
    CLEANUP_FREE char *link_path = mem_format("%s/to-srv", place);
    int fd = open(file, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(symlink("srv", link_path), 0);
    expect(place, "b", "backup-", "backup-new|backup-old|");
    expect(place, "backup-", "backup-", "backup-new|backup-old|");
    expect(place, "backup-o", "backup-old/", "");
    expect(place, "backup-old/", "backup-old/web/", "");
    expect(place, "backup-old/web/", "backup-old/web/", "");
    expect(place, "backup-file", "backup-file", "");
    expect(place, "nothing", "nothing", "");
    expect(place, "nothing/at/all", "nothing/at/all", "");
    expect(place, "", "", "backup-new|backup-old|srv|to-srv|");
    expect(place, "to", "to-srv/", "");
    expect(place, ".", ".hidden/", "");
    remove_place(place);
}

static void test_hostile_names(void **state)
{
    (void)state;
    char *place = make_place();
    add_directory(place, "a \x1b[31m\n");
    add_directory(place, "caf\xc3\xa9");
    add_directory(place, "caf\xc3\xaa");
    add_directory(place, "raw\xff\xfe");
    add_directory(place, "-rf");
    expect(place, "a", "a \x1b[31m\n/", "");
    /* Both share the first byte of their last character: it is not typed for them. */
    expect(place, "c", "caf", "caf\xc3\xa9|caf\xc3\xaa|");
    expect(place, "raw", "raw\xff\xfe/", "");
    expect(place, "-", "-rf/", "");
    remove_place(place);
}

static void test_bounded(void **state)
{
    (void)state;
    char *place = make_place();
    for (int i = 0; i < COMPLETION_CANDIDATES + 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "d%04d", i);
        add_directory(place, name);
    }
    struct completion completion;
    CLEANUP_FREE char *typed = mem_format("%s/", place);
    completion_run(typed, &completion);
    assert_int_equal(completion.candidate_count, COMPLETION_CANDIDATES);
    assert_true(completion.more);
    CLEANUP_FREE char *text = mem_format("%s/d0", place); /* all of them share it, kept or not */
    assert_string_equal(completion.text, text);
    completion_clear(&completion);
    remove_place(place);
}

static void test_not_absolute(void **state)
{
    (void)state;
    static const char *const same[] = {"", "tmp", "./", "~user/", "../"};
    for (size_t i = 0; i < ARRAY_LENGTH(same); i++) {
        struct completion completion;
        completion_run(same[i], &completion);
        assert_string_equal(completion.text, same[i]);
        assert_false(completion_has_effect(&completion));
        completion_clear(&completion);
    }
}

static void test_home(void **state)
{
    (void)state;
    char *place = make_place();
    add_directory(place, "exports");
    assert_int_equal(setenv("HOME", place, 1), 0);
    struct completion completion;
    completion_run("~/e", &completion);
    CLEANUP_FREE char *text = mem_format("%s/exports/", place);
    assert_string_equal(completion.text, text);
    assert_true(completion_has_effect(&completion));
    completion_clear(&completion);
    remove_place(place);
}

static void test_what_is_taken(void **state)
{
    (void)state;
    char *names[] = {(char[]){"alpha"}, (char[]){"/srv"}};
    struct completion completion = {
        .text = (char[]){"/backup/al"}, .candidates = names, .candidate_count = 2};
    CLEANUP_FREE char *name = completion_take(&completion, 0);
    assert_string_equal(name, "/backup/alpha/");
    CLEANUP_FREE char *whole = completion_take(&completion, 1); /* a place: all of it */
    assert_string_equal(whole, "/srv");
    completion_run("", &completion); /* what is mounted here is this machine's affair */
    assert_string_equal(completion.text, "");
    for (size_t i = 0; i < completion.candidate_count; i++)
        assert_true(completion.candidates[i][0] == '/' && completion.about[i][0] != '\0');
    completion_clear(&completion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_completes), cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_bounded),   cmocka_unit_test(test_not_absolute),
        cmocka_unit_test(test_home),      cmocka_unit_test(test_what_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
