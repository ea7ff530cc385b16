/* The request as JSON. A path may be any bytes, and a runner must work on exactly the one that was asked for:
 * text that is no UTF-8 is kept as {"hex": "..."}. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/json.h"
#include "core/service/journal/files.h"

#define LIST_LIMIT 100000

static json_t *bytes_to_json(const char *text)
{
    if (!text || text_is_utf8(text))
        return json_text(text);
    static const char digits[] = "0123456789abcdef";
    size_t length = strlen(text);
    CLEANUP_FREE char *hex = mem_alloc(2 * length + 1);
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = digits[(unsigned char)text[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)text[i] & 15];
    }
    json_t *object = json_object();
    json_put_text(object, "hex", hex);
    return object;
}

static int digit_value(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *at = digit ? strchr(digits, digit) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* NULL for null, and for what is neither text nor hex. */
static char *bytes_from_json(const json_t *value)
{
    if (json_is_string(value))
        return mem_strdup(json_string_value(value));
    const char *hex = json_get_text(value, "hex", NULL);
    if (!hex || strlen(hex) % 2 != 0)
        return NULL;
    size_t length = strlen(hex) / 2;
    char *text = mem_alloc(length + 1);
    for (size_t i = 0; i < length; i++) {
        int high = digit_value(hex[2 * i]);
        int low = digit_value(hex[2 * i + 1]);
        if (high < 0 || low < 0 || high + low == 0) {
            free(text);
            return NULL;
        }
        text[i] = (char)(high << 4 | low);
    }
    return text;
}

static json_t *list_to_json(char *const *items, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, bytes_to_json(items[i]));
    return array;
}

static bool list_from_json(char ***items, size_t *count, const json_t *array)
{
    size_t size = json_array_size(array);
    if (size > LIST_LIMIT)
        return false;
    for (size_t i = 0; i < size; i++) {
        char *item = bytes_from_json(json_array_get(array, i));
        if (!item)
            return false;
        *ARRAY_APPEND(*items, *count) = item;
    }
    return true;
}

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
        json_put(entry, "machine_id", bytes_to_json(machine->machine_id));
        json_put(entry, "disks", list_to_json(machine->disks, machine->disk_count));
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
    if (!json_is_array(machines) || json_array_size(machines) > LIST_LIMIT)
        return false;
    for (size_t i = 0; i < json_array_size(machines); i++) {
        const json_t *entry = json_array_get(machines, i);
        struct machine_to_disks *machine = ARRAY_APPEND(settings->machines, settings->machine_count);
        machine->machine_id = bytes_from_json(json_object_get(entry, "machine_id"));
        if (!machine->machine_id ||
            !list_from_json(&machine->disks, &machine->disk_count, json_object_get(entry, "disks")))
            return false;
    }
    return true;
}

static json_t *options_to_json(const struct export_options *options)
{
    json_t *object = json_object();
    json_put_text(object, "format", disk_format_word(options->format));
    json_put_text(object, "compression", compression_word(options->compression));
    json_put_bool(object, "verify", options->verify);
    json_put_bool(object, "strict", options->strict);
    json_put_number(object, "rate", options->rate);
    json_put(object, "base_packages", list_to_json(options->base_packages, options->base_package_count));
    return object;
}

static bool options_from_json(struct export_options *options, const json_t *value)
{
    if (!disk_format_parse(&options->format, json_get_text(value, "format", "")) ||
        !compression_parse(&options->compression, json_get_text(value, "compression", "")))
        return false;
    options->verify = json_get_bool(value, "verify", true);
    options->strict = json_get_bool(value, "strict", false);
    options->rate = json_get_number(value, "rate", 0);
    return list_from_json(&options->base_packages, &options->base_package_count,
                          json_object_get(value, "base_packages"));
}

json_t *journal_request_to_json(const struct journal_request *request)
{
    /* The identity has one form for all files: a snapshot of a new job. */
    struct job_snapshot fresh = {.identity = request->identity, .state = JOB_STATE_NEW};
    json_t *object = json_object();
    json_put(object, "identity", job_snapshot_to_json(&fresh));
    json_put(object, "point", path_to_json(&request->request.point));
    json_put(object, "directory", bytes_to_json(request->request.directory));
    json_put(object, "settings", settings_to_json(&request->request.settings));
    json_put(object, "options", options_to_json(&request->request.options));
    json_put(object, "host", bytes_to_json(request->host_name));
    json_put(object, "store", bytes_to_json(request->store));
    json_put(object, "config", bytes_to_json(request->config));
    return object;
}

bool journal_request_from_json(struct journal_request *request, const json_t *value)
{
    struct job_snapshot fresh = {0};
    bool ok = job_snapshot_from_json(&fresh, json_object_get(value, "identity"));
    request->identity = fresh.identity;
    job_snapshot_clear(&fresh);
    request->request.directory = bytes_from_json(json_object_get(value, "directory"));
    request->host_name = bytes_from_json(json_object_get(value, "host"));
    request->store = bytes_from_json(json_object_get(value, "store"));
    request->config = bytes_from_json(json_object_get(value, "config"));
    ok = ok && request->request.directory &&
         path_from_json(&request->request.point, json_object_get(value, "point")) &&
         settings_from_json(&request->request.settings, json_object_get(value, "settings")) &&
         options_from_json(&request->request.options, json_object_get(value, "options"));
    return ok;
}

void journal_request_clear(struct journal_request *request)
{
    export_request_clear(&request->request);
    free(request->host_name);
    free(request->store);
    free(request->config);
    *request = (struct journal_request){0};
}
