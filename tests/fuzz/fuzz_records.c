/* The configuration reader, and on it the records of machines, collections and points. What is read can be
 * written, and what is written reads as the same. */
#include <string.h>

#include "core/base/mem.h"
#include "core/model/cfg.h"
#include "tests/fuzz/fuzz.h"

/* libconfig 1.5 loses the text before a syntax error; nothing here can release it. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so";
}

static bool parse(config_t *config, const char *text, size_t length)
{
    struct error err = {0};
    bool ok = cfg_parse(config, text, length, "input", &err);
    if (!ok)
        fuzz_check_refusal(&err);
    return ok;
}

struct kind {
    size_t size;
    bool (*read)(void *value, const config_setting_t *group, struct error *err);
    void (*write)(const void *value, config_setting_t *group);
    void (*clear)(void *value);
};

static bool read_machine(void *value, const config_setting_t *group, struct error *err)
{
    return machine_from_cfg(value, group, err);
}

static void write_machine(const void *value, config_setting_t *group)
{
    machine_to_cfg(value, group);
}

static void clear_machine(void *value)
{
    machine_clear(value);
}

static bool read_collection(void *value, const config_setting_t *group, struct error *err)
{
    return collection_from_cfg(value, group, err);
}

static void write_collection(const void *value, config_setting_t *group)
{
    collection_to_cfg(value, group);
}

static void clear_collection(void *value)
{
    collection_clear(value);
}

static bool read_point(void *value, const config_setting_t *group, struct error *err)
{
    return reference_point_from_cfg(value, true, group, err);
}

static void write_point(const void *value, config_setting_t *group)
{
    reference_point_to_cfg(value, true, group);
}

static void clear_point(void *value)
{
    reference_point_clear(value);
}

static char *text_of(const struct kind *kind, const void *value)
{
    config_t config;
    config_init(&config);
    kind->write(value, config_root_setting(&config));
    char *text = cfg_text(&config);
    config_destroy(&config);
    return text;
}

static void check_round_trip(const struct kind *kind, const void *value)
{
    config_t config;
    struct error err = {0};
    CLEANUP_FREE char *text = text_of(kind, value);
    CLEANUP_FREE void *again = mem_alloc(kind->size);
    FUZZ_PROMISE(parse(&config, text, strlen(text)));
    FUZZ_PROMISE(kind->read(again, config_root_setting(&config), &err));
    CLEANUP_FREE char *text_again = text_of(kind, again);
    FUZZ_PROMISE(strcmp(text, text_again) == 0);
    kind->clear(again);
    config_destroy(&config);
}

static void check_kind(const struct kind *kind, const config_setting_t *group)
{
    struct error err = {0};
    CLEANUP_FREE void *value = mem_alloc(kind->size);
    if (kind->read(value, group, &err))
        check_round_trip(kind, value);
    else
        fuzz_check_refusal(&err);
    kind->clear(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct kind kinds[] = {
        {sizeof(struct machine), read_machine, write_machine, clear_machine},
        {sizeof(struct collection), read_collection, write_collection, clear_collection},
        {sizeof(struct reference_point), read_point, write_point, clear_point},
    };
    config_t config;
    CLEANUP_FREE char *text = mem_alloc(size + 1);
    if (size)
        memcpy(text, data, size);
    if (parse(&config, text, size)) {
        for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
            check_kind(&kinds[i], config_root_setting(&config));
    }
    config_destroy(&config);
    return 0;
}
