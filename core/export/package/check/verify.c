#include "core/export/package/check/verify.h"

#include "core/export/package/check/stack.h"

bool package_verify(const struct package_verify_spec *spec, char ***problems, size_t *problem_count,
                    struct error *err)
{
    struct package_stack stack;
    struct package_problems found = {0};
    struct package_stack_check check = {.job = spec->job, .memory = spec->memory};
    *problems = NULL;
    *problem_count = 0;
    if (spec->job)
        job_set_phase(spec->job, JOB_PHASE_VERIFY);
    bool ok = package_stack_open(spec->path, spec->base_directories, spec->base_directory_count, &stack,
                                 &found, err) &&
              package_stack_check(&stack, &check, &found, err);
    package_stack_close(&stack);
    if (ok)
        package_problems_take(&found, problems, problem_count);
    package_problems_clear(&found);
    return ok;
}
