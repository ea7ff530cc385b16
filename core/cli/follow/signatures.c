#include "core/cli/follow/signatures.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/job/json.h"

void signatures_put_first(json_t *line, const struct job_signature *signatures, size_t count)
{
    json_put(line, "signed", count > 0 ? json_boolean(signatures[0].is_signed) : json_null());
    json_put_text(line, "signer", count > 0 ? signatures[0].signer : NULL);
    json_put_text(line, "key_fingerprint", count > 0 ? signatures[0].key : NULL);
}

void signatures_put(json_t *line, const struct job_signature *signatures, size_t count)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rows, job_signature_to_json(&signatures[i]));
    signatures_put_first(line, signatures, count);
    json_put(line, "signatures", rows);
}

static const char *name_of(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

void signatures_show(struct output *out, const struct job_signature *signatures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP_FREE char *sentence = job_signature_sentence(&signatures[i]);
        if (sentence && i == 0)
            output_line(out, "%s", sentence);
        else if (sentence)
            output_line(out, "base package %s: %s", name_of(signatures[i].package), sentence);
    }
}
