#include "core/cli/nouns.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/cli/demo/demo.h"
#include "core/cli/line/args.h"
#include "core/cli/nouns/collection.h"
#include "core/cli/nouns/export.h"
#include "core/cli/nouns/job.h"
#include "core/cli/nouns/machine.h"
#include "core/cli/nouns/package/package.h"
#include "core/cli/nouns/point.h"
#include "core/cli/nouns/store.h"

enum { NOUN_COUNT = 8 };
static const struct cli_noun *const nouns[NOUN_COUNT] = {
    &cli_collection_noun, &cli_machine_noun, &cli_point_noun, &cli_export_noun,
    &cli_package_noun,    &cli_job_noun,     &cli_store_noun, &cli_demo_noun,
};

const struct cli_noun *const *cli_nouns(size_t *count)
{
    *count = NOUN_COUNT;
    return nouns;
}

const struct cli_noun *cli_find_noun(const char *word, struct error *err)
{
    const char *names[NOUN_COUNT];
    for (size_t i = 0; i < NOUN_COUNT; i++) {
        names[i] = nouns[i]->commands[0].noun;
        if (strcmp(names[i], word) == 0)
            return nouns[i];
    }
    const char *near = args_nearest(word, names, NOUN_COUNT, sizeof *names);
    error_set(err, RETURN_INVALID_PARAMETER, "usage.command", "there is no command \"%s\"", word);
    if (near)
        error_next(err, "Did you mean %s? See refpoint --help.", near);
    else
        error_next(err, "See refpoint --help.");
    return NULL;
}

const struct cli_command *cli_find_verb(const struct cli_noun *noun, const char *word, struct error *err)
{
    CLEANUP_STRBUF struct strbuf verbs = {0};
    for (size_t i = 0; i < noun->count; i++) {
        if (word && strcmp(noun->commands[i].verb, word) == 0)
            return &noun->commands[i];
        strbuf_addf(&verbs, "%s%s", i ? ", " : "", noun->commands[i].verb);
    }
    const char *name = noun->commands[0].noun;
    const char *near = NULL;
    if (word)
        near = args_nearest(word, &noun->commands[0].verb, noun->count, sizeof *noun->commands);
    if (word)
        error_set(err, RETURN_INVALID_PARAMETER, "usage.command", "there is no command %s %s", name, word);
    else
        error_set(err, RETURN_INVALID_PARAMETER, "usage.command", "%s needs a verb", name);
    error_cause(err, "%s takes: %s", name, verbs.data);
    if (near)
        error_next(err, "Did you mean %s %s? See refpoint %s --help.", name, near, name);
    else
        error_next(err, "See refpoint %s --help.", name);
    return NULL;
}
