#include "core/export/package/check/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/export/package/check/sums.h"
#include "core/export/package/digest.h"
#include "core/export/package/path.h"
#include "core/signature/look.h"
#include "core/syntax/cfg.h"

struct seal {
    const struct package_link *link;
    const struct package_seal_wish *wish;
    const char *label;
    struct job *job;
    struct package_problems *problems;
    struct job_signature *known;
    struct signed_text bytes;
};

static bool check_sum_text(const char *sum, struct error *err)
{
    if (strlen(sum) == 64 && strspn(sum, "0123456789abcdefABCDEF") == 64)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "package.sum", "\"%s\" is no SHA-256 in hexadecimal digits",
              sum);
    return error_next(err, "Give the 64 digits that the export said: \"refpoint job show ID\" has them, and "
                           "\"sha256sum SHA256SUMS\" where the package is as it was.");
}

bool package_seal_check_wish(const struct package_seal_wish *wish, struct error *err)
{
    if (wish->sum && !check_sum_text(wish->sum, err))
        return false;
    if (wish->allowed_signers)
        return signature_check_allowed(wish->allowed_signers, err) && signature_can_look(err);
    if (!wish->require_signature)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "package.signature",
              "a signature is required, and nothing says whose would count");
    return error_next(err,
                      "Give --allowed-signers FILE, or the setting allowed_signers: anybody can make a key.");
}

static void check_sum(const struct seal *seal)
{
    const char *found = seal->link->sums_sha256;
    if (seal->wish->sum && *found && strcasecmp(seal->wish->sum, found) != 0)
        package_problems_add(seal->problems, NULL,
                             "%s" PACKAGE_SUMS " is not the one that the checksum was of: its SHA-256 is %s",
                             seal->label, found);
}

static bool is_there(const struct package_link *link)
{
    struct stat status;
    return fstatat(link->fd, PACKAGE_SIGNATURE, &status, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* Both files, as bytes; NULLs and a problem where they cannot be read, or SHA256SUMS is another by now. */
static bool read_files(struct seal *seal, char **text, char **signature)
{
    struct error err = {0};
    char sum[PACKAGE_DIGEST_TEXT];
    struct signed_text *bytes = &seal->bytes;
    bool ok = package_sums_read(seal->link->fd, PACKAGE_SUMS, CFG_LIMIT_LARGE, text, &bytes->length, &err) &&
              package_sums_read(seal->link->fd, PACKAGE_SIGNATURE, SIGNATURE_LIMIT, signature,
                                &bytes->signature_length, &err);
    if (!ok) {
        CLEANUP_FREE char *why = error_text(&err);
        package_problems_add(seal->problems, NULL, "%s%s", seal->label, why);
        return false;
    }
    package_digest_bytes(*text, bytes->length, sum);
    bytes->text = *text;
    bytes->signature = *signature;
    if (strcmp(sum, seal->link->sums_sha256) == 0)
        return true;
    package_problems_add(seal->problems, NULL, "%s" PACKAGE_SUMS " has been changed while it was read",
                         seal->label);
    return false;
}

static void judge(const struct seal *seal, const struct signature_look *look)
{
    const char *said = look->said ? look->said : "";
    const char *colon = *said ? ": " : "";
    struct job_signature *known = seal->known;
    known->key = mem_strdup(look->key);
    known->signer = look->signer ? text_escape(look->signer) : NULL;
    if (!look->fits)
        package_problems_add(seal->problems, NULL,
                             "%s" PACKAGE_SIGNATURE " is not a signature of this " PACKAGE_SUMS "%s%s",
                             seal->label, colon, said);
    else if (known->asked && !look->signer)
        package_problems_add(seal->problems, NULL,
                             "%ssigned with %s, which is not the key of an allowed signer%s%s", seal->label,
                             look->key, colon, said);
}

static bool look_at(struct seal *seal, struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    CLEANUP_FREE char *signature = NULL;
    struct error missing = {0};
    struct signature_look look;
    seal->known->unseen = !signature_can_look(&missing);
    if (seal->known->unseen || !read_files(seal, &text, &signature))
        return true;
    bool ok = signature_look(&seal->bytes, seal->wish->allowed_signers, seal->job, &look, err);
    if (ok)
        judge(seal, &look);
    signature_look_clear(&look);
    return ok;
}

static bool check_seal(struct seal *seal, struct error *err)
{
    const struct package_link *link = seal->link;
    *seal->known = (struct job_signature){.package = mem_strdup(link->package.path),
                                          .is_signed = is_there(link),
                                          .asked = seal->wish->allowed_signers != NULL};
    if (seal->known->is_signed)
        return look_at(seal, err);
    if (seal->wish->require_signature)
        package_problems_add(seal->problems, NULL, "%snot signed: there is no " PACKAGE_SIGNATURE,
                             seal->label);
    return true;
}

bool package_seals_check(const struct package_stack *stack, const struct package_seal_wish *wish,
                         struct job *job, struct package_problems *problems,
                         struct job_signature **signatures, size_t *signature_count, struct error *err)
{
    for (size_t i = 0; i < stack->count; i++) {
        CLEANUP_FREE char *label = package_stack_label(stack, i);
        struct seal seal = {.link = &stack->links[i],
                            .wish = wish,
                            .label = label,
                            .job = job,
                            .problems = problems,
                            .known = ARRAY_APPEND(*signatures, *signature_count)};
        if (i == 0)
            check_sum(&seal);
        if (!check_seal(&seal, err))
            return false;
    }
    return true;
}

bool package_seals_fit(const struct package_stack *stack, struct job *job, struct package_problems *problems,
                       struct error *err)
{
    static const struct package_seal_wish fits = {0};
    struct job_signature *signatures = NULL;
    size_t count = 0;
    bool ok = package_seals_check(stack, &fits, job, problems, &signatures, &count, err);
    for (size_t i = 0; i < count; i++)
        job_signature_clear(&signatures[i]);
    free(signatures);
    return ok;
}
