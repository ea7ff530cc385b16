#include "core/signature/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/signature/keygen.h"
#include "core/signature/look.h"
#include "core/system/proc.h"

#define KEY "export.sign"
#define PUBLIC_ENDING ".pub"

static bool ask(const char *const *argv, int input, struct job *job, struct keygen_answer *answer,
                struct error *err)
{
    const struct keygen_call call = {.argv = argv, .input = input, .job = job, .key = KEY};
    return keygen_ask(&call, answer, err);
}

static bool is_public(const char *key)
{
    size_t length = strlen(key);
    size_t ending = strlen(PUBLIC_ENDING);
    return length > ending && strcmp(key + length - ending, PUBLIC_ENDING) == 0;
}

static char *private_half(const char *key)
{
    return mem_strndup(key, strlen(key) - (is_public(key) ? strlen(PUBLIC_ENDING) : 0));
}

static bool check_program(struct error *err)
{
    if (proc_check_program(KEYGEN_PROGRAM, err))
        return true;
    text_copy_cut(err->key, sizeof err->key, KEY);
    return error_next(err, "Install openssh-client, or export with --no-sign.");
}

static bool check_file(const char *key, struct error *err)
{
    struct stat status = {0};
    CLEANUP_FD int fd = open(key, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int number = fd < 0 || fstat(fd, &status) != 0 ? errno : 0;
    if (number == 0 && S_ISREG(status.st_mode))
        return true;
    if (number != 0)
        error_errno(err, number, KEY, "cannot read the key %s, which is to sign the package", key);
    else
        error_set(err, RETURN_INVALID_PARAMETER, KEY, "%s is no key: it is not a file", key);
    /* Of a file that may not be read, error_errno knows who refuses it. */
    return number == EACCES || number == EPERM
               ? false
               : error_next(err, "Name a key with --sign, make one with \"ssh-keygen -t ed25519\", or export "
                                 "with --no-sign.");
}

static bool find_fingerprint(const char *key, struct job *job, char fingerprint[KEYGEN_FINGERPRINT],
                             struct error *err)
{
    const char *const argv[] = {KEYGEN_PROGRAM, "-l", "-E", "sha256", "-f", key, NULL};
    struct keygen_answer answer;
    if (!ask(argv, 0, job, &answer, err))
        return false;
    bool ok = answer.status == 0 && keygen_listed_fingerprint(answer.output, fingerprint);
    if (!ok) {
        error_set(err, RETURN_INVALID_PARAMETER, KEY, "%s is no key that ssh-keygen can sign with", key);
        error_cause(err, "%s", answer.said);
        error_next(err, "Name a private key, or a public one whose private half an agent holds.");
    }
    keygen_answer_clear(&answer);
    return ok;
}

/* No agent, or one that does not answer as it should, holds nothing. */
static bool agent_holds(const char *fingerprint, struct job *job, bool *holds, struct error *err)
{
    static const char *const argv[] = {KEYGEN_AGENT_PROGRAM, "-l", "-E", "sha256", NULL};
    struct keygen_answer answer;
    CLEANUP_FREE char *program = proc_find_program(KEYGEN_AGENT_PROGRAM);
    *holds = false;
    if (!program || !getenv("SSH_AUTH_SOCK"))
        return true;
    if (!ask(argv, 0, job, &answer, err))
        return false;
    char *rest = answer.status == 0 ? answer.output : NULL;
    for (char *line; !*holds && (line = strsep(&rest, "\n"));) {
        char listed[KEYGEN_FINGERPRINT];
        *holds = keygen_listed_fingerprint(line, listed) && strcmp(listed, fingerprint) == 0;
    }
    keygen_answer_clear(&answer);
    return true;
}

static bool wants_passphrase(const char *said)
{
    return strstr(said, "incorrect passphrase") != NULL;
}

/* Every way in which a key can fail to sign has one that it can be done. */
static bool explain(const char *key, const char *said, struct error *err)
{
    CLEANUP_FREE char *file = private_half(key);
    CLEANUP_FREE char *quoted = text_shell_quote(file);
    if (wants_passphrase(said)) {
        error_cause(err, "it needs a passphrase, for which nobody can be asked here, and no agent holds it");
        return error_next(err,
                          "Hand it to an agent that lives as long as the export: \"ssh-add %s\" (where no "
                          "agent runs: eval \"$(ssh-agent)\"); or export with --no-sign.",
                          quoted);
    }
    error_cause(err, "%s", *said ? said : "ssh-keygen does not say why");
    return error_next(err,
                      "See whether \"ssh-keygen -y -f %s\" can read it, or hand it to an agent with "
                      "\"ssh-add\"; or export with --no-sign.",
                      quoted);
}

static bool refuse_use(const char *key, const char *said, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, KEY, "the key %s cannot be used to sign the package", key);
    return explain(key, said, err);
}

