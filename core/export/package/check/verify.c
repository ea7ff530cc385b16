#include "core/export/package/check/verify.h"

#include "core/export/package/check/stack.h"

bool package_verify(const char *path, char *const *base_directories, size_t base_directory_count,
                    struct job *job, char ***problems, size_t *problem_count, struct error *err)
{
    struct package_stack stack;
    struct package_problems found = {0};
    *problems = NULL;
    *problem_count = 0;
    if (job)
        job_set_phase(job, JOB_PHASE_VERIFY);
    bool ok = package_stack_open(path, base_directories, base_directory_count, &stack, &found, err) &&
              package_stack_check(&stack, job, &found, err);
    package_stack_close(&stack);
    if (ok)
        package_problems_take(&found, problems, problem_count);
    package_problems_clear(&found);
    return ok;
}
