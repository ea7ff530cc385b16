#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/package/digest.h"
#include "core/export/package/path.h"
#include "core/export/package/record.h"
#include "core/model/cfg.h"
#include "core/syntax/cfg.h"
#include "core/system/fs.h"

/* --- reading --- */

static bool refuse(struct error *err, const char *what)
{
    return error_set(err, RETURN_INCORRECT_DATA_TYPE, "package.record", "%s", what);
}

static bool read_head(struct package *package, const config_setting_t *root, struct error *err)
{
    if (strcmp(cfg_get_text(root, "format", ""), PACKAGE_RECORD_FORMAT) != 0)
        return refuse(err, "it is not the record of a package");
    uint64_t version = cfg_get_number(root, "format_version", 0);
    if (version > PACKAGE_RECORD_VERSION) {
        error_set(err, RETURN_NOT_SUPPORTED, "package.version",
                  "the package has format version %llu; this program reads up to %d",
                  (unsigned long long)version, PACKAGE_RECORD_VERSION);
        return error_next(err, "Use the program that made it, or a newer one.");
    }
    if (version != PACKAGE_RECORD_VERSION)
        return refuse(err, "format_version is missing or wrong");
    if (!guid_parse(&package->id, cfg_get_text(root, "package_id", "")) || guid_is_none(&package->id))
        return refuse(err, "package_id is missing or no GUID");
    if (!moment_parse_rfc3339(&package->exported, cfg_get_text(root, "exported", "")))
        return refuse(err, "exported is missing or no time");
    package->exporter = mem_strdup(cfg_get_text(root, "exporter", NULL));
    package->verified = cfg_get_bool(root, "verified", false);
    return true;
}

static bool read_options(struct export_options *options, const config_setting_t *root, struct error *err)
{
    *options = export_options_default();
    const config_setting_t *group = config_setting_get_member(root, "options");
    if (!group || !config_setting_is_group(group))
        return refuse(err, "options are missing");
    if (!disk_format_parse(&options->format, cfg_get_text(group, "format", "")) ||
        !compression_parse(&options->compression, cfg_get_text(group, "compression", "")))
        return refuse(err, "options: format or compression is no word this program knows");
    options->zstd_level = (unsigned)cfg_get_number(group, "zstd_level", 0);
    options->verify = cfg_get_bool(group, "verify", false);
    options->strict = cfg_get_bool(group, "strict", false);
    options->rate = cfg_get_number(group, "rate", 0);
    return true;
}

static bool read_base_point(struct object_path *base, const config_setting_t *root, struct error *err)
{
    const config_setting_t *group = config_setting_get_member(root, "base_point");
    if (!group)
        return true;
    if (!config_setting_is_group(group) || !guid_parse(&base->point_id, cfg_get_text(group, "id", "")) ||
        !guid_parse(&base->collection_id, cfg_get_text(group, "collection_id", "")))
        return refuse(err, "base_point is not a point's two ids");
    return true;
}

static bool read_point(struct reference_point *point, const config_setting_t *root, struct error *err)
{
    const config_setting_t *group = config_setting_get_member(root, "reference_point");
    if (!group || !config_setting_is_group(group))
        return refuse(err, "reference_point is missing");
    return reference_point_from_cfg(point, true, group, err) || error_context(err, "reference_point");
}

static bool take_digest(char **slot, const config_setting_t *group, const char *name)
{
    const char *text = cfg_get_text(group, name, "");
    if (!package_digest_is_text(text))
        return false;
    mem_replace(slot, text);
    return true;
}

/* Down to the base's file only three directories and then whatever lies between the packages. */
static bool is_backing_name(const char *name)
{
    return strncmp(name, "../../../", 9) == 0 && name[9] != '\0' && strlen(name) <= 1023;
}

