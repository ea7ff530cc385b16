#include "ui/screens/exports/exports.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/package/proof/proof.h"

struct load_exports *load_exports_new(const struct job_snapshot *jobs, size_t count)
{
    struct load_exports *task = mem_alloc(sizeof *task);
    for (size_t i = 0; i < count; i++)
        exported_claims_add(&task->claims, &jobs[i]);
    return task;
}

void load_exports_run(void *argument)
{
    struct load_exports *task = argument;
    CLEANUP_FREE char *memory = package_proof_usual_memory();
    exported_read(&task->claims, memory, &task->exported);
}

void load_exports_release(void *argument)
{
    struct load_exports *task = argument;
    exported_claims_clear(&task->claims);
    exported_list_clear(&task->exported);
    free(task);
}

struct export_line export_line_of(const struct exported_package *package, struct moment now)
{
    bool gone = package->state == EXPORTED_GONE;
    bool bad = gone || package->state == EXPORTED_BASELESS;
    bool good = package->state == EXPORTED_VERIFIED;
    char age[32] = "";
    if (package->verified.seconds)
        moment_format_age(package->verified, now, age, sizeof age);
    return (struct export_line){.sign = good  ? SIGN_GOOD
                                        : bad ? SIGN_BAD
                                              : SIGN_WARNING,
                                .role = good  ? ROLE_SUCCESS
                                        : bad ? ROLE_ERROR
                                              : ROLE_WARNING,
                                .text =
                                    mem_format("%s  %s%s%s%s", package->path,
                                               gone                       ? ""
                                               : package->is_differential ? "differential, "
                                                                          : "full, ",
                                               exported_state_word(package->state), *age ? " " : "", age)};
}
