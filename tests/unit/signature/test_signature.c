/* Signatures with the real ssh-keygen: what fits and what does not, whose a key is, keys that cannot be used,
 * and an agent that does not answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/signature/look.h"
#include "core/signature/sign.h"
#include "core/system/proc.h"

#define TEXT "0123  machines/web01/vda.qcow2\nabcd  reference-point.cfg\n"

static char place[] = "/tmp/refpoint-signature-XXXXXX";

static char *in_place(const char *name)
{
    return mem_format("%s/%s", place, name);
}

static void shell(const char *script)
{
    const char *const argv[] = {"sh", "-euc", "cd \"$1\"; eval \"$2\"", "sh", place, script, NULL};
    struct error err = {0};
    if (!proc_run(&(struct proc_spec){.argv = argv}, 60000, "test", NULL, &err))
        fail_msg("%s: %s", err.what, err.cause);
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(place));
    unsetenv("SSH_AUTH_SOCK");
    shell("ssh-keygen -q -t ed25519 -N '' -C alice -f alice; ssh-keygen -q -t ed25519 -N '' -C eve -f eve; "
          "ssh-keygen -q -t ecdsa -N 'not empty' -C locked -f locked; echo no key > nothing; "
          "echo \"alice@x,bob@y $(cat alice.pub)\" > allowed; "
          "echo \"alice namespaces=\\\"file\\\" $(cat alice.pub)\" > for-files; "
          "echo \"*,!eve $(cat alice.pub)\" > patterns; : > nobody");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shell("rm -rf \"$1\"");
    return 0;
}

static void sign(const char *key, char **signature, char **fingerprint)
{
    struct error err = {0};
    CLEANUP_FREE char *path = in_place(key);
    if (!sign_text(path, TEXT, NULL, signature, fingerprint, &err))
        fail_msg("%s: %s", err.what, err.cause);
}

static void look(const char *text, const char *signature, const char *allowed, struct signature_look *seen)
{
    struct error err = {0};
    CLEANUP_FREE char *path = allowed ? in_place(allowed) : NULL;
    const struct signed_text whole = {
        .text = text, .length = strlen(text), .signature = signature, .signature_length = strlen(signature)};
    if (!signature_look(&whole, path, NULL, seen, &err))
        fail_msg("%s: %s", err.what, err.cause);
}

static void assert_signer(const char *signature, const char *allowed, const char *signer)
{
    struct signature_look seen;
    look(TEXT, signature, allowed, &seen);
    assert_true(seen.fits);
    assert_non_null(seen.key);
    if (signer)
        assert_string_equal(seen.signer, signer);
    else
        assert_null(seen.signer);
    signature_look_clear(&seen);
}

static void test_signed(void **state)
{
    (void)state;
    struct signature_look seen;
    char *signature = NULL;
    char *fingerprint = NULL;
    sign("alice", &signature, &fingerprint);
    assert_int_equal(strncmp(fingerprint, "SHA256:", 7), 0);
    look(TEXT, signature, NULL, &seen);
    assert_true(seen.fits);
    assert_string_equal(seen.key, fingerprint);
    assert_null(seen.signer);
    signature_look_clear(&seen);
    assert_signer(signature, "allowed", "alice@x");
    assert_signer(signature, "patterns", "*");
    assert_signer(signature, "for-files", NULL);
    assert_signer(signature, "nobody", NULL);
    assert_signer(signature, "nothing", NULL);
    free(signature);
    free(fingerprint);
}

/* Another key; another text, by a byte; a signature cut off, or none at all. */
static void test_does_not_fit(void **state)
{
    (void)state;
    struct signature_look seen;
    struct error err = {0};
    char *signature = NULL;
    char *fingerprint = NULL;
    sign("eve", &signature, &fingerprint);
    assert_signer(signature, "allowed", NULL);
    look(TEXT " ", signature, NULL, &seen);
    assert_false(seen.fits);
    assert_null(seen.key);
    assert_non_null(strstr(seen.said, "incorrect signature"));
    signature_look_clear(&seen);
    for (size_t length = 0; length < strlen(signature) - 1; length += 20) {
        const struct signed_text cut = {
            .text = TEXT, .length = strlen(TEXT), .signature = signature, .signature_length = length};
        assert_true(signature_look(&cut, NULL, NULL, &seen, &err));
        assert_false(seen.fits);
        signature_look_clear(&seen);
    }
    free(signature);
    free(fingerprint);
}