static bool read_base(struct package *package, struct package_disk *disk, const config_setting_t *group,
                      struct error *err)
{
    struct guid id;
    if (!guid_parse(&id, cfg_get_text(group, "base_package_id", "")) || guid_is_none(&id) ||
        guid_equal(&id, &package->id))
        return refuse(err, "base_package_id is missing, no GUID, or its own");
    char *digest = NULL;
    if (!take_digest(&digest, group, "base_record_sha256"))
        return refuse(err, "base_record_sha256 is missing or no SHA-256");
    bool first = !package->base_record_sha256;
    bool same = first || (guid_equal(&id, &package->base_package_id) &&
                          strcmp(digest, package->base_record_sha256) == 0);
    if (first) {
        package->base_package_id = id;
        package->base_record_sha256 = digest;
    } else {
        free(digest);
    }
    if (!same)
        return refuse(err, "it is based on another package than the disks before it");
    const char *file = cfg_get_text(group, "base_file", "");
    const char *backing_name = cfg_get_text(group, "backing_name", "");
    if (!package_path_is_member(file))
        return refuse(err, "base_file is missing or no name of a package's file");
    if (!is_backing_name(backing_name))
        return refuse(err, "backing_name is missing or does not lead to another package");
    disk->base_file = mem_strdup(file);
    disk->backing_name = mem_strdup(backing_name);
    return true;
}

static bool read_disk(struct package *package, struct package_disk *disk, const config_setting_t *group,
                      struct error *err)
{
    struct guid machine;
    struct guid uuid;
    const char *file = cfg_get_text(group, "file", "");
    const char *kind = cfg_get_text(group, "kind", "");
    if (!guid_parse(&machine, cfg_get_text(group, "machine_id", "")) ||
        !guid_parse(&uuid, cfg_get_text(group, "disk_uuid", "")))
        return refuse(err, "machine_id or disk_uuid is missing or no GUID");
    if (!cfg_get_text(group, "machine", NULL) || !cfg_get_text(group, "disk", NULL))
        return refuse(err, "machine or disk has no name");
    if (!package_path_is_member(file))
        return refuse(err, "file is missing or no name of a package's file");
    if (!disk_format_parse(&disk->format, cfg_get_text(group, "file_format", "")))
        return refuse(err, "file_format is missing or unknown");
    if (strcmp(kind, "full") != 0 && strcmp(kind, "differential") != 0)
        return refuse(err, "kind is neither full nor differential");
    disk->machine = mem_strdup(cfg_get_text(group, "machine", NULL));
    disk->machine_id = mem_strdup(machine.text);
    disk->disk = mem_strdup(cfg_get_text(group, "disk", NULL));
    disk->disk_uuid = mem_strdup(uuid.text);
    disk->virtual_size = cfg_get_number(group, "virtual_size", 0);
    disk->file = mem_strdup(file);
    disk->reason = mem_strdup(cfg_get_text(group, "reason", NULL));
    disk->differential = strcmp(kind, "differential") == 0;
    if (config_setting_get_member(group, "data_sha256") &&
        !take_digest(&disk->data_sha256, group, "data_sha256"))
        return refuse(err, "data_sha256 is no SHA-256");
    if (config_setting_get_member(group, "data_xxh3")) {
        disk->data_xxh3 = mem_strdup(cfg_get_text(group, "data_xxh3", ""));
        if (strlen(disk->data_xxh3) != 32 || strspn(disk->data_xxh3, "0123456789abcdef") != 32)
            return refuse(err, "data_xxh3 is no XXH3-128");
    }
    if (disk->differential && disk->format != DISK_FORMAT_QCOW2)
        return refuse(err, "a differential disk can only be qcow2");
    return !disk->differential || read_base(package, disk, group, err);
}

static bool read_disks(struct package *package, const config_setting_t *root, struct error *err)
{
    unsigned count;
    const config_setting_t *list = cfg_get_list(root, "disks", &count);
    if (!list)
        return refuse(err, "disks are missing");
    if (count > PACKAGE_RECORD_DISK_LIMIT)
        return refuse(err, "it lists too many disks");
    package->disks = mem_alloc((count + 1) * sizeof *package->disks);
    for (unsigned i = 0; i < count; i++) {
        const config_setting_t *group = config_setting_get_elem(list, i);
        package->disk_count++;
        if (!config_setting_is_group(group))
            return refuse(err, "disks: an entry is not a group");
        if (!read_disk(package, &package->disks[i], group, err))
            return error_context(err, "disk %u", i + 1);
    }
    return true;
}