/* The private half lies there and needs no passphrase. */
static bool check_private(const char *key, struct job *job, struct error *err)
{
    CLEANUP_FREE char *file = private_half(key);
    const char *const argv[] = {KEYGEN_PROGRAM, "-y", "-P", "", "-f", file, NULL};
    struct keygen_answer answer;
    if (is_public(key) && access(file, F_OK) != 0)
        return refuse_use(key,
                          "it is the public half; the private one does not lie beside it, and no agent "
                          "(SSH_AUTH_SOCK) holds it",
                          err);
    if (!ask(argv, 0, job, &answer, err))
        return false;
    bool ok = answer.status == 0 || refuse_use(key, answer.said, err);
    keygen_answer_clear(&answer);
    return ok;
}

bool sign_check_key(const char *key, struct job *job, struct error *err)
{
    char fingerprint[KEYGEN_FINGERPRINT];
    bool held = false;
    return check_program(err) && check_file(key, err) && find_fingerprint(key, job, fingerprint, err) &&
           agent_holds(fingerprint, job, &held, err) && (held || check_private(key, job, err));
}

static bool is_signature(const char *text)
{
    static const char begin[] = "-----BEGIN SSH SIGNATURE-----\n";
    return strncmp(text, begin, sizeof begin - 1) == 0 && strlen(text) < SIGNATURE_LIMIT;
}

static bool make(const char *key, int text, struct job *job, char **signature, struct error *err)
{
    const char *const argv[] = {KEYGEN_PROGRAM, "-Y", "sign", "-n", SIGNATURE_NAMESPACE, "-f", key, NULL};
    struct keygen_answer answer;
    if (!ask(argv, text, job, &answer, err))
        return false;
    bool ok = answer.status == 0 && is_signature(answer.output);
    if (ok) {
        *signature = answer.output;
        answer.output = NULL;
    } else {
        error_set(err, RETURN_FAILED, KEY, "the package could not be signed with the key %s", key);
        explain(key, answer.said, err);
    }
    keygen_answer_clear(&answer);
    return ok;
}

/* What an agent has made is looked at before anybody relies on it. */
static bool look(const struct signed_text *text, struct job *job, char **fingerprint, struct error *err)
{
    struct signature_look seen;
    bool ok = signature_look(text, NULL, job, &seen, err);
    if (ok && !seen.fits) {
        ok = error_set(err, RETURN_FAILED, KEY, "the signature that was made does not fit the package");
        error_cause(err, "%s", seen.said ? seen.said : "");
        error_next(err, "Look at the key and its agent (\"ssh-add -l\"), then export again.");
    }
    if (ok) {
        *fingerprint = seen.key;
        seen.key = NULL;
    }
    signature_look_clear(&seen);
    return ok;
}

bool sign_text(const char *key, const char *text, struct job *job, char **signature, char **fingerprint,
               struct error *err)
{
    size_t length = strlen(text);
    CLEANUP_FD int file = keygen_file_of(text, length, KEY, err);
    char *made = NULL;
    if (file < 0 || !make(key, file, job, &made, err))
        return false;
    const struct signed_text whole = {
        .text = text, .length = length, .signature = made, .signature_length = strlen(made)};
    if (!look(&whole, job, fingerprint, err)) {
        free(made);
        return false;
    }
    *signature = made;
    return true;
}
