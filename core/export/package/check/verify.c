#include "core/export/package/check/verify.h"

#include <stdlib.h>

#include "core/base/text.h"
#include "core/export/package/check/stack.h"
#include "core/system/fs.h"

bool package_verify(const struct package_verification *asked, struct job *job,
                    struct package_verdict *verdict, struct error *err)
{
    struct package_stack stack;
    struct package_problems found = {0};
    const struct package_stack_check check = {.job = job, .memory = asked->memory};
    *verdict = (struct package_verdict){0};
    if (!package_seal_check_wish(&asked->seal, err))
        return false;
    if (job)
        job_set_phase(job, JOB_PHASE_VERIFY);
    bool ok = package_stack_open(asked->path, asked->base_directories, asked->base_directory_count, &stack,
                                 &found, err) &&
              package_stack_check(&stack, &check, &found, err) &&
              package_seals_check(&stack, &asked->seal, job, &found, &verdict->signatures,
                                  &verdict->signature_count, err);
    if (ok && stack.count > 0)
        text_copy_cut(verdict->sum, sizeof verdict->sum, stack.links[0].sums_sha256);
    package_stack_close(&stack);
    if (ok)
        package_problems_take(&found, &verdict->problems, &verdict->problem_count);
    else
        package_verdict_clear(verdict);
    package_problems_clear(&found);
    return ok;
}

void package_verdict_clear(struct package_verdict *verdict)
{
    fs_free_names(verdict->problems, verdict->problem_count);
    for (size_t i = 0; i < verdict->signature_count; i++)
        job_signature_clear(&verdict->signatures[i]);
    free(verdict->signatures);
    *verdict = (struct package_verdict){0};
}