static bool read_base_package(struct package_base *base, const config_setting_t *group, struct error *err)
{
    if (!config_setting_is_group(group) || !guid_parse(&base->id, cfg_get_text(group, "package_id", "")) ||
        guid_is_none(&base->id) || !take_digest(&base->record_sha256, group, "record_sha256"))
        return refuse(err, "bases: an entry is not a package's id and the SHA-256 of its record");
    if (!cfg_get_bool(group, "verified", false))
        return true;
    text_copy_cut(base->how, sizeof base->how, cfg_get_text(group, "verified_how", ""));
    return moment_parse_rfc3339(&base->verified, cfg_get_text(group, "verified_when", "")) ||
           refuse(err, "bases: an entry is verified at no time");
}

/* Packages of earlier versions say nothing of how their bases were. */
static bool read_bases(struct package *package, const config_setting_t *root, struct error *err)
{
    unsigned count;
    const config_setting_t *list = cfg_get_list(root, "bases", &count);
    if (count > PACKAGE_RECORD_BASE_LIMIT)
        return refuse(err, "it lists too many bases");
    package->bases = mem_alloc((count + 1) * sizeof *package->bases);
    for (unsigned i = 0; i < count; i++) {
        package->base_count++;
        if (!read_base_package(&package->bases[i], config_setting_get_elem(list, i), err))
            return false;
    }
    if (count == 0)
        return true;
    return (package->base_record_sha256 && guid_equal(&package->bases[0].id, &package->base_package_id) &&
            strcmp(package->bases[0].record_sha256, package->base_record_sha256) == 0) ||
           refuse(err, "bases: the first one is not the one that the disks are based on");
}

static bool read_origin(const struct package *package, struct export_origin *origin,
                        const config_setting_t *group, struct error *err)
{
    bool whole = config_setting_is_group(group) &&
                 guid_parse(&origin->package_id, cfg_get_text(group, "package_id", "")) &&
                 !guid_is_none(&origin->package_id) && !guid_equal(&origin->package_id, &package->id) &&
                 take_digest(&origin->record_sha256, group, "record_sha256");
    return whole || refuse(err, "consolidated_from: an entry is not another package's id and the SHA-256 of "
                                "its record");
}

static bool read_origins(struct package *package, const config_setting_t *root, struct error *err)
{
    unsigned count;
    const config_setting_t *list = cfg_get_list(root, "consolidated_from", &count);
    if (config_setting_get_member(root, "consolidated_from") && !list)
        return refuse(err, "consolidated_from is no list");
    if (count > PACKAGE_RECORD_ORIGIN_LIMIT)
        return refuse(err, "it is consolidated from too many packages");
    for (unsigned i = 0; i < count; i++) {
        if (!read_origin(package, ARRAY_APPEND(package->origins, package->origin_count),
                         config_setting_get_elem(list, i), err))
            return false;
    }
    return true;
}

static bool read_files(struct package *package, const config_setting_t *root, struct error *err)
{
    unsigned count;
    const config_setting_t *list = cfg_get_list(root, "files", &count);
    if (!list)
        return refuse(err, "files are missing");
    if (count > PACKAGE_RECORD_FILE_LIMIT)
        return refuse(err, "it lists too many files");
    package->files = mem_alloc((count + 1) * sizeof *package->files);
    for (unsigned i = 0; i < count; i++) {
        const config_setting_t *group = config_setting_get_elem(list, i);
        struct package_file *file = &package->files[package->file_count++];
        bool whole = config_setting_is_group(group) &&
                     package_path_is_member(cfg_get_text(group, "name", "")) &&
                     take_digest(&file->sha256, group, "sha256") &&
                     cfg_get_number(group, "size", UINT64_MAX) != UINT64_MAX;
        if (!whole)
            return refuse(err, "files: an entry is damaged");
        file->name = mem_strdup(cfg_get_text(group, "name", ""));
        file->size = cfg_get_number(group, "size", 0);
    }
    return true;
}

/* --- what must agree with what --- */

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static int compare_texts_folded(const void *left, const void *right)
{
    return package_path_compare_folded(*(const char *const *)left, *(const char *const *)right);
}

/* names: borrowed texts, sorted here. */
static bool are_unique(const char **names, size_t count)
{
    if (count > 1)
        qsort(names, count, sizeof *names, compare_texts_folded);
    for (size_t i = 1; i < count; i++) {
        if (package_path_compare_folded(names[i - 1], names[i]) == 0)
            return false;
    }
    return true;
}

