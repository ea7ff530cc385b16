/* The request of an export as members of the journal's JSON object. */
#include "core/service/kinds/export_json.h"

#include "core/base/mem.h"
#include "core/syntax/json_bytes.h"

static json_t *path_to_json(const struct object_path *path)
{
    json_t *object = json_object();
    json_put_text(object, "point_id", path->point_id.text);
    json_put_text(object, "collection_id", path->collection_id.text);
    return object;
}

static bool path_from_json(struct object_path *path, const json_t *value)
{
    return guid_parse(&path->point_id, json_get_text(value, "point_id", "")) &&
           guid_parse(&path->collection_id, json_get_text(value, "collection_id", ""));
}

static json_t *settings_to_json(const struct export_setting_data *settings)
{
    json_t *object = json_object();
    if (!object_path_is_none(&settings->base))
        json_put(object, "base", path_to_json(&settings->base));
    json_t *machines = json_array();
    for (size_t i = 0; i < settings->machine_count; i++) {
        const struct machine_to_disks *machine = &settings->machines[i];
        json_t *entry = json_object();
        json_put(entry, "machine_id", json_bytes(machine->machine_id));
        json_put(entry, "disks", json_bytes_list(machine->disks, machine->disk_count));
        json_array_append_new(machines, entry);
    }
    json_put(object, "machines", machines);
    return object;
}

static bool settings_from_json(struct export_setting_data *settings, const json_t *value)
{
    const json_t *base = json_object_get(value, "base");
    if (base && !path_from_json(&settings->base, base))
        return false;
    const json_t *machines = json_object_get(value, "machines");
    if (!json_is_array(machines) || json_array_size(machines) > JSON_BYTES_LIST_LIMIT)
        return false;
    for (size_t i = 0; i < json_array_size(machines); i++) {
        const json_t *entry = json_array_get(machines, i);
        struct machine_to_disks *machine = ARRAY_APPEND(settings->machines, settings->machine_count);
        machine->machine_id = json_bytes_read(json_object_get(entry, "machine_id"));
        if (!machine->machine_id ||
            !json_bytes_list_read(&machine->disks, &machine->disk_count, json_object_get(entry, "disks")))
            return false;
    }
    return true;
}

static json_t *options_to_json(const struct export_options *options)
{
    json_t *object = json_object();
    json_put_text(object, "format", disk_format_word(options->format));
    json_put_text(object, "compression", compression_word(options->compression));
    if (options->zstd_level > 0)
        json_put_number(object, "zstd_level", options->zstd_level);
    json_put_bool(object, "verify", options->verify);
    json_put_bool(object, "strict", options->strict);
    json_put_number(object, "rate", options->rate);
    if (options->suspend_minutes != SUSPEND_AS_SETTINGS)
        json_put_number(object, "suspend_minutes", options->suspend_minutes);
    json_put_text(object, "base_check", base_check_word(options->base_check));
    json_put_bool(object, "full_if_altered", options->full_if_altered);
    json_put(object, "base_packages", json_bytes_list(options->base_packages, options->base_package_count));
    if (options->sign_key)
        json_put(object, "sign_key", json_bytes(options->sign_key));
    if (options->no_sign)
        json_put_bool(object, "no_sign", true);
    return object;
}

static bool options_from_json(struct export_options *options, const json_t *value)
{
    if (!disk_format_parse(&options->format, json_get_text(value, "format", "")) ||
        !compression_parse(&options->compression, json_get_text(value, "compression", "")) ||
        !base_check_parse(&options->base_check, json_get_text(value, "base_check", "auto")) ||
        json_get_number(value, "zstd_level", 0) > ZSTD_LEVEL_MOST)
        return false;
    options->zstd_level = (unsigned)json_get_number(value, "zstd_level", 0);
    options->verify = json_get_bool(value, "verify", true);
    options->strict = json_get_bool(value, "strict", false);
    options->full_if_altered = json_get_bool(value, "full_if_altered", false);
    options->rate = json_get_number(value, "rate", 0);
    uint64_t minutes = json_get_number(value, "suspend_minutes", SUSPEND_MINUTES_USUAL);
    options->suspend_minutes = minutes > SUSPEND_MINUTES_MOST ? SUSPEND_MINUTES_MOST : (unsigned)minutes;
    const json_t *key = json_object_get(value, "sign_key");
    options->sign_key = key ? json_bytes_read(key) : NULL;
    options->no_sign = json_get_bool(value, "no_sign", false);
    return (!key || options->sign_key) &&
           json_bytes_list_read(&options->base_packages, &options->base_package_count,
                                json_object_get(value, "base_packages"));
}

void export_request_to_json(json_t *object, const struct export_request *request)
{
    json_put(object, "point", path_to_json(&request->point));
    if (request->live) {
        json_put_bool(object, "live", true);
        if (request->point_name)
            json_put(object, "point_name", json_bytes(request->point_name));
        json_put_number(object, "consistency_level", request->consistency_level);
        json_put_bool(object, "allow_crash", request->allow_crash);
    }
    json_put(object, "directory", json_bytes(request->directory));
    json_put(object, "settings", settings_to_json(&request->settings));
    json_put(object, "options", options_to_json(&request->options));
}

bool export_request_from_json(struct export_request *request, const json_t *object)
{
    request->directory = json_bytes_read(json_object_get(object, "directory"));
    const json_t *point = json_object_get(object, "point");
    const json_t *name = json_object_get(object, "point_name");
    request->live = json_get_bool(object, "live", false);
    request->consistency_level = (uint32_t)json_get_number(object, "consistency_level", 0);
    request->allow_crash = json_get_bool(object, "allow_crash", false);
    request->point_name = name ? json_bytes_read(name) : NULL;
    bool named = request->live
                     ? guid_parse(&request->point.collection_id, json_get_text(point, "collection_id", ""))
                     : path_from_json(&request->point, point);
    return request->directory && named && (!name || request->point_name) &&
           settings_from_json(&request->settings, json_object_get(object, "settings")) &&
           options_from_json(&request->options, json_object_get(object, "options"));
}
