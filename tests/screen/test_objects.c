/* Collections and machines are made, changed and removed on the screen, as the command line does it; and an
 * empty store is a beginning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

/* One store for all of them: each makes objects of its own there. */
static int set_up(void **state)
{
    int result = session_set_up(state);
    if (result == 0)
        session_own_store(*state);
    return result;
}

static void assert_shell(struct session *session, const char *command, const char *expected)
{
    CLEANUP_FREE char *text = session_shell(session, command);
    text[strcspn(text, "\n")] = '\0';
    assert_string_equal(text, expected);
}

/* --- collections --- */

static void test_a_collection_is_defined(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "c");
    terminal_wait_text(terminal, "New collection");
    terminal_wait_text(terminal, "in web-prod");
    terminal_press(terminal, "Enter Enter Enter"); /* nothing is filled in: nothing happens */
    terminal_wait_text(terminal, "! it needs a name");
    terminal_enter(terminal, "web-prod");
    terminal_wait_text(terminal, "there is one of this name already");
    terminal_press(terminal, "Ctrl-U");
    terminal_enter(terminal, "night");
    terminal_wait_text(terminal, "! tick at least one machine");
    terminal_wait_text(terminal, "Define: no machine is ticked");
    terminal_press(terminal, "Tab");
    terminal_go_to_row(terminal, "           [ ] web01");
    terminal_press(terminal, "Space");
    terminal_wait_text(terminal, "1 of 5 machines");
    terminal_wait_text(terminal, "--member web01");
    terminal_press(terminal, "Enter Enter");
    terminal_wait_text(terminal, "night is defined");
    assert_shell(session, "$REFPOINT collection list --json | jq -c 'select(.name == \"night\") | .machines'",
                 "[\"web01\"]");
    session_leave(terminal);
}

static void test_deleting_a_collection_asks(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "$REFPOINT collection define aaa --member db01"));
    struct terminal *terminal = session_open_at(session, 24, 80, "aaa");
    terminal_go_to_row(terminal, ">aaa");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "Delete this collection?");
    terminal_wait_text(terminal, "nothing depends on it");
    terminal_press(terminal, "Enter"); /* no is preselected */
    terminal_wait_text(terminal, "Collections");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "Delete this collection?");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "is deleted");
    assert_shell(session, "$REFPOINT collection list --json | jq -r .name | grep -c '^aaa$' || true", "0");
    session_leave(terminal);
}

static void test_a_collection_with_points_stays(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_go_to_row(terminal, ">web-prod");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "4 points depend on it");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "(32775 ");
    terminal_wait_text(terminal, "still has 4");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

/* --- machines --- */

/* The picker begins at home: a path is typed there, or found by going. */
static void choose_file(struct terminal *terminal, struct session *session, const char *name)
{
    terminal_wait_text(terminal, "Choose the disk's image");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab Ctrl-U");
    terminal_enter(terminal, session->root);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, name);
    terminal_sync(terminal);
    terminal_press(terminal, "/");
    terminal_enter(terminal, name);
    terminal_press(terminal, "Enter");
}

