#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/layers/freeze/freeze_work.h"
#include "core/model/cfg.h"

static const char *const state_words[] = {
    [FREEZE_PREPARED] = "prepared", [FREEZE_COMMIT] = "commit", [FREEZE_ABORT] = "abort"};

static void disk_to_cfg(const struct freeze_disk *disk, config_setting_t *group)
{
    cfg_put_number(group, "member", disk->member);
    cfg_put_number(group, "disk", disk->disk);
    cfg_put_text(group, "image", disk->image);
    cfg_put_text(group, "layer", disk->layer);
    cfg_put_text(group, "overlay", disk->overlay);
    file_identity_to_cfg(&disk->original, group, "original");
    file_identity_to_cfg(&disk->replacing, group, "replacing");
}

/* Left out where there is none: so it is in journals from when there was no such thing. */
static void registration_to_cfg(const struct freeze_registration *registration, config_setting_t *root)
{
    if (!registration->wanted)
        return;
    config_setting_t *group = cfg_put_group(root, "registers");
    cfg_put_bool(group, "new_collection", registration->new_collection);
    config_setting_t *joined = cfg_put_list(group, "joined");
    for (size_t i = 0; i < registration->joined_count; i++)
        config_setting_set_string(config_setting_add(joined, NULL, CONFIG_TYPE_STRING),
                                  registration->joined[i].text);
}

static bool registration_from_cfg(struct freeze_registration *registration, const config_setting_t *root)
{
    const config_setting_t *group = config_setting_get_member(root, "registers");
    unsigned count = 0;
    bool ok = true;
    if (!group)
        return true;
    const config_setting_t *joined = cfg_get_list(group, "joined", &count);
    registration->wanted = true;
    registration->new_collection = cfg_get_bool(group, "new_collection", false);
    for (unsigned i = 0; ok && i < count; i++) {
        const char *text = config_setting_get_string_elem(joined, (int)i);
        ok = text && guid_parse(ARRAY_APPEND(registration->joined, registration->joined_count), text);
    }
    return ok && joined;
}

bool freeze_journal_write(const struct freeze_work *work, struct error *err)
{
    config_t config;
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    struct work_head head = {
        .operation = work->keep_names ? WORK_CREATE_LIVE : WORK_CREATE,
        .point = {.point_id = work->point.id, .collection_id = work->point.collection_id},
    };
    work_head_set_machines(&head, &work->point);
    work_head_to_cfg(&head, root);
    cfg_put_text(root, "state", state_words[work->state]);
    config_setting_t *disks = cfg_put_list(root, "disks");
    for (size_t i = 0; i < work->count; i++)
        disk_to_cfg(&work->disks[i], cfg_put_group(disks, NULL));
    registration_to_cfg(&work->registration, root);
    reference_point_to_cfg(&work->point, true, cfg_put_group(root, "record"));
    bool ok = work_journal_write(work->store, &work->point.id, &config, err);
    config_destroy(&config);
    work_head_clear(&head);
    return ok;
}

/* A name of ours, in the image's directory: recovery unlinks and renames what the journal names. */
static bool is_ours(const char *path, const char *image)
{
    CLEANUP_FREE char *directory = path_directory(path);
    CLEANUP_FREE char *expected = path_directory(image);
    return strcmp(directory, expected) == 0 && path_is_layer(path);
}

static bool disk_from_cfg(struct freeze_work *work, const config_setting_t *group)
{
    struct freeze_disk *disk = ARRAY_APPEND(work->disks, work->count);
    disk->directory_fd = -1;
    disk->image_fd = -1;
    disk->member = cfg_get_number(group, "member", SIZE_MAX);
    disk->disk = cfg_get_number(group, "disk", SIZE_MAX);
    disk->image = mem_strdup(cfg_get_text(group, "image", ""));
    disk->layer = mem_strdup(cfg_get_text(group, "layer", ""));
    disk->overlay = mem_strdup(cfg_get_text(group, "overlay", ""));
    disk->original = file_identity_from_cfg(group, "original");
    disk->replacing = file_identity_from_cfg(group, "replacing");
    const struct reference_point *point = &work->point;
    bool named = work->keep_names ? strcmp(disk->layer, disk->image) == 0 : is_ours(disk->layer, disk->image);
    return *disk->image == '/' && named && is_ours(disk->overlay, disk->image) && disk->original.inode != 0 &&
           (work->state == FREEZE_PREPARED || disk->replacing.inode != 0) &&
           disk->member < point->member_count && disk->disk < point->members[disk->member].disk_count &&
           disk->disk < point->members[disk->member].machine.disk_count;
}

bool freeze_journal_read(struct freeze_work *work, const config_setting_t *root, struct error *err)
{
    const config_setting_t *record = config_setting_get_member(root, "record");
    unsigned count = 0;
    const config_setting_t *disks = cfg_get_list(root, "disks", &count);
    const char *state = cfg_get_text(root, "state", "");
    bool ok = false;
    for (size_t i = 0; i < ARRAY_LENGTH(state_words); i++) {
        if (strcmp(state, state_words[i]) == 0) {
            work->state = (enum freeze_state)i;
            ok = true;
        }
    }
    if (ok && record && config_setting_is_group(record) &&
        !reference_point_from_cfg(&work->point, true, record, err))
        return false;
    ok = ok && disks && work->point.member_count > 0 && registration_from_cfg(&work->registration, root);
    for (unsigned i = 0; ok && i < count; i++)
        ok = disk_from_cfg(work, config_setting_get_elem(disks, i));
    if (ok)
        return true;
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.journal",
              "the journal of a point's creation is damaged");
    return error_next(err, "Its file is in the journal directory of the store. Keep a copy of the store and "
                           "of the images before anything is changed by hand.");
}
