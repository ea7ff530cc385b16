/* Reading and checking. A file of the store may have been edited, a package may come from anywhere: every
 * member is checked for type and range, and a refusal names member and line, so that it can be mended. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"
#include "core/model/cfg.h"

/* Uniqueness is checked pair by pair: these bound the time that a hostile file can take. */
#define DISK_LIMIT 4096U
#define MEMBER_LIMIT 10000U

/* "disks[2].format" */
static void add_place(struct strbuf *place, const config_setting_t *setting)
{
    const config_setting_t *parent = config_setting_parent(setting);
    if (!parent)
        return;
    add_place(place, parent);
    if (config_setting_name(setting))
        strbuf_addf(place, "%s%s", place->length ? "." : "", config_setting_name(setting));
    else
        strbuf_addf(place, "[%d]", config_setting_index(setting));
}

static bool refuse(const config_setting_t *group, const char *name, const char *why, struct error *err)
{
    CLEANUP_STRBUF struct strbuf place = {0};
    const config_setting_t *member = name ? config_setting_get_member(group, name) : NULL;
    add_place(&place, member ? member : group);
    if (name && !member)
        strbuf_addf(&place, "%s%s", place.length ? "." : "", name);
    unsigned line = config_setting_source_line(member ? member : group);
    if (line > 0)
        error_set(err, RETURN_INCORRECT_DATA_TYPE, "record.member", "line %u: \"%s\" %s", line,
                  place.data ? place.data : "", why);
    else
        error_set(err, RETURN_INCORRECT_DATA_TYPE, "record.member", "\"%s\" %s", place.data ? place.data : "",
                  why);
    return error_next(err, "Mend the file with an editor, or bring it back from a copy.");
}

/* Text that is not empty or, where it is not required, any or NULL. */
static bool read_text(const config_setting_t *group, const char *name, bool required, char **text,
                      struct error *err)
{
    const char *value = cfg_get_text(group, name, NULL);
    if (!value && config_setting_get_member(group, name))
        return refuse(group, name, "is not text in quotes", err);
    if (!value && required)
        return refuse(group, name, "is missing", err);
    if (value && *value == '\0' && required)
        return refuse(group, name, "is empty", err);
    mem_replace(text, value);
    return true;
}

static bool read_path(const config_setting_t *group, const char *name, bool required, char **path,
                      struct error *err)
{
    if (!read_text(group, name, required, path, err))
        return false;
    return !*path || **path == '/' || refuse(group, name, "is not an absolute path", err);
}

static bool read_guid(const config_setting_t *group, const char *name, struct guid *guid, struct error *err)
{
    const char *text = cfg_get_text(group, name, NULL);
    if (!config_setting_get_member(group, name))
        return refuse(group, name, "is missing", err);
    return (text && guid_parse(guid, text)) || refuse(group, name, "is not an id (a GUID in quotes)", err);
}

static bool read_format(const config_setting_t *group, const char *name, enum disk_format *format,
                        struct error *err)
{
    const char *word = cfg_get_text(group, name, NULL);
    if (!config_setting_get_member(group, name))
        return refuse(group, name, "is missing", err);
    return (word && disk_format_parse(format, word)) ||
           refuse(group, name, "is neither \"raw\" nor \"qcow2\"", err);
}

static bool read_number(const config_setting_t *group, const char *name, uint64_t most, uint64_t *number,
                        struct error *err)
{
    *number = 0;
    if (!config_setting_get_member(group, name))
        return true;
    uint64_t value = cfg_get_number(group, name, UINT64_MAX);
    if (value > most) {
        CLEANUP_FREE char *why = mem_format("is not a number from 0 to %llu", (unsigned long long)most);
        return refuse(group, name, why, err);
    }
    *number = value;
    return true;
}

static bool read_number_32(const config_setting_t *group, const char *name, uint32_t *number,
                           struct error *err)
{
    uint64_t wide = 0;
    bool ok = read_number(group, name, UINT32_MAX, &wide, err);
    *number = (uint32_t)wide;
    return ok;
}

static bool read_wide_number(const config_setting_t *group, const char *name, uint64_t *number,
                             struct error *err)
{
    const char *text = cfg_get_text(group, name, NULL);
    if (!text)
        return read_number(group, name, INT64_MAX, number, err);
    if (strncmp(text, "0x", 2) != 0 || strlen(text) != 18 || strspn(text + 2, "0123456789abcdefABCDEF") != 16)
        return refuse(group, name, "is neither a number nor \"0x\" and 16 hexadecimal digits", err);
    *number = strtoull(text, NULL, 16);
    return true;
}

