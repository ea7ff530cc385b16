/* The record of a package from another site: whatever it says, what is believed of it stays beneath the
 * package and within bounds, and is written back the same. */
#include <string.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/export/package/record.h"
#include "tests/fuzz/fuzz.h"

/* libconfig 1.5 loses the text of a string that stands before a syntax error: not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

static bool parse(struct package *package, const char *text, size_t length)
{
    struct error err = {0};
    bool ok = package_record_parse(package, text, length, "input", &err);
    if (!ok) {
        fuzz_check_refusal(&err);
        FUZZ_PROMISE(!package->disks && !package->files && !package->point.members);
    }
    return ok;
}

static bool has_file(const struct package *package, const char *name)
{
    for (size_t i = 0; i < package->file_count; i++) {
        if (strcmp(package->files[i].name, name) == 0)
            return true;
    }
    return false;
}

static void check_disk(const struct package *package, const struct package_disk *disk)
{
    FUZZ_PROMISE(package_path_is_member(disk->file) && has_file(package, disk->file));
    FUZZ_PROMISE(disk->differential == (disk->base_file != NULL));
    FUZZ_PROMISE(disk->differential == (disk->backing_name != NULL));
    if (!disk->differential)
        return;
    FUZZ_PROMISE(package_path_is_member(disk->base_file));
    FUZZ_PROMISE(strncmp(disk->backing_name, "../../../", 9) == 0 && strlen(disk->backing_name) <= 1023);
    FUZZ_PROMISE(!guid_is_none(&package->base_package_id) &&
                 !guid_equal(&package->base_package_id, &package->id));
}

static void check(const struct package *package)
{
    FUZZ_PROMISE(package->disk_count <= PACKAGE_RECORD_DISK_LIMIT);
    FUZZ_PROMISE(package->file_count <= PACKAGE_RECORD_FILE_LIMIT);
    for (size_t i = 0; i < package->file_count; i++)
        FUZZ_PROMISE(package_path_is_member(package->files[i].name));
    for (size_t i = 0; i < package->disk_count; i++)
        check_disk(package, &package->disks[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct package package = {0};
    struct package again = {0};
    CLEANUP_FREE char *text = mem_alloc(size + 1);
    if (size)
        memcpy(text, data, size);
    if (parse(&package, text, size)) {
        check(&package);
        CLEANUP_FREE char *first = package_record_text(&package);
        FUZZ_PROMISE(parse(&again, first, strlen(first)));
        CLEANUP_FREE char *second = package_record_text(&again);
        FUZZ_PROMISE(strcmp(first, second) == 0);
    }
    package_clear(&package);
    package_clear(&again);
    return 0;
}