static void assert_unusable(const char *key, uint32_t code, const char *advice)
{
    struct error err = {0};
    CLEANUP_FREE char *path = in_place(key);
    assert_false(sign_check_key(path, NULL, &err));
    assert_string_equal(err.key, "export.sign");
    assert_int_equal(err.code, code);
    if (!strstr(err.next, advice))
        fail_msg("\"%s\" does not say \"%s\"", err.next, advice);
    assert_non_null(strstr(err.what, path));
}

static void test_keys(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *alice = in_place("alice");
    CLEANUP_FREE char *public = in_place("alice.pub");
    assert_true(sign_check_key(alice, NULL, &err));
    assert_true(sign_check_key(public, NULL, &err)); /* its private half lies beside it */
    assert_unusable("locked", RETURN_INVALID_PARAMETER, "ssh-add");
    assert_unusable("missing", RETURN_FILE_NOT_FOUND, "--sign");
    assert_unusable("nothing", RETURN_INVALID_PARAMETER, "private key");
    shell("cp alice.pub alone.pub; cp alice open; chmod 644 open");
    assert_unusable("alone.pub", RETURN_INVALID_PARAMETER, "ssh-add");
    assert_unusable("open", RETURN_INVALID_PARAMETER, "ssh-keygen -y"); /* that others can read it, too */
}

/* Not only by the check before: what is locked does not sign, and nobody is asked. */
static void test_locked(void **state)
{
    (void)state;
    struct error err = {0};
    char *signature = NULL;
    char *fingerprint = NULL;
    CLEANUP_FREE char *path = in_place("locked");
    assert_false(sign_text(path, TEXT, NULL, &signature, &fingerprint, &err));
    assert_string_equal(err.key, "export.sign");
    assert_non_null(strstr(err.cause, "passphrase"));
    assert_non_null(strstr(err.next, "ssh-add"));
    assert_null(signature);
    assert_null(fingerprint);
}

/* --- an agent that listens and says nothing --- */

struct deaf_agent {
    int socket;
    struct job *job;
};

/* Somebody waits for the agent: now the job is cancelled. */
static void *cancel_when_asked(void *context)
{
    struct deaf_agent *agent = context;
    int caller = accept(agent->socket, NULL, NULL);
    job_request_state_change(agent->job, REQUESTED_STATE_TERMINATE);
    char byte;
    while (caller >= 0 && read(caller, &byte, 1) > 0) /* until it is ended */
        ;
    close(caller);
    return NULL;
}

static void test_cancelled_at_a_deaf_agent(void **state)
{
    (void)state;
    struct error err = {0};
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const struct job_identity identity = {.id = guid_new()};
    struct deaf_agent agent = {.socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                               .job = job_new(&identity)};
    pthread_t thread;
    CLEANUP_FREE char *key = in_place("alice");
    char *signature = NULL;
    char *fingerprint = NULL;
    snprintf(name.sun_path, sizeof name.sun_path, "%s/agent", place);
    assert_int_equal(bind(agent.socket, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(agent.socket, 5), 0);
    setenv("SSH_AUTH_SOCK", name.sun_path, 1);
    job_set_state(agent.job, JOB_STATE_STARTING);
    assert_int_equal(pthread_create(&thread, NULL, cancel_when_asked, &agent), 0);
    assert_false(sign_text(key, TEXT, agent.job, &signature, &fingerprint, &err));
    assert_string_equal(err.key, "package.cancelled");
    pthread_join(thread, NULL);
    unsetenv("SSH_AUTH_SOCK");
    close(agent.socket);
    job_free(agent.job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed),
        cmocka_unit_test(test_does_not_fit),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_locked),
        cmocka_unit_test(test_cancelled_at_a_deaf_agent),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
