/* What a message says to an account that may not use a file. As root the account is nobody, in a child; else
 * it is the one that runs the test, with modes that keep it out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/access.h"
#include "core/base/account.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/return_code.h"

#define NOBODY 65534
#define UNNAMED 4100000123U

static char place[] = "/tmp/refpoint-access-XXXXXX";

static char *in_place(const char *name)
{
    return mem_format("%s/%s", place, name);
}

static void make_file(const char *name, mode_t mode)
{
    CLEANUP_FREE char *path = in_place(name);
    CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
}

static void make_directory(const char *name, mode_t mode)
{
    CLEANUP_FREE char *path = in_place(name);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void give_to(const char *name, uid_t user, gid_t group, mode_t mode)
{
    CLEANUP_FREE char *path = in_place(name);
    assert_int_equal(chown(path, user, group), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* What the child wrote with its error, as text; it is nobody, in no group but its own, and then those given.
 */
static char *said_to(uid_t user, const gid_t *groups, size_t count, const char *name, int flags)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (setgroups(count, groups) != 0 || setresgid(user, user, user) != 0 ||
            setresuid(user, user, user) != 0)
            _exit(2);
        CLEANUP_FREE char *path = in_place(name);
        int fd = open(path, flags | O_CLOEXEC, 0600);
        struct error err = {0};
        if (fd < 0)
            error_errno(&err, errno, "file.open", "cannot open %s", path);
        if (fd < 0 && err.code != RETURN_ACCESS_DENIED)
            _exit(3);
        (void)!write(ends[1], err.next, strlen(err.next));
        _exit(0);
    }
    close(ends[1]);
    char *text = mem_alloc(4096);
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], text + length, 4095 - length)) > 0)
        length += (size_t)got;
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return text;
}

/* `expected` with "@" for the place, and the account's name for "$". */
static void assert_said_to(uid_t user, const char *name, int flags, const char *expected)
{
    CLEANUP_FREE char *said = said_to(user, NULL, 0, name, flags);
    CLEANUP_FREE char *account = account_name(user);
    char wanted[4096] = "";
    for (const char *at = expected; *at; at++) {
        size_t length = strlen(wanted);
        (void)snprintf(wanted + length, sizeof wanted - length, *at == '@' || *at == '$' ? "%s" : "%.1s",
                       *at == '@'   ? place
                       : *at == '$' ? account
                                    : at);
    }
    assert_string_equal(said, wanted);
}

static bool is_root(void)
{
    if (geteuid() == 0)
        return true;
    print_message("not root: another account's view is not tried\n");
    return false;
}

static gid_t named_group(void)
{
    struct group *group = getgrnam("kvm");
    if (!group)
        group = getgrnam("daemon");
    assert_non_null(group);
    return group->gr_gid;
}

static void test_private_file(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    make_file("private", 0600);
    assert_said_to(NOBODY, "private", O_RDONLY,
                   "@/private can be read by root only. Run refpoint as root (sudo), or give $ the right: "
                   "sudo setfacl -m u:$:r @/private");
    give_to("private", 1, 1, 0600);
    CLEANUP_FREE char *said = said_to(NOBODY, NULL, 0, "private", O_RDONLY);
    CLEANUP_FREE char *owner = account_name(1);
    CLEANUP_FREE char *expected = mem_format("can be read by root and %s only.", owner);
    assert_non_null(strstr(said, expected));
    assert_non_null(strstr(said, "setfacl"));
}

static void test_group_of_file(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    make_file("shared", 0640);
    give_to("shared", 0, named_group(), 0640);
    CLEANUP_FREE char *group = account_group_name(named_group());
    CLEANUP_FREE char *expected =
        mem_format("@/shared can be read by root and the group %s only. Run refpoint as root (sudo), or join "
                   "the group: sudo usermod -aG %s $, then log in again.",
                   group, group);
    assert_said_to(NOBODY, "shared", O_RDONLY, expected);
    /* Who is in it may read, and needs the right to write. */
    gid_t groups[] = {named_group()};
    CLEANUP_FREE char *reads = said_to(NOBODY, groups, 1, "shared", O_RDONLY);
    assert_string_equal(reads, "");
    CLEANUP_FREE char *writes = said_to(NOBODY, groups, 1, "shared", O_RDWR);
    assert_non_null(strstr(writes, "can be written by root only."));
    assert_non_null(strstr(writes, ":rw "));
    /* An account without a name cannot be entered in a group. */
    CLEANUP_FREE char *unnamed = said_to(UNNAMED, NULL, 0, "shared", O_RDONLY);
    assert_non_null(strstr(unnamed, "setfacl -m u:4100000123:r "));
}

