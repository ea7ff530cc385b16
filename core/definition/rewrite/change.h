/* What is to become different in a definition: see definition/rewrite.h. Everything is borrowed. */
#ifndef REFPOINT_DEFINITION_REWRITE_CHANGE_H
#define REFPOINT_DEFINITION_REWRITE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/guid.h"
#include "core/model/model.h"

/* A member disk as the definition is to say it. Found by its target (<target dev>), or by its path where the
 * id is no name that a target can have ("root"); added where it is not there. */
struct definition_disk {
    const char *id;
    const char *path; /* absolute */
    enum disk_format format;
};

/* A file that the definition names: its path as it stands, and what is to stand there; NULL: the element
 * goes, and what cannot be without it. */
struct definition_file {
    enum machine_file_role role;
    const char *from;
    const char *to;
};

/* A zeroed one changes nothing. */
struct definition_change {
    const char *name;        /* NULL: as it is */
    const struct guid *uuid; /* NULL: as it is; none: the element goes, libvirt draws one. What <sysinfo>
                                repeats of it follows */
    bool new_macs;           /* hardware addresses go, libvirt draws them; so do the generation id and the
                                ids of Open vSwitch ports */
    /* 0: as they are. With cpus alone, a machine that has room for more processors keeps its ceiling, and one
     * that has none gets none; a ceiling is never below cpus. */
    uint32_t cpus;
    uint32_t cpus_ceiling;
    uint64_t memory;      /* bytes, all in use; 0: as it is */
    const char *firmware; /* "bios", "efi"; NULL: as it is */
    const struct definition_disk *disks;
    size_t disk_count;
    bool only_these_disks; /* disks (not drives, not SCSI LUNs) that are not among them go; else they stay */
    bool empty_drives;     /* CD-ROM and floppy drives stay, their media go: the machine starts without */
    const struct definition_file *files;
    size_t file_count;
};

#endif
