#include "core/export/package/record.h"

#include "core/model/cfg.h"
#include "core/syntax/cfg.h"

/* --- writing --- */

static void put_options(const struct export_options *options, config_setting_t *group)
{
    cfg_put_text(group, "format", disk_format_word(options->format));
    cfg_put_text(group, "compression", compression_word(options->compression));
    if (options->compression == COMPRESSION_ZSTD && options->zstd_level > 0)
        cfg_put_number(group, "zstd_level", options->zstd_level);
    cfg_put_bool(group, "verify", options->verify);
    cfg_put_bool(group, "strict", options->strict);
    cfg_put_number(group, "rate", options->rate);
}

static void put_disk(const struct package *package, const struct package_disk *disk, config_setting_t *group)
{
    cfg_put_text(group, "machine", disk->machine);
    cfg_put_text(group, "machine_id", disk->machine_id);
    cfg_put_text(group, "disk", disk->disk);
    cfg_put_text(group, "disk_uuid", disk->disk_uuid);
    cfg_put_number(group, "virtual_size", disk->virtual_size);
    cfg_put_text(group, "file", disk->file);
    cfg_put_text(group, "file_format", disk_format_word(disk->format));
    cfg_put_text(group, "kind", disk->differential ? "differential" : "full");
    cfg_put_text(group, "reason", disk->reason);
    cfg_put_text(group, "data_xxh3", disk->data_xxh3);
    if (!disk->differential)
        return;
    cfg_put_text(group, "base_package_id", package->base_package_id.text);
    cfg_put_text(group, "base_record_sha256", package->base_record_sha256);
    cfg_put_text(group, "base_file", disk->base_file);
    cfg_put_text(group, "backing_name", disk->backing_name);
}

static void put_bases(const struct package *package, config_setting_t *root)
{
    config_setting_t *list = package->base_count > 0 ? cfg_put_list(root, "bases") : NULL;
    for (size_t i = 0; i < package->base_count; i++) {
        const struct package_base *base = &package->bases[i];
        config_setting_t *group = cfg_put_group(list, NULL);
        char verified[64];
        moment_format_rfc3339(base->verified, true, verified, sizeof verified);
        cfg_put_text(group, "package_id", base->id.text);
        cfg_put_text(group, "record_sha256", base->record_sha256);
        cfg_put_bool(group, "verified", base->verified.seconds != 0);
        cfg_put_text(group, "verified_when", base->verified.seconds != 0 ? verified : NULL);
        cfg_put_text(group, "verified_how", base->verified.seconds != 0 ? base->how : NULL);
    }
}

static void put_origins(const struct package *package, config_setting_t *root)
{
    config_setting_t *list = package->origin_count > 0 ? cfg_put_list(root, "consolidated_from") : NULL;
    for (size_t i = 0; i < package->origin_count; i++) {
        config_setting_t *group = cfg_put_group(list, NULL);
        cfg_put_text(group, "package_id", package->origins[i].package_id.text);
        cfg_put_text(group, "record_sha256", package->origins[i].record_sha256);
    }
}

static void put_files(const struct package *package, config_setting_t *list)
{
    for (size_t i = 0; i < package->file_count; i++) {
        config_setting_t *group = cfg_put_group(list, NULL);
        cfg_put_text(group, "name", package->files[i].name);
        cfg_put_text(group, "sha256", package->files[i].sha256);
        cfg_put_number(group, "size", package->files[i].size);
    }
}

char *package_record_text(const struct package *package)
{
    config_t config;
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    char exported[64];
    moment_format_rfc3339(package->exported, true, exported, sizeof exported);
    cfg_put_text(root, "format", PACKAGE_RECORD_FORMAT);
    cfg_put_number(root, "format_version", PACKAGE_RECORD_VERSION);
    cfg_put_text(root, "exporter", package->exporter);
    cfg_put_text(root, "package_id", package->id.text);
    cfg_put_text(root, "exported", exported);
    cfg_put_bool(root, "verified", package->verified);
    put_origins(package, root);
    put_options(&package->options, cfg_put_group(root, "options"));
    if (!object_path_is_none(&package->base_point)) {
        config_setting_t *base = cfg_put_group(root, "base_point");
        cfg_put_text(base, "id", package->base_point.point_id.text);
        cfg_put_text(base, "collection_id", package->base_point.collection_id.text);
    }
    reference_point_to_cfg(&package->point, true, cfg_put_group(root, "reference_point"));
    put_bases(package, root);
    config_setting_t *disks = cfg_put_list(root, "disks");
    for (size_t i = 0; i < package->disk_count; i++)
        put_disk(package, &package->disks[i], cfg_put_group(disks, NULL));
    put_files(package, cfg_put_list(root, "files"));
    char *text = cfg_text(&config);
    config_destroy(&config);
    return text;
}