/* "@SECONDS.NANOSECONDS", nine digits behind the point. */
static bool parse_seconds(const char *text, struct moment *moment)
{
    char *end = NULL;
    errno = 0;
    long long seconds = strtoll(text + 1, &end, 10);
    if (errno != 0 || end == text + 1 || *end != '.' || strlen(end) != 10 ||
        strspn(end + 1, "0123456789") != 9)
        return false;
    *moment = (struct moment){.seconds = seconds, .nanoseconds = (int32_t)strtol(end + 1, NULL, 10)};
    return true;
}

static bool read_moment(const config_setting_t *group, const char *name, struct moment *moment,
                        struct error *err)
{
    if (!config_setting_get_member(group, name))
        return true;
    const char *text = cfg_get_text(group, name, NULL);
    bool ok = text && (*text == '@' ? parse_seconds(text, moment) : moment_parse_rfc3339(moment, text));
    return ok || refuse(group, name, "is not a time such as \"2026-09-24T02:00:00.000000000+02:00\"", err);
}

static bool read_bool(const config_setting_t *group, const char *name, bool *value, struct error *err)
{
    const config_setting_t *member = config_setting_get_member(group, name);
    if (member && config_setting_type(member) != CONFIG_TYPE_BOOL)
        return refuse(group, name, "is neither true nor false", err);
    *value = cfg_get_bool(group, name, false);
    return true;
}

/* Members that are always written: a record without one is the first part of one, however well it reads. */
static bool check_whole(const config_setting_t *group, const char *const *names, size_t count,
                        struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!config_setting_get_member(group, names[i]))
            return refuse(group, names[i], "is missing", err);
    }
    return true;
}

/* A list of at most `most` items; a missing one is empty. */
static bool read_list(const config_setting_t *group, const char *name, unsigned most,
                      const config_setting_t **list, unsigned *count, struct error *err)
{
    *list = cfg_get_list(group, name, count);
    if (!*list && config_setting_get_member(group, name))
        return refuse(group, name, "is not a list: ( ... )", err);
    return *count <= most || refuse(group, name, "has too many items", err);
}

static bool read_group(const config_setting_t *list, unsigned index, const config_setting_t **group,
                       struct error *err)
{
    *group = config_setting_get_elem(list, index);
    return config_setting_is_group(*group) || refuse(*group, NULL, "is not a group: { ... }", err);
}

static bool backing_from_cfg(struct disk *disk, const config_setting_t *group, struct error *err)
{
    const config_setting_t *list;
    const config_setting_t *item;
    unsigned count;
    if (!read_list(group, "backing", DISK_LIMIT, &list, &count, err))
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct backing_file *file = ARRAY_APPEND(disk->backing, disk->backing_count);
        if (!read_group(list, i, &item, err) || !read_text(item, "path", true, &file->path, err) ||
            !read_format(item, "format", &file->format, err))
            return false;
        if (config_setting_get_member(item, "file_size") &&
            (!read_number(item, "file_size", INT64_MAX, &file->file_size, err) ||
             !read_moment(item, "modified", &file->modified, err)))
            return false;
    }
    return true;
}

static bool disk_from_cfg(struct disk *disk, const config_setting_t *group, struct error *err)
{
    return read_guid(group, "uuid", &disk->uuid, err) && read_text(group, "id", true, &disk->id, err) &&
           read_path(group, "path", true, &disk->path, err) &&
           read_format(group, "format", &disk->format, err) &&
           read_number(group, "virtual_size", INT64_MAX, &disk->virtual_size, err) &&
           read_bool(group, "detached", &disk->detached, err) && backing_from_cfg(disk, group, err);
}

static bool disks_from_cfg(struct machine *machine, const config_setting_t *group, struct error *err)
{
    const config_setting_t *list;
    const config_setting_t *item;
    unsigned count;
    if (!read_list(group, "disks", DISK_LIMIT, &list, &count, err))
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct disk *disk = ARRAY_APPEND(machine->disks, machine->disk_count);
        if (!read_group(list, i, &item, err) || !disk_from_cfg(disk, item, err))
            return false;
        for (unsigned j = 0; j < i; j++) {
            if (strcmp(machine->disks[j].id, disk->id) == 0)
                return refuse(item, "id", "is already the id of another disk of this machine", err);
            if (guid_equal(&machine->disks[j].uuid, &disk->uuid))
                return refuse(item, "uuid", "is already the uuid of another disk of this machine", err);
        }
    }
    return true;
}

static bool adapters_from_cfg(struct machine *machine, const config_setting_t *group, struct error *err)
{
    const config_setting_t *list;
    const config_setting_t *item;
    unsigned count;
    if (!read_list(group, "adapters", DISK_LIMIT, &list, &count, err))
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct network_adapter *adapter = ARRAY_APPEND(machine->adapters, machine->adapter_count);
        if (!read_group(list, i, &item, err) || !read_text(item, "mac", false, &adapter->mac, err) ||
            !read_text(item, "network", false, &adapter->network, err) ||
            !read_text(item, "model", false, &adapter->model, err))
            return false;
    }
    return true;
}

