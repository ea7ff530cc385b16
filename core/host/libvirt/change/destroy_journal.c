#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/host/layers/layers.h"
#include "core/host/libvirt/change/destroy.h"

void live_destroy_clear(struct live_destroy *work)
{
    for (size_t i = 0; i < work->count; i++) {
        struct live_destroy_disk *disk = &work->disks[i];
        free(disk->machine_name);
        free(disk->disk_id);
        free(disk->layer);
        free(disk->child);
    }
    free(work->disks);
    free(work->machines);
    free(work->point_name);
    *work = (struct live_destroy){0};
}

static void disk_to_cfg(const struct live_destroy_disk *disk, config_setting_t *group)
{
    cfg_put_text(group, "machine", disk->machine_id.text);
    cfg_put_text(group, "machine_name", disk->machine_name);
    cfg_put_text(group, "disk", disk->disk_uuid.text);
    cfg_put_text(group, "disk_id", disk->disk_id);
    cfg_put_text(group, "layer", disk->layer);
    cfg_put_text(group, "layer_format", disk_format_word(disk->layer_format));
    file_identity_to_cfg(&disk->layer_was, group, "layer_was");
    cfg_put_text(group, "child", disk->child);
    file_identity_to_cfg(&disk->child_was, group, "child_was");
    if (!disk->unproven)
        return;
    char since[64];
    moment_format_rfc3339(disk->unproven_since, true, since, sizeof since);
    cfg_put_text(group, "unproven_since", since);
}

bool live_destroy_journal_write(const struct live_destroy *work, struct error *err)
{
    config_t config;
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    const struct work_head head = {.operation = WORK_DESTROY_LIVE,
                                   .point = work->point,
                                   .machines = work->machines,
                                   .machine_count = work->machine_count};
    work_head_to_cfg(&head, root);
    cfg_put_text(root, "point_name", work->point_name);
    config_setting_t *disks = cfg_put_list(root, "disks");
    for (size_t i = 0; i < work->count; i++)
        disk_to_cfg(&work->disks[i], cfg_put_group(disks, NULL));
    bool ok = work_journal_write(work->live->store, &work->point.point_id, &config, err);
    config_destroy(&config);
    return ok;
}

static bool disk_from_cfg(struct live_destroy_disk *disk, const config_setting_t *group)
{
    disk->machine_name = mem_strdup(cfg_get_text(group, "machine_name", ""));
    disk->disk_id = mem_strdup(cfg_get_text(group, "disk_id", ""));
    disk->layer = mem_strdup(cfg_get_text(group, "layer", ""));
    disk->child = mem_strdup(cfg_get_text(group, "child", NULL));
    disk->layer_was = file_identity_from_cfg(group, "layer_was");
    disk->child_was = file_identity_from_cfg(group, "child_was");
    const char *since = cfg_get_text(group, "unproven_since", NULL);
    disk->unproven = since && moment_parse_rfc3339(&disk->unproven_since, since);
    /* Recovery removes what stands here: only names that can be ours. */
    const char *goes = disk->child ? disk->child : disk->layer;
    return guid_parse(&disk->machine_id, cfg_get_text(group, "machine", "")) &&
           guid_parse(&disk->disk_uuid, cfg_get_text(group, "disk", "")) &&
           disk_format_parse(&disk->layer_format, cfg_get_text(group, "layer_format", "")) &&
           *disk->layer == '/' && *goes == '/' && path_is_layer(goes) && disk->layer_was.inode != 0 &&
           (!disk->child || disk->child_was.inode != 0);
}

bool live_destroy_journal_read(struct live_destroy *work, const config_setting_t *root, struct error *err)
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
    bool ok = disks != NULL;
    for (unsigned i = 0; ok && i < count; i++)
        ok = disk_from_cfg(ARRAY_APPEND(work->disks, work->count), config_setting_get_elem(disks, i));
    if (ok)
        return true;
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.journal",
              "the journal of a point's destruction is damaged");
    return error_next(err, "Its file is in the journal directory of the store. Keep a copy of the store and "
                           "of the images before anything is changed by hand.");
}