#define NO_NAMESPACE 77

/* A system whose database has nobody in the group already, since this login began. */
static int as_just_entered(void)
{
    CLEANUP_FREE char *groups = in_place("groups");
    CLEANUP_FREE char *user = account_name(NOBODY);
    CLEANUP_FREE char *group = account_group_name(named_group());
    CLEANUP_FREE char *line = mem_format("%s:x:%u:%s\n", group, (unsigned)named_group(), user);
    CLEANUP_FD int fd = open(groups, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || fchmod(fd, 0644) != 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
        return 2;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(groups, "/etc/group", NULL, MS_BIND, NULL) != 0)
        return NO_NAMESPACE;
    CLEANUP_FREE char *said = said_to(NOBODY, NULL, 0, "entered", O_RDONLY);
    return strstr(said, "log in again") && !strstr(said, "usermod") ? 0 : 3;
}

static void test_just_entered(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    make_file("entered", 0640);
    give_to("entered", 0, named_group(), 0640);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(as_just_entered());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_NAMESPACE)
        print_message("no mounts of its own here: not tried\n");
    else
        assert_int_equal(WEXITSTATUS(status), 0);
}

/* Nobody joins the group root for an image. */
static void test_group_of_root(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    make_file("of-root", 0640);
    assert_said_to(NOBODY, "of-root", O_RDONLY,
                   "@/of-root can be read by root and the group root only. Run refpoint as root (sudo), or "
                   "give $ the right: sudo setfacl -m u:$:r @/of-root");
}

static void test_closed_directory(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    make_directory("closed", 0700);
    make_directory("closed/deep er", 0755);
    make_file("closed/deep er/image", 0644);
    static const char expected[] =
        "@/closed can be entered by root only. Run refpoint as root (sudo), or give "
        "$ the right: sudo setfacl -m u:$:x @/closed";
    assert_said_to(NOBODY, "closed/deep er/image", O_RDONLY, expected);
    assert_said_to(NOBODY, "closed/missing", O_RDONLY, expected);
    /* Also where a link leads into it. */
    CLEANUP_FREE char *link = in_place("link");
    assert_int_equal(symlink("closed/deep er", link), 0);
    assert_said_to(NOBODY, "link/image", O_RDONLY, expected);
    /* One that can be passed but not listed keeps what it gives. */
    make_directory("passed", 0711);
    assert_said_to(NOBODY, "passed", O_RDONLY | O_DIRECTORY,
                   "@/passed can be read by root only. Run refpoint as root (sudo), or give $ the right: "
                   "sudo setfacl -m u:$:rx @/passed");
}

static void test_directory_not_writable(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    make_directory("ex ports", 0755);
    assert_said_to(
        NOBODY, "ex ports/new", O_WRONLY | O_CREAT,
        "@/ex ports can be changed by root only. Run refpoint as root (sudo), or give $ the right: "
        "sudo setfacl -m u:$:rwx '@/ex ports'");
}

