#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/host/layers/change/destroy_work.h"
#include "core/host/layers/layers.h"

void destroy_work_clear(struct destroy_work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        struct destroy_disk *disk = &work->disks[i];
        free(disk->label);
        free(disk->layer);
        free(disk->child);
        free(disk->fresh);
    }
    free(work->disks);
    free(work->machines);
    free(work->point_name);
    *work = (struct destroy_work){0};
}

static void disk_to_cfg(const struct destroy_disk *disk, config_setting_t *group)
{
    cfg_put_text(group, "machine", disk->machine_id.text);
    cfg_put_text(group, "disk", disk->disk_uuid.text);
    cfg_put_text(group, "label", disk->label);
    cfg_put_text(group, "layer", disk->layer);
    cfg_put_text(group, "layer_format", disk_format_word(disk->layer_format));
    cfg_put_text(group, "child", disk->child);
    cfg_put_text(group, "fresh", disk->fresh);
    file_identity_to_cfg(&disk->layer_was, group, "layer_was");
    file_identity_to_cfg(&disk->child_was, group, "child_was");
    file_identity_to_cfg(&disk->child_bare, group, "child_bare");
    if (!disk->unproven)
        return;
    char since[64];
    moment_format_rfc3339(disk->unproven_since, true, since, sizeof since);
    cfg_put_text(group, "unproven_since", since);
}

bool destroy_journal_write(const struct destroy_work *work, struct error *err)
{
    config_t config;
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    const struct work_head head = {.operation = WORK_DESTROY,
                                   .point = work->point,
                                   .machines = work->machines,
                                   .machine_count = work->machine_count};
    work_head_to_cfg(&head, root);
    cfg_put_text(root, "point_name", work->point_name);
    config_setting_t *disks = cfg_put_list(root, "disks");
    for (size_t i = 0; i < work->count; i++)
        disk_to_cfg(&work->disks[i], cfg_put_group(disks, NULL));
    bool ok = work_journal_write(work->store, &work->point.point_id, &config, err);
    config_destroy(&config);
    return ok;
}

static bool in_directory_of(const char *path, const char *other)
{
    CLEANUP_FREE char *left = path_directory(path);
    CLEANUP_FREE char *right = path_directory(other);
    return *path == '/' && strcmp(left, right) == 0;
}

static bool disk_from_cfg(struct destroy_disk *disk, const config_setting_t *group)
{
    disk->label = mem_strdup(cfg_get_text(group, "label", ""));
    disk->layer = mem_strdup(cfg_get_text(group, "layer", ""));
    disk->child = mem_strdup(cfg_get_text(group, "child", NULL));
    disk->fresh = mem_strdup(cfg_get_text(group, "fresh", NULL));
    disk->layer_was = file_identity_from_cfg(group, "layer_was");
    disk->child_was = file_identity_from_cfg(group, "child_was");
    disk->child_bare = file_identity_from_cfg(group, "child_bare");
    const char *since = cfg_get_text(group, "unproven_since", NULL);
    disk->unproven = since && moment_parse_rfc3339(&disk->unproven_since, since);
    /* Recovery renames and unlinks what stands here: only names that can be ours. */
    return guid_parse(&disk->machine_id, cfg_get_text(group, "machine", "")) &&
           guid_parse(&disk->disk_uuid, cfg_get_text(group, "disk", "")) &&
           disk_format_parse(&disk->layer_format, cfg_get_text(group, "layer_format", "")) &&
           *disk->layer == '/' && path_is_layer(disk->layer) && disk->layer_was.inode != 0 &&
           (!disk->child || (in_directory_of(disk->child, disk->layer) && disk->child_was.inode != 0)) &&
           (!disk->fresh || (in_directory_of(disk->fresh, disk->layer) && path_is_layer(disk->fresh))) &&
           (!disk->child || disk->layer_format == DISK_FORMAT_QCOW2 || disk->fresh);
}

bool destroy_journal_read(struct destroy_work *work, const config_setting_t *root, struct error *err)
{
    struct work_head head;
    unsigned count = 0;
    const config_setting_t *disks = cfg_get_list(root, "disks", &count);
    if (!work_head_from_cfg(&head, root, err))
        return false;
    work->point = head.point;
    work->machines = head.machines;
    work->machine_count = head.machine_count;
    work->point_name = mem_strdup(cfg_get_text(root, "point_name", ""));
    bool ok = disks;
    for (unsigned i = 0; ok && i < count; i++)
        ok = disk_from_cfg(ARRAY_APPEND(work->disks, work->count), config_setting_get_elem(disks, i));
    if (ok)
        return true;
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.journal",
              "the journal of a point's destruction is damaged");
    return error_next(err, "Its file is in the journal directory of the store. Keep a copy of the store and "
                           "of the images before anything is changed by hand.");
}
