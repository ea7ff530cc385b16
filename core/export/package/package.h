/* A finished package as a value: what its record says. The room's common type; read.h reads and lists
 * packages, write/ makes them, check/ verifies and import/ copies disks out of them.
 *
 * Layout: design.md ("What an export leaves"). A package is known by its id and the SHA-256 of its record
 * (reference-point.cfg), never by its name. Threads: any, each its own value. Ownership: package_clear. */
#ifndef REFPOINT_EXPORT_PACKAGE_PACKAGE_H
#define REFPOINT_EXPORT_PACKAGE_PACKAGE_H

#include "core/export/plan/task.h"
#include "core/model/model.h"

struct package_disk {
    char *machine; /* name of the machine */
    char *machine_id;
    char *disk; /* "vda" */
    char *disk_uuid;
    uint64_t virtual_size;
    char *file; /* relative: "machines/web01/vda.qcow2" */
    enum disk_format format;
    bool differential;
    char *reason;      /* NULL, or why full although differential was asked */
    char *data_xxh3;   /* digest of the content that was read at the point, see copy/disk_digest.h; NULL */
    char *data_sha256; /* what packages of earlier versions have in its place; NULL */
    /* Of a differential disk, else NULL: file of the base package's disk, relative to that package, and the
     * name stored in the image, which leads there from the image's own directory. */
    char *base_file;
    char *backing_name;
};

struct package_file { /* a file of the package, as its record has it: all but the record and SHA256SUMS */
    char *name;       /* relative */
    char *sha256;
    uint64_t size;
};

struct package_base { /* of the chain beneath a package, as it was when that was made */
    struct guid id;
    char *record_sha256;
    struct moment verified; /* on the machine that made it; {0} = not since its files were last touched */
    char how[16];           /* "verify": read again then; "export": by the proof of its own export; "" */
};

struct package {
    char *path; /* absolute */
    struct guid id;
    struct reference_point point; /* with its members' settings and resources */
    char *record_sha256;          /* of reference-point.cfg */
    char *exporter;               /* "refpoint 0.1.0" */
    bool verified;
    bool is_signed;                /* SHA256SUMS.sig lies there; it has not been looked at */
    struct object_path base_point; /* what was asked for; none = full */
    struct guid base_package_id;   /* none = no disk is differential */
    char *base_record_sha256;
    struct package_base *bases; /* [0] = the base, and on down; none in packages of earlier versions */
    size_t base_count;
    struct export_origin *origins; /* of a consolidated one: the package and those beneath it */
    size_t origin_count;
    struct moment exported;
    struct export_options options; /* as asked for; base_packages stay empty */
    struct package_disk *disks;
    size_t disk_count;
    struct package_file *files;
    size_t file_count;
};
void package_clear(struct package *package);

/* Makes of a machine at a point the one of a package: the disks that it holds, each in the format in which it
 * holds it, with nothing beneath. holds is asked for each, by the disk's index in the point. */
void package_keep_disks(struct machine *machine,
                        bool (*holds)(const void *context, const struct disk *disk, size_t index,
                                      enum disk_format *format),
                        const void *context);

/* By its name; NULL when it is not one of the record's. */
const struct package_file *package_find_file(const struct package *package, const char *name);
/* Index of a disk in a package by the ids of machine and disk; SIZE_MAX when it is not there. */
size_t package_find_disk(const struct package *package, const char *machine_id, const char *disk_uuid);

#endif
