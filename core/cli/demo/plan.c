#include "core/cli/demo/plan.h"

#include "core/base/mem.h"
#include "core/base/units.h"

static const struct demo_collection_plan plan[] = {
    {.name = "web-prod",
     .machines = {{.name = "web01",
                   .directory = "web01",
                   .cpus = 2,
                   .memory = 4 * GIB,
                   .firmware = "efi",
                   .mac = "52:54:00:00:00:01",
                   .network = "dmz",
                   .disks = {{.id = "vda", .size = 10 * GIB, .data = 32 * MIB, .over_template = true}}},
                  {.name = "web02 (Größe L)",
                   .directory = "web02",
                   .cpus = 4,
                   .memory = 8 * GIB,
                   .firmware = "efi",
                   .mac = "52:54:00:00:00:02",
                   .network = "dmz",
                   .disks = {{.id = "vda", .size = 8 * GIB, .data = 40 * MIB}}},
                  {.name = "db01",
                   .directory = "db01",
                   .cpus = 8,
                   .memory = 32 * GIB,
                   .firmware = "bios",
                   .mac = "52:54:00:00:00:03",
                   .network = "backend",
                   .disks = {{.id = "vda", .size = 12 * GIB, .data = 40 * MIB},
                             {.id = "vdb", .size = 20 * GIB, .data = 72 * MIB}}}},
     .points = {"installed", "monday", "tuesday", "après la mise à jour"}},
    {.name = "büro-テスト",
     .machines = {{.name = "ファイル",
                   .directory = "ファイル",
                   .cpus = 2,
                   .memory = 2 * GIB,
                   .firmware = "bios",
                   .mac = "52:54:00:00:00:04",
                   .network = "lan",
                   .disks = {{.id = "vda", .size = 4 * GIB, .data = 32 * MIB},
                             {.id = "daten", .size = 1 * GIB, .data = 16 * MIB}}},
                  {.name = "Zoë's Büro",
                   .directory = "Zoë's Büro",
                   .cpus = 1,
                   .memory = 1536 * MIB,
                   .firmware = "bios",
                   .mac = "52:54:00:00:00:05",
                   .network = "lan",
                   .disks = {{.id = "sda", .size = 6 * GIB, .data = 32 * MIB}}}},
     .points = {"Grundinstallation", "二日目", "vor dem Umzug"}},
};

const struct demo_collection_plan *demo_plan(size_t *count)
{
    *count = ARRAY_LENGTH(plan);
    return plan;
}

struct demo_disk_plan demo_template(void)
{
    return (struct demo_disk_plan){.id = "template", .size = 10 * GIB, .data = 48 * MIB};
}