static bool is_sha256(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static bool files_from_cfg(struct machine *machine, const config_setting_t *group, struct error *err)
{
    const config_setting_t *list;
    const config_setting_t *item;
    unsigned count;
    if (!read_list(group, "files", DISK_LIMIT, &list, &count, err))
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct machine_file *file = ARRAY_APPEND(machine->files, machine->file_count);
        CLEANUP_FREE char *role = NULL;
        if (!read_group(list, i, &item, err) || !read_text(item, "role", true, &role, err) ||
            !read_path(item, "path", true, &file->path, err) ||
            !read_text(item, "sha256", false, &file->sha256, err) ||
            !read_number(item, "size", INT64_MAX, &file->size, err) ||
            !read_text(item, "missing", false, &file->missing, err) ||
            !read_text(item, "file", false, &file->file, err))
            return false;
        if (!machine_file_role_parse(&file->role, role))
            return refuse(item, "role", "is no role of a machine's file that is known", err);
        if (file->sha256 && !is_sha256(file->sha256))
            return refuse(item, "sha256", "is not 64 hexadecimal digits", err);
    }
    return true;
}

static bool left_out_from_cfg(struct machine *machine, const config_setting_t *group, struct error *err)
{
    const config_setting_t *list;
    const config_setting_t *item;
    unsigned count;
    if (!read_list(group, "left_out", DISK_LIMIT, &list, &count, err))
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct machine_left_out *one = ARRAY_APPEND(machine->left_out, machine->left_out_count);
        if (!read_group(list, i, &item, err) || !read_text(item, "kind", true, &one->kind, err) ||
            !read_text(item, "device", false, &one->device, err) ||
            !read_text(item, "path", false, &one->path, err) ||
            !read_text(item, "reason", false, &one->reason, err) ||
            !read_bool(item, "by_operator", &one->by_operator, err))
            return false;
    }
    return true;
}

bool machine_from_cfg(struct machine *machine, const config_setting_t *group, struct error *err)
{
    static const char *const always[] = {"disks"};
    struct machine_settings *settings = &machine->settings;
    bool ok = read_guid(group, "id", &machine->id, err) &&
              read_text(group, "name", true, &machine->name, err) &&
              read_number_32(group, "cpus", &settings->cpus, err) &&
              read_number_32(group, "cpus_ceiling", &settings->cpus_ceiling, err) &&
              read_number(group, "memory", INT64_MAX, &settings->memory, err) &&
              read_text(group, "firmware", false, &settings->firmware, err) &&
              read_text(group, "architecture", false, &settings->architecture, err) &&
              read_text(group, "machine_type", false, &settings->machine_type, err) &&
              disks_from_cfg(machine, group, err) && adapters_from_cfg(machine, group, err) &&
              files_from_cfg(machine, group, err) && left_out_from_cfg(machine, group, err) &&
              check_whole(group, always, ARRAY_LENGTH(always), err);
    if (!ok)
        machine_clear(machine);
    return ok;
}

static bool members_of_collection(struct collection *collection, const config_setting_t *group,
                                  struct error *err)
{
    const config_setting_t *list;
    unsigned count;
    if (!read_list(group, "members", MEMBER_LIMIT, &list, &count, err))
        return false;
    for (unsigned i = 0; i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(list, i);
        const char *text = config_setting_get_string(item);
        struct guid *member = ARRAY_APPEND(collection->members, collection->member_count);
        if (!text || !guid_parse(member, text))
            return refuse(item, NULL, "is not an id (a GUID in quotes)", err);
        for (unsigned j = 0; j < i; j++) {
            if (guid_equal(&collection->members[j], member))
                return refuse(item, NULL, "is in the list twice", err);
        }
    }
    return true;
}

bool collection_from_cfg(struct collection *collection, const config_setting_t *group, struct error *err)
{
    static const char *const always[] = {"members"};
    bool ok = read_guid(group, "id", &collection->id, err) &&
              read_text(group, "name", true, &collection->name, err) &&
              members_of_collection(collection, group, err) &&
              check_whole(group, always, ARRAY_LENGTH(always), err);
    if (!ok)
        collection_clear(collection);
    return ok;
}

