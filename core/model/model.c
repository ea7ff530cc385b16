/* Copies and releases go from the leaves up, one function per struct, so that a new member has one place
 * where it is copied and one where it is released. */
#include "core/model/model.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

const char *disk_format_word(enum disk_format format)
{
    return format == DISK_FORMAT_QCOW2 ? "qcow2" : "raw";
}

bool disk_format_parse(enum disk_format *format, const char *word)
{
    bool qcow2 = strcmp(word, "qcow2") == 0;
    if (!qcow2 && strcmp(word, "raw") != 0)
        return false;
    *format = qcow2 ? DISK_FORMAT_QCOW2 : DISK_FORMAT_RAW;
    return true;
}

static const char *const base_check_words[] = {"auto", "always", "never"};

const char *base_check_word(enum base_check check)
{
    return base_check_words[check];
}

bool base_check_parse(enum base_check *check, const char *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(base_check_words); i++) {
        if (strcmp(base_check_words[i], word) == 0) {
            *check = (enum base_check)i;
            return true;
        }
    }
    return false;
}

const char *compression_word(enum compression compression)
{
    return compression == COMPRESSION_ZSTD ? "zstd" : "none";
}

bool compression_parse(enum compression *compression, const char *word)
{
    bool zstd = strcmp(word, "zstd") == 0;
    if (!zstd && strcmp(word, "none") != 0)
        return false;
    *compression = zstd ? COMPRESSION_ZSTD : COMPRESSION_NONE;
    return true;
}

/* With the room that an array of so many items has when it was made by ARRAY_APPEND, so that a copy grows as
 * the original does. */
static void *new_array(size_t count, size_t item_size)
{
    size_t room = 1;
    while (room < count)
        room *= 2;
    return count ? mem_alloc(room * item_size) : NULL;
}