static void test_a_machine_is_added_disk_by_disk(void **state)
{
    struct session *session = *state;
    free(session_shell(session,
                       "cd \"$ROOT\" && qemu-img create -q -f qcow2 under.qcow2 64M && qemu-img create "
                       "-q -f qcow2 -b under.qcow2 -F qcow2 over.qcow2 && mkdir -p adir .hidden"));
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "m");
    terminal_wait_text(terminal, "IN COLLECTIONS");
    terminal_press(terminal, "n");
    terminal_wait_text(terminal, "disk by disk");
    terminal_press(terminal, "Tab");
    terminal_enter(terminal, "new01");
    terminal_press(terminal, "Tab");
    terminal_enter(terminal, "2");
    terminal_press(terminal, "Tab");
    terminal_enter(terminal, "1G");
    terminal_press(terminal, "Tab Tab Tab Enter");
    choose_file(terminal, session, "over.qcow2");
    terminal_wait_text(terminal, "qcow2, 64.0 MiB");
    terminal_wait_text(terminal, "under.qcow2");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Based on"); /* as the image says it */
    terminal_wait_text(terminal, "Add the machine");
    terminal_press(terminal, "Enter Enter Enter Enter Enter");
    terminal_wait_text(terminal, "new01 is added");
    terminal_wait_text(terminal, "Machines");
    assert_shell(session,
                 "$REFPOINT machine list --json | jq -c 'select(.name == \"new01\") | "
                 "[.cpus, .memory, .disks[0].format, (.disks[0].backing | length)]'",
                 "[2,1073741824,\"qcow2\",1]");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void test_a_machine_is_changed_and_removed(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "truncate -s 1M \"$ROOT/a.raw\" \"$ROOT/b.raw\"; $REFPOINT machine add zzz "
                                "--disk \"vda=raw:$ROOT/a.raw\""));
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "m");
    terminal_wait_text(terminal, "zzz");
    terminal_go_to_row(terminal, ">zzz");
    terminal_wait_text(terminal, "a.raw");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "nothing is changed yet");
    terminal_press(terminal, "Tab");
    terminal_enter(terminal, "4");
    terminal_wait_text(terminal, "--cpus 4");
    terminal_press(terminal, "Tab");
    terminal_enter(terminal, "x");
    terminal_wait_text(terminal, "! a size");
    terminal_wait_text(terminal, "Memory must be mended");
    terminal_press(terminal, "BackSpace Enter Enter");
    terminal_wait_text(terminal, "zzz is changed");
    assert_shell(session, "$REFPOINT machine list --json | jq -c 'select(.name == \"zzz\") | .cpus'", "4");
    terminal_wait_text(terminal, "4 cpus");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "Remove this machine?");
    terminal_wait_text(terminal, "nothing depends on it");
    terminal_press(terminal, "Enter"); /* no is preselected */
    terminal_wait_text(terminal, "IN COLLECTIONS");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "Remove this machine?");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "no longer in the store");
    assert_shell(session, "$REFPOINT machine list --json | jq -r .name | grep -c '^zzz$' || true", "0");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void test_a_member_is_not_removed(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "m");
    terminal_wait_text(terminal, "db01");
    terminal_go_to_row(terminal, ">db01");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "! web-prod");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "(32774 ");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "IN COLLECTIONS");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void test_a_definition_is_read(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session,
        "truncate -s 1M \"$ROOT/d.raw\"; printf '%s' \"<domain type='kvm'><name>fromxml</name>"
        "<memory unit='GiB'>1</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os><devices>"
        "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$ROOT/d.raw'/>"
        "<target dev='vda'/></disk></devices></domain>\" >\"$ROOT/m.xml\"; echo nothing >\"$ROOT/n.xml\""));
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    CLEANUP_FREE char *wrong = mem_format("%s/n.xml", session->root);
    CLEANUP_FREE char *right = mem_format("%s/m.xml", session->root);
    terminal_press(terminal, "m");
    terminal_wait_text(terminal, "IN COLLECTIONS");
    terminal_press(terminal, "n");
    terminal_wait_text(terminal, "disk by disk");
    terminal_press(terminal, "Space Tab");
    terminal_enter(terminal, wrong);
    terminal_wait_text(terminal, "not well-formed");
    terminal_wait_text(terminal, "File must be mended");
    terminal_press(terminal, "Ctrl-U");
    terminal_enter(terminal, right);
    terminal_wait_text(terminal, "fromxml: 1 disk");
    terminal_press(terminal, "Enter Enter Enter Enter Enter");
    terminal_wait_text(terminal, "fromxml is added");
    assert_shell(session, "$REFPOINT machine list --json | jq -c 'select(.name == \"fromxml\") | .cpus'",
                 "2");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void test_going_through_directories(void **state)
{
    struct session *session = *state;
    free(session_shell(session,
                       "mkdir -p \"$ROOT/tree/inner\" \"$ROOT/tree/.dot\"; touch \"$ROOT/tree/file\""));
    CLEANUP_FREE char *tree = mem_format("%s/tr", session->root);
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "m");
    terminal_wait_text(terminal, "IN COLLECTIONS");
    terminal_press(terminal, "n");
    terminal_wait_text(terminal, "disk by disk");
    terminal_press(terminal, "Tab Tab Tab Tab Tab Tab Enter");
    terminal_wait_text(terminal, "Choose the disk's image");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab Ctrl-U");
    terminal_enter(terminal, tree);
    terminal_press(terminal, "Tab");
    terminal_wait_text(terminal, "/tree/"); /* completed */
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "inner/");
    assert_false(terminal_has_text(terminal, ".dot/"));
    terminal_wait_text(terminal, "1 hidden");
    terminal_sync(terminal);
    terminal_press(terminal, ".");
    terminal_wait_text(terminal, ".dot/");
    terminal_sync(terminal);
    terminal_go_to_row(terminal, ">inner/");
    terminal_press(terminal, "Enter");
    terminal_wait_no_text(terminal, "inner/ ");
    terminal_sync(terminal);
    terminal_press(terminal, "BackSpace"); /* and the place that was left is selected */
    terminal_wait_text(terminal, ">inner/");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "disk by disk");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "IN COLLECTIONS");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