/* The command that is named is tried, word for word. */
static void test_command_helps(void **state)
{
    (void)state;
    if (!is_root() || system("command -v setfacl >/dev/null") != 0) /* NOLINT(cert-env33-c) */
        skip();
    make_directory("helped", 0700);
    make_file("helped/it's", 0600);
    for (unsigned i = 0; i < 2; i++) {
        CLEANUP_FREE char *said = said_to(NOBODY, NULL, 0, "helped/it's", O_RDONLY);
        const char *command = strstr(said, "setfacl -m ");
        assert_non_null(command);
        if (system(command) != 0) { /* NOLINT(cert-env33-c) */
            print_message("no access lists on this file system: not tried\n");
            return;
        }
    }
    CLEANUP_FREE char *said = said_to(NOBODY, NULL, 0, "helped/it's", O_RDONLY);
    assert_string_equal(said, "");
    /* With an access list the bits of the group are no longer the group's. */
    give_to("helped/it's", 0, named_group(), 0640);
    CLEANUP_FREE char *other = said_to(1, NULL, 0, "helped/it's", O_RDONLY);
    assert_null(strstr(other, "usermod"));
}

static void test_not_the_owner(void **state)
{
    (void)state;
    make_file("owned", 0644);
    CLEANUP_FREE char *path = in_place("owned");
    char *advice = access_advice(path, EPERM);
    assert_null(advice); /* the owner, or root: then something else is in the way */
    assert_null(access_advice(path, ENOENT));
    assert_null(access_advice("/", EIO));
    if (geteuid() == 0) {
        give_to("owned", 1, 1, 0644);
        assert_int_equal(seteuid(NOBODY), 0);
        CLEANUP_FREE char *said = access_advice(path, EPERM);
        assert_int_equal(seteuid(0), 0);
        assert_non_null(said);
        assert_non_null(strstr(said, "belongs to"));
    }
}

static void test_own_mode(void **state)
{
    (void)state;
    make_file("own", 0000);
    CLEANUP_FREE char *path = in_place("own");
    CLEANUP_FREE char *expected = mem_format(
        "%s is this account's own, but its mode does not let it be read: chmod u+r %s", path, path);
    if (geteuid() == 0) {
        give_to("own", NOBODY, NOBODY, 0000);
        assert_int_equal(chmod(place, 0755), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    CLEANUP_FREE char *said = access_advice(path, EACCES);
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_non_null(said);
    assert_string_equal(said, expected);
}

/* A message may say more than the path, or two of them, or none that refuses. */
static void test_in_message(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    make_directory("some where", 0755);
    make_file("some where/a", 0600);
    assert_int_equal(seteuid(NOBODY), 0);
    CLEANUP_FREE char *message = mem_format("the export directory %s/some where cannot be written to", place);
    CLEANUP_FREE char *directory = access_advice_in(message, EACCES);
    CLEANUP_FREE char *two = mem_format("cannot rename /usr/bin/env to '%s/some where/a' (%s)", place, place);
    CLEANUP_FREE char *second = access_advice_in(two, EACCES);
    char *none = access_advice_in("machine a/b: cannot write 1/2 to it", EACCES);
    assert_int_equal(seteuid(0), 0);
    CLEANUP_FREE char *start = mem_format("%s/some where can be changed by root only.", place);
    assert_non_null(directory);
    assert_memory_equal(directory, start, strlen(start));
    assert_non_null(second);
    assert_null(none);
}

/* Root whom something refuses: here, a root without its capabilities. */
static void test_root_refused(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    make_file("of-another", 0600);
    give_to("of-another", 1, 1, 0600);
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static const struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        static const struct __user_cap_data_struct none[2] = {{0}};
        CLEANUP_FREE char *path = in_place("of-another");
        if (syscall(SYS_capset, &header, none) != 0)
            _exit(2);
        char *said = access_advice(path, EACCES);
        _exit(said && strstr(said, "even by this root") ? 0 : 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(place) && chmod(place, 0755) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    CLEANUP_FREE char *command = mem_format("rm -rf %s", place);
    return system(command); /* NOLINT(cert-env33-c) */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_private_file),
        cmocka_unit_test(test_group_of_file),
        cmocka_unit_test(test_group_of_root),
        cmocka_unit_test(test_just_entered),
        cmocka_unit_test(test_closed_directory),
        cmocka_unit_test(test_command_helps),
        cmocka_unit_test(test_directory_not_writable),
        cmocka_unit_test(test_not_the_owner),
        cmocka_unit_test(test_own_mode),
        cmocka_unit_test(test_in_message),
        cmocka_unit_test(test_root_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
