#include "core/export/prepare/plan_key.h"

#include <string.h>
#include <sys/stat.h>

bool plan_key_is_possible(const struct export_task *task)
{
    for (size_t i = 0; i < task->disk_count; i++) {
        if (task->disks[i].served.socket || task->disks[i].unlocked)
            return false;
    }
    return true;
}

static void add_number(struct digest *digest, uint64_t number)
{
    digest_add(digest, &number, sizeof number);
}

/* With its end, so that two texts do not read as another two. */
static void add_text(struct digest *digest, const char *text)
{
    add_number(digest, text != NULL);
    digest_add(digest, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_disk(struct digest *digest, const struct prepared *prepared, size_t index)
{
    const struct export_disk *disk = &prepared->task->disks[index];
    const struct prepared_disk *as = &prepared->disks[index];
    const struct disk_point *point = prepared_disk_point(prepared, index);
    add_text(digest, prepared_member(prepared, index)->machine.id.text);
    add_text(digest, point->disk_uuid.text);
    add_text(digest, point->disk_id);
    add_number(digest, disk->member);
    add_number(digest, disk->disk);
    add_number(digest, as->differential);
    add_number(digest, as->virtual_size);
    add_number(digest, disk->layer_count);
    add_number(digest, disk->base_layer);
    add_number(digest, disk->base_virtual_size);
    add_text(digest, disk->bitmap);
}

static void digest_request(const struct prepared *prepared, char text[DIGEST_TEXT])
{
    const struct export_task *task = prepared->task;
    struct digest *digest = digest_begin();
    add_text(digest, task->point.id.text);
    add_text(digest, task->base_point.id.text);
    add_number(digest, (uint64_t)task->options.format);
    add_text(digest, prepared->has_base ? prepared->base.packages[0].record_sha256 : NULL);
    add_number(digest, task->disk_count);
    for (size_t i = 0; i < task->disk_count; i++)
        add_disk(digest, prepared, i);
    digest_end(digest, text);
}

static bool add_file(struct digest *digest, const struct export_layer *layer, int fd, bool lasting)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    add_text(digest, layer->path);
    add_number(digest, (uint64_t)layer->format);
    if (!lasting)
        add_number(digest, status.st_dev);
    add_number(digest, status.st_ino);
    add_number(digest, (uint64_t)status.st_size);
    add_number(digest, (uint64_t)status.st_mtim.tv_sec);
    add_number(digest, (uint64_t)status.st_mtim.tv_nsec);
    add_number(digest, (uint64_t)status.st_ctim.tv_sec);
    add_number(digest, (uint64_t)status.st_ctim.tv_nsec);
    return true;
}

static bool digest_layers(const struct prepared *prepared, bool lasting, char text[DIGEST_TEXT])
{
    bool ok = true;
    struct digest *digest = digest_begin();
    for (size_t i = 0; i < prepared->task->disk_count; i++) {
        const struct export_disk *disk = &prepared->task->disks[i];
        for (size_t j = 0; j < disk->layer_count; j++)
            ok = ok && add_file(digest, &disk->layers[j], prepared->layers.chains[i][j].fd, lasting);
    }
    digest_end(digest, text);
    return ok;
}

bool plan_key_make(const struct prepared *prepared, struct kept_key *key)
{
    *key = (struct kept_key){0};
    digest_request(prepared, key->request);
    return digest_layers(prepared, false, key->layers);
}

bool plan_key_make_lasting(const struct prepared *prepared, struct kept_key *key)
{
    *key = (struct kept_key){0};
    digest_request(prepared, key->request);
    return digest_layers(prepared, true, key->layers);
}

bool plan_key_equal(const struct kept_key *one, const struct kept_key *other)
{
    return memcmp(one, other, sizeof *one) == 0;
}
