#include "core/export/package/check/base.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/check/stack.h"
#include "core/export/package/path.h"

/* --- state --- */

static void look_at(const struct package *package, const char *memory, struct base_state *state,
                    struct package_proof *proof)
{
    struct error ignored = {0};
    CLEANUP_FD int fd = -1;
    *proof = (struct package_proof){0};
    if (!package_path_open_root(package->path, &fd, &ignored))
        return;
    const struct package_link link = {.package = *package, .fd = fd};
    uint64_t bytes = package_stack_bytes(&link);
    enum package_proof_state found = package_proof_look(memory, package, fd, proof);
    state->bytes += bytes;
    state->touched = state->touched || found == PACKAGE_TOUCHED;
    if (found != PACKAGE_PROVEN) {
        *proof = (struct package_proof){0};
        state->bytes_unproven += bytes;
    }
}

/* The oldest, or none. */
static void settle(struct base_state *state)
{
    state->unproven = 0;
    state->verified = (struct moment){0};
    for (size_t i = 0; i < state->count; i++) {
        const struct package_proof *proof = &state->proofs[i];
        if (proof->when.seconds == 0)
            state->unproven++;
        else if (state->verified.seconds == 0 || moment_compare(proof->when, state->verified) < 0)
            state->verified = proof->when;
    }
    if (state->unproven > 0)
        state->verified = (struct moment){0};
}

void base_state_look(const struct base_package *base, const char *memory, struct base_state *state)
{
    *state = (struct base_state){.proofs = mem_alloc((base->count + 1) * sizeof *state->proofs),
                                 .count = base->count,
                                 .rate = package_proof_rate(memory)};
    for (size_t i = 0; i < base->count; i++)
        look_at(&base->packages[i], memory, state, &state->proofs[i]);
    settle(state);
}

void base_state_clear(struct base_state *state)
{
    free(state->proofs);
    *state = (struct base_state){0};
}

/* --- check --- */

static bool is_same_chain(const struct package_stack *stack, const struct base_package *base)
{
    bool same = stack->count == base->count;
    for (size_t i = 0; same && i < base->count; i++)
        same = guid_equal(&stack->links[i].package.id, &base->packages[i].id) &&
               strcmp(stack->links[i].package.record_sha256, base->packages[i].record_sha256) == 0;
    return same;
}

static void judge(const struct package_stack *stack, const struct package_problems *problems,
                  struct base_verdict *verdict)
{
    verdict->disk_count = stack->links[0].package.disk_count;
    verdict->damaged = mem_alloc((verdict->disk_count + 1) * sizeof *verdict->damaged);
    for (size_t i = 0; i < verdict->disk_count; i++) {
        verdict->damaged[i] = package_stack_is_damaged(stack, problems, i);
        verdict->any = verdict->any || verdict->damaged[i];
    }
    verdict->problem = problems->count > 0 ? mem_strdup(problems->items[0]) : NULL;
    verdict->problem_count = problems->count + problems->left_out;
}

static bool check_stack(const struct base_check_spec *spec, struct package_stack *stack,
                        struct base_state *state, struct base_verdict *verdict,
                        struct package_problems *problems, struct error *err)
{
    if (stack->count == 0 || !is_same_chain(stack, spec->base)) {
        error_set(err, RETURN_INVALID_STATE, "export.base-gone", "the base package %s is not what it was",
                  spec->base->packages[0].path);
        error_cause(err, "%s", problems->count > 0 ? problems->items[0] : "another one lies in its place");
        return error_next(err, "Look at it with \"refpoint package verify\", then export again.");
    }
    bool *skipped = mem_alloc((stack->count + 1) * sizeof *skipped);
    for (size_t i = 0; i < stack->count; i++)
        skipped[i] = !spec->again && state->proofs[i].when.seconds != 0;
    struct package_stack_check check = {
        .job = spec->job, .memory = spec->memory, .skipped = skipped, .proofs = state->proofs};
    bool ok = package_stack_check(stack, &check, problems, err);
    if (ok) {
        judge(stack, problems, verdict);
        settle(state);
    }
    free(skipped);
    return ok;
}

bool base_check(const struct base_check_spec *spec, struct base_state *state, struct base_verdict *verdict,
                struct error *err)
{
    struct package_stack stack;
    struct package_problems problems = {0};
    *verdict = (struct base_verdict){0};
    bool ok = package_stack_open(spec->base->packages[0].path, spec->directories, spec->directory_count,
                                 &stack, &problems, err) &&
              check_stack(spec, &stack, state, verdict, &problems, err);
    package_stack_close(&stack);
    package_problems_clear(&problems);
    return ok;
}

void base_verdict_clear(struct base_verdict *verdict)
{
    free(verdict->damaged);
    free(verdict->problem);
    *verdict = (struct base_verdict){0};
}
