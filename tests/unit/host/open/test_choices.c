/* Which hosts can be chosen, and what they are opened as. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>

#include "core/base/mem.h"
#include "core/host/open/choices.h"
#include "core/host/open/open.h"
#include "core/system/fs.h"

#define SOMEBODY 65534 /* an account that is not root's */

struct fixture {
    char directory[64];
    char *file;
    struct settings_place started;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    snprintf(fixture->directory, sizeof fixture->directory, "/tmp/refpoint-choices-XXXXXX");
    if (!mkdtemp(fixture->directory) || chmod(fixture->directory, 0755) != 0)
        return -1;
    fixture->file = mem_format("%s/refpoint.cfg", fixture->directory);
    fixture->started = (struct settings_place){.host = mem_strdup("local"),
                                               .store = mem_format("%s/given", fixture->directory),
                                               .config = mem_strdup(fixture->file)};
    setenv("XDG_DATA_HOME", fixture->directory, 1);
    setenv("REFPOINT_STORE", "/of/the/host/that/was/started", 1);
    unsetenv("XDG_RUNTIME_DIR");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    bool removed = fs_remove_tree(AT_FDCWD, fixture->directory, &err);
    settings_place_clear(&fixture->started);
    free(fixture->file);
    free(fixture);
    return removed ? 0 : -1;
}

static void write_hosts(const struct fixture *fixture, const char *hosts)
{
    CLEANUP_FREE char *text = mem_format("hosts = ( %s );\n", hosts);
    struct error err = {0};
    assert_true(fs_write_atomic(AT_FDCWD, fixture->file, text, strlen(text), 0644, &err));
}

static const struct host_choice *find(const struct host_choices *choices, const char *name)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (strcmp(choices->items[i].name, name) == 0)
            return &choices->items[i];
    }
    return NULL;
}

static void test_of_the_file(void **state)
{
    const struct fixture *fixture = *state;
    write_hosts(fixture, "{ name = \"lab\"; store = \"/srv/lab\"; },\n"
                         "{ name = \"kvm\"; kind = \"libvirt\"; uri = \"qemu:///system\"; },\n"
                         "{ name = \"old\"; type = \"libvirt\"; }");
    struct host_choices choices;
    struct error err = {0};
    assert_true(host_choices_read(&choices, &fixture->started, &err));
    assert_int_equal(choices.count, 4); /* the daemon's address is kvm's, whether it runs here or not */
    assert_string_equal(choices.items[0].name, "local");
    assert_string_equal(choices.items[0].store, fixture->started.store);
    assert_string_equal(choices.items[1].name, "lab");
    assert_string_equal(choices.items[1].store, "/srv/lab");
    assert_null(choices.items[1].address);
    assert_string_equal(choices.items[2].address, "qemu:///system");
    /* $REFPOINT_STORE is the local host's: two hosts in one store would take each other's machines for gone.
     */
    CLEANUP_FREE char *own = mem_format("%s/refpoint/hosts/kvm", fixture->directory);
    assert_string_equal(choices.items[2].store, own);
    assert_null(choices.items[2].refused);
    assert_string_equal(choices.items[3].name, "old");
    CLEANUP_FREE char *where = mem_format("%s:3: a host has no \"type\"", fixture->file);
    assert_non_null(strstr(choices.items[3].refused, where));
    host_choices_clear(&choices);
}

static void test_a_local_host_of_that_name_is_the_local_one(void **state)
{
    const struct fixture *fixture = *state;
    write_hosts(fixture, "{ name = \"local\"; store = \"/srv/own\"; }");
    struct host_choices choices;
    struct error err = {0};
    assert_true(host_choices_read(&choices, &fixture->started, &err));
    assert_string_equal(choices.items[0].name, "local");
    assert_string_equal(choices.items[0].store, fixture->started.store);
    assert_ptr_equal(find(&choices, "local"), &choices.items[0]);
    host_choices_clear(&choices);
}

/* Whoever began elsewhere finds the way back. */
static void test_where_the_program_was_started(void **state)
{
    struct fixture *fixture = *state;
    write_hosts(fixture, "");
    mem_replace(&fixture->started.host, "qemu+ssh://far/system");
    struct host_choices choices;
    struct error err = {0};
    assert_true(host_choices_read(&choices, &fixture->started, &err));
    const struct host_choice *far = find(&choices, "qemu+ssh://far/system");
    assert_non_null(far);
    assert_false(far->found);
    assert_string_equal(far->address, "qemu+ssh://far/system");
    assert_string_equal(far->store, fixture->started.store);
    host_choices_clear(&choices);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void test_a_daemon_of_ones_own_is_found_by_its_socket(void **state)
{
    const struct fixture *fixture = *state;
    write_hosts(fixture, "");
    setenv("XDG_RUNTIME_DIR", fixture->directory, 1);
    bool root = geteuid() == 0;
    assert_true(!root || seteuid(SOMEBODY) == 0);
    struct host_choices before;
    struct host_choices after;
    struct error err = {0};
    assert_true(host_choices_read(&before, &fixture->started, &err));
    assert_true(!root || seteuid(0) == 0);
    CLEANUP_FREE char *directory = mem_format("%s/libvirt", fixture->directory);
    CLEANUP_FREE char *path = mem_format("%s/virtqemud-sock", directory);
    assert_int_equal(mkdir(directory, 0755), 0);
    CLEANUP_FD int fd = listen_at(path);
    assert_true(fd >= 0);
    assert_true(!root || seteuid(SOMEBODY) == 0);
    assert_true(host_choices_read(&after, &fixture->started, &err));
    assert_true(!root || seteuid(0) == 0);
    assert_null(find(&before, "qemu:///session"));
    const struct host_choice *found = find(&after, "qemu:///session");
    assert_non_null(found);
    assert_true(found->found);
    host_choices_clear(&before);
    host_choices_clear(&after);
}

static void test_opening_what_was_chosen(void **state)
{
    const struct fixture *fixture = *state;
    CLEANUP_FREE char *entry = mem_format(
        "{ name = \"lab\"; store = \"%s/lab\"; }, { name = \"old\"; type = \"x\"; }", fixture->directory);
    write_hosts(fixture, entry);
    struct settings_place place;
    struct error err = {0};
    struct host *host = host_open_chosen(&fixture->started, "lab", &place, &err);
    assert_non_null(host);
    assert_string_equal(host->ops->kind, "local");
    CLEANUP_FREE char *store = mem_format("%s/lab", fixture->directory);
    assert_string_equal(place.store, store);
    assert_string_equal(place.config, fixture->file);
    host->ops->close(host);
    settings_place_clear(&place);
    host = host_open_chosen(&fixture->started, "local", &place, &err);
    assert_non_null(host);
    assert_string_equal(place.store, fixture->started.store);
    host->ops->close(host);
    settings_place_clear(&place);
    assert_null(host_open_chosen(&fixture->started, "old", &place, &err));
    assert_string_equal(err.key, "host.refused");
    settings_place_clear(&place);
}

static void test_a_file_that_cannot_be_read(void **state)
{
    const struct fixture *fixture = *state;
    write_hosts(fixture, "{ name = ");
    struct host_choices choices;
    struct error err = {0};
    assert_false(host_choices_read(&choices, &fixture->started, &err));
    assert_string_equal(err.key, "config.syntax");
    assert_int_equal(choices.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_of_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_local_host_of_that_name_is_the_local_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_where_the_program_was_started, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_daemon_of_ones_own_is_found_by_its_socket, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_opening_what_was_chosen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_cannot_be_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
