#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/host/layers/move/move_work.h"

static const char *const state_words[] = {
    [MOVE_PREPARED] = "prepared", [MOVE_PLACED] = "placed", [MOVE_COMMIT] = "commit", [MOVE_ABORT] = "abort"};

static void file_to_cfg(const struct move_file *file, config_setting_t *group)
{
    cfg_put_text(group, "from", file->from);
    cfg_put_text(group, "to", file->to);
    cfg_put_text(group, "temporary", file->temporary);
    cfg_put_bool(group, "image", file->is_image);
    cfg_put_bool(group, "linked", file->linked);
    if (file->was.inode != 0)
        file_identity_to_cfg(&file->was, group, "was");
    if (file->is.inode != 0)
        file_identity_to_cfg(&file->is, group, "is");
    cfg_put_text(group, "sha256", file->sha256);
    cfg_put_text(group, "promised", file->promised);
    if (!file->unproven)
        return;
    char since[64];
    moment_format_rfc3339(file->unproven_since, true, since, sizeof since);
    cfg_put_text(group, "unproven_since", since);
}

bool move_journal_write(const struct move_work *work, struct error *err)
{
    config_t config;
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    struct guid machine = work->machine;
    const struct work_head head = {
        .operation = WORK_MOVE, .point = {.point_id = work->id}, .machines = &machine, .machine_count = 1};
    work_head_to_cfg(&head, root);
    cfg_put_text(root, "state", state_words[work->state]);
    cfg_put_text(root, "machine_name", work->machine_name);
    cfg_put_text(root, "directory", work->directory);
    config_setting_t *files = cfg_put_list(root, "files");
    for (size_t i = 0; i < work->count; i++)
        file_to_cfg(&work->files[i], cfg_put_group(files, NULL));
    bool ok = work_journal_write(work->store, &work->id, &config, err);
    config_destroy(&config);
    return ok;
}

/* Recovery renames and unlinks what stands here: only names that can be ours. */
static bool is_temporary(const char *path, const char *directory)
{
    CLEANUP_FREE char *its = path_directory(path);
    return strcmp(its, directory) == 0 && strncmp(path_name(path), MOVE_PREFIX, strlen(MOVE_PREFIX)) == 0;
}

static bool file_from_cfg(struct move_work *work, const config_setting_t *group)
{
    const char *from = cfg_get_text(group, "from", "");
    const char *since = cfg_get_text(group, "unproven_since", NULL);
    struct move_file *file = move_work_add(work, from, DISK_FORMAT_QCOW2);
    file->temporary = mem_strdup(cfg_get_text(group, "temporary", NULL));
    file->is_image = cfg_get_bool(group, "image", false);
    file->linked = cfg_get_bool(group, "linked", false);
    file->was = file_identity_from_cfg(group, "was");
    file->is = file_identity_from_cfg(group, "is");
    file->sha256 = mem_strdup(cfg_get_text(group, "sha256", NULL));
    file->promised = mem_strdup(cfg_get_text(group, "promised", NULL));
    file->unproven = since && moment_parse_rfc3339(&file->unproven_since, since);
    return *from == '/' && *path_name(from) && strcmp(from, file->to) != 0 &&
           strcmp(cfg_get_text(group, "to", ""), file->to) == 0 &&
           (file->temporary ? is_temporary(file->temporary, work->directory) && file->was.inode != 0
                            : work->state == MOVE_COMMIT) &&
           (work->state == MOVE_PREPARED || file->is.inode != 0);
}

bool move_journal_read(struct move_work *work, const config_setting_t *root, struct error *err)
{
    struct work_head head;
    unsigned count = 0;
    const config_setting_t *files = cfg_get_list(root, "files", &count);
    const char *state = cfg_get_text(root, "state", "");
    bool ok = false;
    if (!work_head_from_cfg(&head, root, err))
        return false;
    if (head.machine_count == 1)
        work->machine = head.machines[0];
    for (size_t i = 0; i < ARRAY_LENGTH(state_words); i++) {
        if (strcmp(state, state_words[i]) == 0 && head.machine_count == 1) {
            work->state = (enum move_state)i;
            ok = true;
        }
    }
    work_head_clear(&head);
    work->machine_name = mem_strdup(cfg_get_text(root, "machine_name", ""));
    work->directory = mem_strdup(cfg_get_text(root, "directory", ""));
    ok = ok && files && *work->directory == '/';
    for (unsigned i = 0; ok && i < count; i++)
        ok = file_from_cfg(work, config_setting_get_elem(files, i));
    if (ok)
        return true;
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.journal", "the journal of a machine's move is damaged");
    return error_next(err, "Its file is in the journal directory of the store. Keep a copy of the store and "
                           "of the images before anything is changed by hand.");
}
