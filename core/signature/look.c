#include "core/signature/look.h"

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
#include "core/system/proc.h"

#define KEY "package.signature"

struct looking {
    int text;
    int signature;
    const char *allowed; /* NULL = nobody is asked */
    struct job *job;
};

bool signature_can_look(struct error *err)
{
    if (proc_check_program(KEYGEN_PROGRAM, err))
        return true;
    text_copy_cut(err->key, sizeof err->key, KEY);
    return false;
}

bool signature_check_allowed(const char *allowed_signers, struct error *err)
{
    struct stat status;
    CLEANUP_FD int fd = open(allowed_signers, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0)
        error_errno(err, errno, KEY, "cannot read the allowed signers in %s", allowed_signers);
    else if (!S_ISREG(status.st_mode))
        error_set(err, RETURN_INVALID_PARAMETER, KEY, "%s is not a file of allowed signers", allowed_signers);
    else
        return true;
    return error_advise(err, "Name a file whose lines are \"WHO KEY-TYPE KEY\": see ssh-keygen(1), ALLOWED "
                             "SIGNERS.");
}

static bool ask(const struct looking *looking, const char *const *argv, int input,
                struct keygen_answer *answer, struct error *err)
{
    const struct keygen_call call = {
        .argv = argv, .input = input, .handed = looking->signature, .job = looking->job, .key = KEY};
    return keygen_ask(&call, answer, err);
}

/* "Good "refpoint" signature with ED25519 key SHA256:..." */
static void take_key(const char *output, struct signature_look *look)
{
    static const char mark[] = " key ";
    char fingerprint[KEYGEN_FINGERPRINT];
    const char *found = strstr(output, mark);
    look->fits = found && keygen_take_fingerprint(found + sizeof mark - 1, fingerprint);
    if (look->fits)
        look->key = mem_strdup(fingerprint);
}

static bool look_at_fit(const struct looking *looking, struct signature_look *look, struct error *err)
{
    static const char *const argv[] = {KEYGEN_PROGRAM,      "-Y", "check-novalidate", "-n",
                                       SIGNATURE_NAMESPACE, "-s", KEYGEN_HANDED,      NULL};
    struct keygen_answer answer;
    if (!ask(looking, argv, looking->text, &answer, err))
        return false;
    if (answer.status == 0)
        take_key(answer.output, look);
    if (!look->fits)
        mem_replace(&look->said, answer.said);
    keygen_answer_clear(&answer);
    return true;
}

/* Is the key this signer's, today and for this use? */
static bool confirm(const struct looking *looking, const char *signer, struct signature_look *look,
                    struct error *err)
{
    const char *const argv[] = {KEYGEN_PROGRAM,   "-Y", "verify", "-n", SIGNATURE_NAMESPACE, "-f",
                                looking->allowed, "-I", signer,   "-s", KEYGEN_HANDED,       NULL};
    struct keygen_answer answer;
    if (!ask(looking, argv, looking->text, &answer, err))
        return false;
    if (answer.status == 0)
        look->signer = mem_strdup(signer);
    else
        mem_replace(&look->said, answer.said);
    keygen_answer_clear(&answer);
    return true;
}

/* Its principals, a line each; those with a '!' are nobody's names. */
static bool try_signers(const struct looking *looking, char *lines, struct signature_look *look,
                        struct error *err)
{
    char *rest = lines;
    for (char *signer; !look->signer && (signer = strsep(&rest, "\n"));) {
        if (*signer && *signer != '!' && !confirm(looking, signer, look, err))
            return false;
    }
    return true;
}

static bool look_for_signer(const struct looking *looking, struct signature_look *look, struct error *err)
{
    const char *const argv[] = {KEYGEN_PROGRAM,   "-Y", "find-principals", "-f",
                                looking->allowed, "-s", KEYGEN_HANDED,     NULL};
    struct keygen_answer answer;
    if (!ask(looking, argv, 0, &answer, err))
        return false;
    bool ok = true;
    if (answer.status == 0)
        ok = try_signers(looking, answer.output, look, err);
    else
        mem_replace(&look->said, answer.said);
    keygen_answer_clear(&answer);
    return ok;
}

bool signature_look(const struct signed_text *signed_text, const char *allowed_signers, struct job *job,
                    struct signature_look *look, struct error *err)
{
    CLEANUP_FD int text = keygen_file_of(signed_text->text, signed_text->length, KEY, err);
    CLEANUP_FD int signature =
        text < 0 ? -1 : keygen_file_of(signed_text->signature, signed_text->signature_length, KEY, err);
    *look = (struct signature_look){0};
    if (signature < 0)
        return false;
    const struct looking looking = {
        .text = text, .signature = signature, .allowed = allowed_signers, .job = job};
    return look_at_fit(&looking, look, err) &&
           (!look->fits || !allowed_signers || look_for_signer(&looking, look, err));
}

void signature_look_clear(struct signature_look *look)
{
    free(look->key);
    free(look->signer);
    free(look->said);
    *look = (struct signature_look){0};
}
