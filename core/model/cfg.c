/* Writing. What has no value is left out, so that a file shows only what is known; cfg_read.c reads. */
#include "core/model/cfg.h"

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/units.h"

static void put_guid(config_setting_t *group, const char *name, const struct guid *guid)
{
    if (!guid_is_none(guid))
        cfg_put_text(group, name, guid->text);
}

static void put_known_number(config_setting_t *group, const char *name, uint64_t number)
{
    if (number != 0)
        cfg_put_number(group, name, number);
}

/* Inode numbers of some file systems use all 64 bits; libconfig's integers have 63. */
static void put_wide_number(config_setting_t *group, const char *name, uint64_t number)
{
    char text[24];
    if (number <= INT64_MAX) {
        cfg_put_number(group, name, number);
        return;
    }
    snprintf(text, sizeof text, "0x%016llx", (unsigned long long)number);
    cfg_put_text(group, name, text);
}

/* A time that RFC 3339 cannot say (files can claim the year 200000) is written as seconds since 1970. */
static void put_moment(config_setting_t *group, const char *name, struct moment moment)
{
    char text[64];
    struct moment read_back = {0};
    if (moment.seconds == 0 && moment.nanoseconds == 0)
        return;
    moment_format_rfc3339(moment, true, text, sizeof text);
    if (!moment_parse_rfc3339(&read_back, text) || moment_compare(read_back, moment) != 0)
        snprintf(text, sizeof text, "@%lld.%09d", (long long)moment.seconds, moment.nanoseconds);
    cfg_put_text(group, name, text);
}

static void disk_to_cfg(const struct disk *disk, config_setting_t *group)
{
    put_guid(group, "uuid", &disk->uuid);
    cfg_put_text(group, "id", disk->id);
    cfg_put_text(group, "path", disk->path);
    cfg_put_text(group, "format", disk_format_word(disk->format));
    cfg_put_number(group, "virtual_size", disk->virtual_size);
    if (disk->detached)
        cfg_put_bool(group, "detached", true);
    if (disk->backing_count == 0)
        return;
    config_setting_t *list = cfg_put_list(group, "backing");
    for (size_t i = 0; i < disk->backing_count; i++) {
        config_setting_t *item = cfg_put_group(list, NULL);
        cfg_put_text(item, "path", disk->backing[i].path);
        cfg_put_text(item, "format", disk_format_word(disk->backing[i].format));
        if (disk->backing[i].file_size == 0)
            continue;
        cfg_put_number(item, "file_size", disk->backing[i].file_size);
        put_moment(item, "modified", disk->backing[i].modified);
    }
}

static void surroundings_to_cfg(const struct machine *machine, config_setting_t *group)
{
    config_setting_t *files = machine->file_count ? cfg_put_list(group, "files") : NULL;
    for (size_t i = 0; i < machine->file_count; i++) {
        const struct machine_file *file = &machine->files[i];
        config_setting_t *item = cfg_put_group(files, NULL);
        cfg_put_text(item, "role", machine_file_role_word(file->role));
        cfg_put_text(item, "path", file->path);
        cfg_put_text(item, "sha256", file->sha256);
        if (file->sha256)
            cfg_put_number(item, "size", file->size);
        cfg_put_text(item, "missing", file->missing);
        cfg_put_text(item, "file", file->file);
    }
    config_setting_t *left_out = machine->left_out_count ? cfg_put_list(group, "left_out") : NULL;
    for (size_t i = 0; i < machine->left_out_count; i++) {
        const struct machine_left_out *one = &machine->left_out[i];
        config_setting_t *item = cfg_put_group(left_out, NULL);
        cfg_put_text(item, "kind", one->kind);
        cfg_put_text(item, "device", one->device);
        cfg_put_text(item, "path", one->path);
        cfg_put_text(item, "reason", one->reason);
        if (one->by_operator)
            cfg_put_bool(item, "by_operator", true);
    }
}