static char **copy_texts(char *const *texts, size_t count)
{
    char **copy = new_array(count, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = mem_strdup(texts[i]);
    return copy;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void disk_clear_backing(struct disk *disk)
{
    for (size_t i = 0; i < disk->backing_count; i++)
        free(disk->backing[i].path);
    free(disk->backing);
    disk->backing = NULL;
    disk->backing_count = 0;
}

bool reference_point_log_removed(uint32_t type, bool has_associated_log)
{
    return !has_associated_log && type != POINT_TYPE_RCT_BASED;
}

void disk_clear(struct disk *disk)
{
    free(disk->id);
    free(disk->path);
    disk_clear_backing(disk);
    *disk = (struct disk){0};
}

void disk_copy(struct disk *to, const struct disk *from)
{
    *to = *from;
    to->id = mem_strdup(from->id);
    to->path = mem_strdup(from->path);
    to->backing = new_array(from->backing_count, sizeof *to->backing);
    for (size_t i = 0; i < from->backing_count; i++) {
        to->backing[i] = from->backing[i];
        to->backing[i].path = mem_strdup(from->backing[i].path);
    }
}

static void network_adapter_clear(struct network_adapter *adapter)
{
    free(adapter->mac);
    free(adapter->network);
    free(adapter->model);
    *adapter = (struct network_adapter){0};
}

static void network_adapter_copy(struct network_adapter *to, const struct network_adapter *from)
{
    *to = (struct network_adapter){
        .mac = mem_strdup(from->mac), .network = mem_strdup(from->network), .model = mem_strdup(from->model)};
}

void machine_settings_clear(struct machine_settings *settings)
{
    free(settings->firmware);
    free(settings->architecture);
    free(settings->machine_type);
    *settings = (struct machine_settings){0};
}

void machine_settings_copy(struct machine_settings *to, const struct machine_settings *from)
{
    *to = (struct machine_settings){.cpus = from->cpus,
                                    .memory = from->memory,
                                    .firmware = mem_strdup(from->firmware),
                                    .architecture = mem_strdup(from->architecture),
                                    .machine_type = mem_strdup(from->machine_type)};
}

void machine_clear(struct machine *machine)
{
    free(machine->name);
    machine_settings_clear(&machine->settings);
    for (size_t i = 0; i < machine->disk_count; i++)
        disk_clear(&machine->disks[i]);
    free(machine->disks);
    for (size_t i = 0; i < machine->adapter_count; i++)
        network_adapter_clear(&machine->adapters[i]);
    free(machine->adapters);
    machine_clear_surroundings(machine);
    free(machine->domain_xml);
    *machine = (struct machine){0};
}

void machine_copy(struct machine *to, const struct machine *from)
{
    *to = *from;
    to->name = mem_strdup(from->name);
    machine_settings_copy(&to->settings, &from->settings);
    to->disks = new_array(from->disk_count, sizeof *to->disks);
    for (size_t i = 0; i < from->disk_count; i++)
        disk_copy(&to->disks[i], &from->disks[i]);
    to->adapters = new_array(from->adapter_count, sizeof *to->adapters);
    for (size_t i = 0; i < from->adapter_count; i++)
        network_adapter_copy(&to->adapters[i], &from->adapters[i]);
    to->files = new_array(from->file_count, sizeof *to->files);
    for (size_t i = 0; i < from->file_count; i++)
        machine_file_copy(&to->files[i], &from->files[i]);
    to->left_out = new_array(from->left_out_count, sizeof *to->left_out);
    for (size_t i = 0; i < from->left_out_count; i++)
        machine_left_out_copy(&to->left_out[i], &from->left_out[i]);
    to->domain_xml = mem_strdup(from->domain_xml);
}

void collection_clear(struct collection *collection)
{
    free(collection->name);
    free(collection->members);
    *collection = (struct collection){0};
}

void collection_copy(struct collection *to, const struct collection *from)
{
    *to = *from;
    to->name = mem_strdup(from->name);
    to->members = new_array(from->member_count, sizeof *to->members);
    for (size_t i = 0; i < from->member_count; i++)
        to->members[i] = from->members[i];
}

void disk_point_clear(struct disk_point *point)
{
    free(point->disk_id);
    free(point->layer_path);
    free(point->content_sha256);
    *point = (struct disk_point){0};
}

static void disk_point_copy(struct disk_point *to, const struct disk_point *from)
{
    *to = *from;
    to->disk_id = mem_strdup(from->disk_id);
    to->layer_path = mem_strdup(from->layer_path);
    to->content_sha256 = mem_strdup(from->content_sha256);
}

void member_point_clear(struct member_point *member)
{
    machine_clear(&member->machine);
    for (size_t i = 0; i < member->disk_count; i++)
        disk_point_clear(&member->disks[i]);
    free(member->disks);
    *member = (struct member_point){0};
}

static void member_point_copy(struct member_point *to, const struct member_point *from)
{
    *to = *from;
    machine_copy(&to->machine, &from->machine);
    to->disks = new_array(from->disk_count, sizeof *to->disks);
    for (size_t i = 0; i < from->disk_count; i++)
        disk_point_copy(&to->disks[i], &from->disks[i]);
}

void reference_point_drop_members(struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++)
        member_point_clear(&point->members[i]);
    free(point->members);
    point->members = NULL;
    point->member_count = 0;
}

void reference_point_clear(struct reference_point *point)
{
    free(point->collection_name);
    free(point->name);
    reference_point_drop_members(point);
    *point = (struct reference_point){0};
}

void reference_point_copy(struct reference_point *to, const struct reference_point *from)
{
    *to = *from;
    to->collection_name = mem_strdup(from->collection_name);
    to->name = mem_strdup(from->name);
    to->members = new_array(from->member_count, sizeof *to->members);
    for (size_t i = 0; i < from->member_count; i++)
        member_point_copy(&to->members[i], &from->members[i]);
}

const char *damaged_record_name(const struct damaged_record *record)
{
    return record->name ? record->name : record->id.text;
}

void left_out_clear(struct left_out *left_out)
{
    for (size_t i = 0; i < left_out->count; i++) {
        free(left_out->items[i].name);
        free(left_out->items[i].problem);
    }
    free(left_out->items);
    *left_out = (struct left_out){0};
}

void machine_list_clear(struct machine_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        machine_clear(&list->items[i]);
    free(list->items);
    left_out_clear(&list->left_out);
    *list = (struct machine_list){0};
}

void collection_list_clear(struct collection_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        collection_clear(&list->items[i]);
    free(list->items);
    left_out_clear(&list->left_out);
    *list = (struct collection_list){0};
}

void reference_point_list_clear(struct reference_point_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        reference_point_clear(&list->items[i]);
    free(list->items);
    left_out_clear(&list->left_out);
    *list = (struct reference_point_list){0};
}

static void machine_to_disks_clear(struct machine_to_disks *machine)
{
    free(machine->machine_id);
    free_texts(machine->disks, machine->disk_count);
    *machine = (struct machine_to_disks){0};
}

void export_setting_data_clear(struct export_setting_data *settings)
{
    for (size_t i = 0; i < settings->machine_count; i++)
        machine_to_disks_clear(&settings->machines[i]);
    free(settings->machines);
    *settings = (struct export_setting_data){0};
}

void export_setting_data_copy(struct export_setting_data *to, const struct export_setting_data *from)
{
    *to = *from;
    to->machines = new_array(from->machine_count, sizeof *to->machines);
    for (size_t i = 0; i < from->machine_count; i++) {
        const struct machine_to_disks *machine = &from->machines[i];
        to->machines[i] = (struct machine_to_disks){.machine_id = mem_strdup(machine->machine_id),
                                                    .disks = copy_texts(machine->disks, machine->disk_count),
                                                    .disk_count = machine->disk_count};
    }
}

struct export_options export_options_default(void)
{
    return (struct export_options){.format = DISK_FORMAT_QCOW2,
                                   .compression = COMPRESSION_NONE,
                                   .verify = true,
                                   .suspend_minutes = SUSPEND_AS_SETTINGS};
}

void export_options_clear(struct export_options *options)
{
    free_texts(options->base_packages, options->base_package_count);
    free(options->sign_key);
    *options = (struct export_options){0};
}

void export_options_copy(struct export_options *to, const struct export_options *from)
{
    *to = *from;
    to->base_packages = copy_texts(from->base_packages, from->base_package_count);
    to->sign_key = mem_strdup(from->sign_key);
}

void export_request_clear(struct export_request *request)
{
    free(request->directory);
    free(request->point_name);
    free(request->finished);
    export_setting_data_clear(&request->settings);
    export_options_clear(&request->options);
    *request = (struct export_request){0};
}

void export_request_copy(struct export_request *to, const struct export_request *from)
{
    *to = *from;
    to->directory = mem_strdup(from->directory);
    to->point_name = mem_strdup(from->point_name);
    export_setting_data_copy(&to->settings, &from->settings);
    export_options_copy(&to->options, &from->options);
    to->finished = mem_strdup(from->finished);
    to->plan = NULL;
    to->checking = NULL;
}

void point_remarks_clear(struct point_remarks *remarks)
{
    for (size_t i = 0; i < remarks->unwritten_count; i++)
        free(remarks->unwritten[i]);
    free(remarks->unwritten);
    *remarks = (struct point_remarks){0};
}