/* --- an empty store --- */

static struct terminal *open_nothing(struct session *session)
{
    CLEANUP_FREE char *variable = mem_format("REFPOINT_STORE=%s/nothing", session->root);
    const char *extra[] = {variable, NULL};
    struct terminal *terminal = session_open(session, 24, 80, extra);
    terminal_wait_text(terminal, "There are no machines and no collections here yet.");
    terminal_sync(terminal);
    return terminal;
}

static void test_the_demo_is_made_and_shown(void **state)
{
    struct session *session = *state;
    CLEANUP_FREE char *directory = mem_format("%s/tried", session->root);
    struct terminal *terminal = open_nothing(session);
    terminal_press(terminal, "t");
    terminal_wait_text(terminal, "refpoint-demo"); /* proposed */
    terminal_press(terminal, "Ctrl-U");
    terminal_enter(terminal, directory);
    terminal_wait_text(terminal, "does not exist yet: it is made");
    terminal_keys(terminal, "Enter Enter");
    terminal_wait_text(terminal, "At work");
    terminal_wait_text(terminal, "Collections");
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    assert_shell(session, "$REFPOINT --store \"$ROOT/tried/store\" collection list --json | wc -l", "2");
    session_leave(terminal);
}

static void test_a_demo_is_stopped(void **state)
{
    struct session *session = *state;
    CLEANUP_FREE char *directory = mem_format("%s/stopped", session->root);
    struct terminal *terminal = open_nothing(session);
    terminal_press(terminal, "t Ctrl-U");
    terminal_enter(terminal, directory);
    terminal_wait_text(terminal, "does not exist yet: it is made");
    terminal_keys(terminal, "Enter Enter");
    terminal_wait_text(terminal, "Esc stops it");
    terminal_keys(terminal, "Esc");
    terminal_wait_text(terminal, "the demo was stopped");
    terminal_sync(terminal);
    assert_shell(session, "ls \"$ROOT\" | grep -c '^stopped$' || true", "0");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Nothing to export yet");
    session_leave(terminal);
}

static void test_another_store_is_opened(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "mkdir -p \"$ROOT/full\"; touch \"$ROOT/full/file\""));
    CLEANUP_FREE char *full = mem_format("%s/full", session->root);
    struct terminal *terminal = open_nothing(session);
    terminal_press(terminal, "o");
    terminal_enter(terminal, "full");
    terminal_wait_text(terminal, "! a whole path is needed");
    terminal_press(terminal, "Ctrl-U");
    terminal_enter(terminal, full);
    terminal_wait_text(terminal, "! it is no store");
    terminal_press(terminal, "Enter Enter"); /* nothing is opened, and the field in the way has the focus */
    terminal_wait_text(terminal, "Open another store");
    terminal_press(terminal, "Ctrl-U");
    terminal_enter(terminal, session->store);
    terminal_wait_text(terminal, "there is a store");
    terminal_press(terminal, "Enter Enter");
    terminal_wait_text(terminal, "web-prod");
    session_leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_collection_is_defined),
        cmocka_unit_test(test_deleting_a_collection_asks),
        cmocka_unit_test(test_a_collection_with_points_stays),
        cmocka_unit_test(test_a_machine_is_added_disk_by_disk),
        cmocka_unit_test(test_a_machine_is_changed_and_removed),
        cmocka_unit_test(test_a_member_is_not_removed),
        cmocka_unit_test(test_a_definition_is_read),
        cmocka_unit_test(test_going_through_directories),
        cmocka_unit_test(test_the_demo_is_made_and_shown),
        cmocka_unit_test(test_a_demo_is_stopped),
        cmocka_unit_test(test_another_store_is_opened),
    };
    return session_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, set_up, session_tear_down) : 2;
}