static bool check_files(const struct package *package, struct error *err)
{
    size_t most = package->file_count + package->disk_count + 1;
    const char **names = mem_alloc(most * sizeof *names);
    for (size_t i = 0; i < package->file_count; i++)
        names[i] = package->files[i].name;
    bool ok = are_unique(names, package->file_count) ||
              refuse(err, "files: two names are the same or differ by case only");
    for (size_t i = 0; i < package->disk_count && ok; i++) {
        const char *file = package->disks[i].file;
        const char **found = bsearch(&file, names, package->file_count, sizeof *names, compare_texts_folded);
        if (!found || strcmp(*found, file) != 0)
            ok = refuse(err, "a disk's file is not among the files");
    }
    for (size_t i = 0; i < package->disk_count && ok; i++)
        names[i] = package->disks[i].file;
    ok = ok && (are_unique(names, package->disk_count) || refuse(err, "two disks have one file"));
    free(names);
    return ok;
}

/* "machine/disk/size" of every disk of the point, sorted. */
static char **point_keys(const struct reference_point *point, size_t *count)
{
    char **keys = NULL;
    *count = 0;
    for (size_t m = 0; m < point->member_count; m++) {
        const struct member_point *member = &point->members[m];
        for (size_t d = 0; d < member->disk_count; d++)
            *ARRAY_APPEND(keys, *count) =
                mem_format("%s/%s/%llu", member->machine.id.text, member->disks[d].disk_uuid.text,
                           (unsigned long long)member->disks[d].virtual_size);
    }
    if (keys)
        qsort(keys, *count, sizeof *keys, compare_texts);
    return keys;
}

static bool check_disks(const struct package *package, struct error *err)
{
    size_t key_count;
    char **keys = point_keys(&package->point, &key_count);
    const char **own = mem_alloc((package->disk_count + 1) * sizeof *own);
    bool ok = true;
    for (size_t i = 0; i < package->disk_count && ok; i++) {
        const struct package_disk *disk = &package->disks[i];
        CLEANUP_FREE char *key = mem_format("%s/%s/%llu", disk->machine_id, disk->disk_uuid,
                                            (unsigned long long)disk->virtual_size);
        char **found = keys ? bsearch(&key, keys, key_count, sizeof *keys, compare_texts) : NULL;
        if (!found)
            ok = refuse(err, "a disk is not one of the point's, or not of the size it had there");
        else
            own[i] = *found;
    }
    ok = ok && (are_unique(own, package->disk_count) || refuse(err, "a disk is listed twice"));
    free(own);
    fs_free_names(keys, key_count);
    return ok;
}

/* A machine's file that the point says to be in the package is one of its files, and the same. */
static bool check_machine_files(const struct package *package, struct error *err)
{
    for (size_t m = 0; m < package->point.member_count; m++) {
        const struct machine *machine = &package->point.members[m].machine;
        for (size_t i = 0; i < machine->file_count; i++) {
            const struct machine_file *file = &machine->files[i];
            const struct package_file *listed = file->file ? package_find_file(package, file->file) : NULL;
            if (file->file && (!listed || !file->sha256 || strcmp(listed->sha256, file->sha256) != 0 ||
                               listed->size != file->size))
                return refuse(err, "a file of a machine is not among the package's, or is another");
        }
    }
    return true;
}

bool package_record_parse(struct package *package, const char *text, size_t length, const char *name,
                          struct error *err)
{
    config_t config;
    bool ok = cfg_parse(&config, text, length, name, err);
    if (ok) {
        const config_setting_t *root = config_root_setting(&config);
        ok = (read_head(package, root, err) && read_options(&package->options, root, err) &&
              read_base_point(&package->base_point, root, err) && read_point(&package->point, root, err) &&
              read_disks(package, root, err) && read_bases(package, root, err) &&
              read_origins(package, root, err) && read_files(package, root, err) &&
              check_files(package, err) && check_disks(package, err) && check_machine_files(package, err)) ||
             error_context(err, "%s", name);
    }
    config_destroy(&config);
    if (!ok)
        package_clear(package);
    return ok;
}
