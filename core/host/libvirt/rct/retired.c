#include "core/host/libvirt/rct/retired.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/foreign/carry.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/work_journal.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/rct/checkpoint.h"
#include "core/host/store/place.h"
#include "core/syntax/cfg.h"

#define DIRECTORY "checkpoints"

static char *name_of(const struct guid *point)
{
    return mem_format("%s.cfg", point->text);
}

/* What cannot be looked at may have it. */
static bool layer_has(const struct disk_point *disk, const char *name)
{
    struct image_bitmaps bitmaps;
    struct error ignored;
    if (!disk->layer_path || disk->layer_format != DISK_FORMAT_QCOW2)
        return false;
    CLEANUP_FD int fd = open(disk->layer_path, LAYER_OPEN_FLAGS);
    if (fd < 0)
        return errno != ENOENT;
    if (!bitmaps_of(fd, disk->layer_format, disk->layer_path, &bitmaps, &ignored))
        return true;
    bool has = image_bitmaps_find(&bitmaps, name) != NULL;
    image_bitmaps_clear(&bitmaps);
    return has;
}

static bool rests_on_layers(const struct live *live, const struct guid *machine, const char *name,
                            bool *rests, struct error *err)
{
    struct layers layers;
    *rests = false;
    if (!layers_load(live->store, machine, 1, &layers, NULL, err))
        return false;
    for (size_t i = 0; i < layers.count && !*rests; i++)
        *rests =
            guid_equal(&layers.items[i].member->machine.id, machine) && layer_has(layers.items[i].disk, name);
    layers_clear(&layers);
    return true;
}

/* A machine that is gone has no checkpoints. */
static bool delete_of(const struct live *live, const struct guid *machine, const char *name, bool *done,
                      struct error *err)
{
    struct error absent = {0};
    bool rests = false;
    *done = false;
    CLEANUP_DOMAIN virDomainPtr domain = domain_find(live->connect, machine, machine->text, &absent);
    if (!domain && strcmp(absent.key, "machine.gone") != 0) {
        *err = absent;
        return false;
    }
    if (!rests_on_layers(live, machine, name, &rests, err) ||
        (domain && !rests && !checkpoint_delete(domain, name, err)))
        return false;
    *done = !domain || !rests;
    return true;
}

static bool try_entry(const struct live *live, const struct guid *point, const struct guid *machines,
                      size_t count, struct error *err)
{
    CLEANUP_FREE char *name = checkpoint_name(point);
    CLEANUP_FREE char *file = name_of(point);
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        bool done = false;
        if (!delete_of(live, &machines[i], name, &done, err))
            return false;
        all = all && done;
    }
    return !all || store_remove_file(live->store, DIRECTORY, file, "store.checkpoint", err);
}

bool retired_add(const struct live *live, const struct guid *point, const struct guid *machines, size_t count,
                 struct error *err)
{
    CLEANUP_FREE char *file = name_of(point);
    config_t config;
    config_init(&config);
    config_setting_t *list = cfg_put_list(config_root_setting(&config), "machines");
    for (size_t i = 0; i < count; i++)
        config_setting_set_string(config_setting_add(list, NULL, CONFIG_TYPE_STRING), machines[i].text);
    bool ok = store_cfg_write(live->store, DIRECTORY, file, &config, err);
    config_destroy(&config);
    return ok && try_entry(live, point, machines, count, err);
}

static void sweep_entry(const struct live *live, const struct guid *point)
{
    CLEANUP_FREE char *path = mem_format(DIRECTORY "/%s.cfg", point->text);
    CLEANUP_FREE struct guid *machines = NULL;
    struct error ignored = {0};
    size_t count = 0;
    unsigned listed = 0;
    config_t config;
    bool ok = store_cfg_read(live->store, path, CFG_LIMIT_SMALL, &config, &ignored);
    const config_setting_t *list =
        ok ? cfg_get_list(config_root_setting(&config), "machines", &listed) : NULL;
    for (unsigned i = 0; i < listed; i++) {
        struct guid id;
        const char *text = config_setting_get_string_elem(list, (int)i);
        if (text && guid_parse(&id, text))
            *ARRAY_APPEND(machines, count) = id;
    }
    config_destroy(&config);
    if (ok)
        (void)!try_entry(live, point, machines, count, &ignored);
}

void retired_sweep(const struct live *live)
{
    CLEANUP_FREE struct guid *points = NULL;
    size_t count = 0;
    struct error ignored;
    if (!work_journal_ids(live->store, DIRECTORY, &points, &count, &ignored))
        return;
    for (size_t i = 0; i < count; i++)
        sweep_entry(live, &points[i]);
}