void machine_to_cfg(const struct machine *machine, config_setting_t *group)
{
    put_guid(group, "id", &machine->id);
    cfg_put_text(group, "name", machine->name);
    put_known_number(group, "cpus", machine->settings.cpus);
    put_known_number(group, "cpus_ceiling", machine->settings.cpus_ceiling);
    put_known_number(group, "memory", machine->settings.memory);
    cfg_put_text(group, "firmware", machine->settings.firmware);
    cfg_put_text(group, "architecture", machine->settings.architecture);
    cfg_put_text(group, "machine_type", machine->settings.machine_type);
    config_setting_t *disks = cfg_put_list(group, "disks");
    for (size_t i = 0; i < machine->disk_count; i++)
        disk_to_cfg(&machine->disks[i], cfg_put_group(disks, NULL));
    surroundings_to_cfg(machine, group);
    config_setting_t *adapters = machine->adapter_count ? cfg_put_list(group, "adapters") : NULL;
    for (size_t i = 0; i < machine->adapter_count; i++) {
        config_setting_t *item = cfg_put_group(adapters, NULL);
        cfg_put_text(item, "mac", machine->adapters[i].mac);
        cfg_put_text(item, "network", machine->adapters[i].network);
        cfg_put_text(item, "model", machine->adapters[i].model);
    }
}

char *machine_cfg_text(const struct machine *machine)
{
    config_t config;
    config_init(&config);
    machine_to_cfg(machine, config_root_setting(&config));
    char *text = cfg_text(&config);
    config_destroy(&config);
    return text;
}

void collection_to_cfg(const struct collection *collection, config_setting_t *group)
{
    put_guid(group, "id", &collection->id);
    cfg_put_text(group, "name", collection->name);
    config_setting_t *members = cfg_put_list(group, "members");
    for (size_t i = 0; i < collection->member_count; i++)
        config_setting_set_string(config_setting_add(members, NULL, CONFIG_TYPE_STRING),
                                  collection->members[i].text);
}

static void disk_point_to_cfg(const struct disk_point *point, config_setting_t *group)
{
    put_guid(group, "disk_uuid", &point->disk_uuid);
    cfg_put_text(group, "disk_id", point->disk_id);
    cfg_put_text(group, "layer_path", point->layer_path);
    cfg_put_text(group, "layer_format", disk_format_word(point->layer_format));
    cfg_put_number(group, "virtual_size", point->virtual_size);
    put_wide_number(group, "device", point->device);
    put_wide_number(group, "inode", point->inode);
    cfg_put_number(group, "file_size", point->file_size);
    put_moment(group, "modified", point->modified);
    if (touch_is_known(&point->touched)) {
        put_moment(group, "changed", point->touched.at);
        cfg_put_number(group, "owner", point->touched.owner);
        cfg_put_number(group, "group", point->touched.group);
    }
    cfg_put_text(group, "content_sha256", point->content_sha256);
    if (!point->unproven)
        return;
    cfg_put_bool(group, "unproven", true);
    put_moment(group, "unproven_since", point->unproven_since);
}

static void members_to_cfg(const struct reference_point *point, config_setting_t *list)
{
    for (size_t i = 0; i < point->member_count; i++) {
        const struct member_point *member = &point->members[i];
        config_setting_t *item = cfg_put_group(list, NULL);
        put_guid(item, "instance_id", &member->instance_id);
        cfg_put_text(item, "state", machine_state_word(member->machine.state));
        put_known_number(item, "consistency_level", member->consistency_level);
        put_known_number(item, "paused_us", member->paused);
        machine_to_cfg(&member->machine, cfg_put_group(item, "machine"));
        config_setting_t *disks = cfg_put_list(item, "disks");
        for (size_t j = 0; j < member->disk_count; j++)
            disk_point_to_cfg(&member->disks[j], cfg_put_group(disks, NULL));
    }
}

void reference_point_to_cfg(const struct reference_point *point, bool with_members, config_setting_t *group)
{
    put_guid(group, "id", &point->id);
    put_guid(group, "collection_id", &point->collection_id);
    cfg_put_text(group, "collection_name", point->collection_name);
    cfg_put_text(group, "name", point->name);
    put_moment(group, "created", point->created);
    cfg_put_number(group, "sequence", point->sequence);
    cfg_put_number(group, "reference_point_type", point->type);
    cfg_put_number(group, "consistency_asked", point->consistency_asked);
    cfg_put_number(group, "consistency_level", point->consistency_level);
    cfg_put_bool(group, "has_associated_log", point->has_associated_log);
    cfg_put_number(group, "virtual_size", point->virtual_size);
    cfg_put_number(group, "log_size", point->log_size);
    if (with_members)
        members_to_cfg(point, cfg_put_list(group, "members"));
}