static bool disk_point_from_cfg(struct disk_point *point, const config_setting_t *group, struct error *err)
{
    if (!read_text(group, "content_sha256", false, &point->content_sha256, err))
        return false;
    if (point->content_sha256 && !is_sha256(point->content_sha256))
        return refuse(group, "content_sha256", "is not 64 hexadecimal digits", err);
    return read_guid(group, "disk_uuid", &point->disk_uuid, err) &&
           read_text(group, "disk_id", true, &point->disk_id, err) &&
           read_path(group, "layer_path", false, &point->layer_path, err) &&
           read_format(group, "layer_format", &point->layer_format, err) &&
           read_number(group, "virtual_size", INT64_MAX, &point->virtual_size, err) &&
           read_wide_number(group, "device", &point->device, err) &&
           read_wide_number(group, "inode", &point->inode, err) &&
           read_number(group, "file_size", INT64_MAX, &point->file_size, err) &&
           read_moment(group, "modified", &point->modified, err) &&
           read_moment(group, "changed", &point->touched.at, err) &&
           read_number(group, "owner", UINT32_MAX, &point->touched.owner, err) &&
           read_number(group, "group", UINT32_MAX, &point->touched.group, err) &&
           read_bool(group, "unproven", &point->unproven, err) &&
           read_moment(group, "unproven_since", &point->unproven_since, err);
}

static bool disk_points_from_cfg(struct member_point *member, const config_setting_t *group,
                                 struct error *err)
{
    const config_setting_t *list;
    const config_setting_t *item;
    unsigned count;
    if (!read_list(group, "disks", DISK_LIMIT, &list, &count, err))
        return false;
    if (count != member->machine.disk_count)
        return refuse(group, "disks", "does not list every disk of its machine once", err);
    for (unsigned i = 0; i < count; i++) {
        struct disk_point *point = ARRAY_APPEND(member->disks, member->disk_count);
        if (!read_group(list, i, &item, err) || !disk_point_from_cfg(point, item, err))
            return false;
        if (!guid_equal(&point->disk_uuid, &member->machine.disks[i].uuid))
            return refuse(item, "disk_uuid", "is not the uuid of the disk at this place in \"machine\"", err);
    }
    return true;
}

/* Points of hosts that cannot tell have none. */
static bool read_state(const config_setting_t *group, enum machine_state *state, struct error *err)
{
    const char *word = cfg_get_text(group, "state", NULL);
    if (!word && !config_setting_get_member(group, "state"))
        return true;
    return (word && machine_state_parse(state, word)) ||
           refuse(group, "state", "is none of \"off\", \"running\", \"paused\", \"asleep\"", err);
}

static bool member_from_cfg(struct member_point *member, const config_setting_t *group, struct error *err)
{
    const config_setting_t *machine = config_setting_get_member(group, "machine");
    if (!machine || !config_setting_is_group(machine))
        return refuse(group, "machine", machine ? "is not a group: { ... }" : "is missing", err);
    return read_guid(group, "instance_id", &member->instance_id, err) &&
           read_number_32(group, "consistency_level", &member->consistency_level, err) &&
           read_number(group, "paused_us", INT64_MAX, &member->paused, err) &&
           machine_from_cfg(&member->machine, machine, err) &&
           read_state(group, &member->machine.state, err) && disk_points_from_cfg(member, group, err);
}

static bool members_of_point(struct reference_point *point, const config_setting_t *group, struct error *err)
{
    const config_setting_t *list;
    const config_setting_t *item;
    unsigned count;
    if (!read_list(group, "members", MEMBER_LIMIT, &list, &count, err))
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct member_point *member = ARRAY_APPEND(point->members, point->member_count);
        if (!read_group(list, i, &item, err) || !member_from_cfg(member, item, err))
            return false;
        for (unsigned j = 0; j < i; j++) {
            if (guid_equal(&point->members[j].machine.id, &member->machine.id))
                return refuse(item, "machine", "is in the list twice", err);
        }
    }
    return true;
}

bool reference_point_from_cfg(struct reference_point *point, bool with_members, const config_setting_t *group,
                              struct error *err)
{
    static const char *const always[] = {
        "sequence",           "reference_point_type", "consistency_asked", "consistency_level",
        "has_associated_log", "virtual_size",         "log_size",          "members"};
    bool ok = read_guid(group, "id", &point->id, err) &&
              read_guid(group, "collection_id", &point->collection_id, err) &&
              read_text(group, "collection_name", false, &point->collection_name, err) &&
              read_text(group, "name", true, &point->name, err) &&
              read_moment(group, "created", &point->created, err) &&
              read_number(group, "sequence", INT64_MAX, &point->sequence, err) &&
              read_number_32(group, "reference_point_type", &point->type, err) &&
              read_number_32(group, "consistency_asked", &point->consistency_asked, err) &&
              read_number_32(group, "consistency_level", &point->consistency_level, err) &&
              read_bool(group, "has_associated_log", &point->has_associated_log, err) &&
              read_number(group, "virtual_size", INT64_MAX, &point->virtual_size, err) &&
              read_number(group, "log_size", INT64_MAX, &point->log_size, err) &&
              (!with_members || members_of_point(point, group, err)) &&
              check_whole(group, always, ARRAY_LENGTH(always) - (with_members ? 0 : 1), err);
    if (!ok)
        reference_point_clear(point);
    return ok;
}
