/* A finished package on disk: reading, listing, verifying, importing.
 *
 * Layout: design.md ("What an export leaves"). A package is known by its id and the SHA-256 of its record
 * (reference-point.cfg), never by its name. Everything read here may be hostile: names are single path
 * components from [A-Za-z0-9._-], files are regular and opened without following links, sizes are bounded.
 * Threads: any; package_verify and package_import start children, see export.h. */
#ifndef REFPOINT_EXPORT_PACKAGE_PACKAGE_H
#define REFPOINT_EXPORT_PACKAGE_PACKAGE_H

#include "core/base/error.h"
#include "core/job/job.h"
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
    char *data_sha256; /* digest of the content that was read at the point, see disk_digest.h */
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

struct package {
    char *path; /* absolute */
    struct guid id;
    struct reference_point point; /* with its members' settings and resources */
    char *record_sha256;          /* of reference-point.cfg */
    char *exporter;               /* "refpoint 0.1.0" */
    bool verified;
    struct object_path base_point; /* what was asked for; none = full */
    struct guid base_package_id;   /* none = no disk is differential */
    char *base_record_sha256;
    struct moment exported;
    struct export_options options; /* as asked for; base_packages stay empty */
    struct package_disk *disks;
    size_t disk_count;
    struct package_file *files;
    size_t file_count;
};
void package_clear(struct package *package);

bool package_read(const char *path, struct package *package, struct error *err) WARN_UNUSED;

/* Packages directly in a directory, by point time. What is no package is passed over; a broken one is listed
 * in problems (one line each, the caller's strings). */
bool package_list(const char *directory, struct package **packages, size_t *count, char ***problems,
                  size_t *problem_count, struct error *err) WARN_UNUSED;

/* Checks every file against SHA256SUMS, the record, each image (qemu-img check, format, exact size, its
 * backing is the base's file and nothing else), and the same down the chain of base packages. Problems are
 * sentences; true with none = it is whole. Progress and cancellation through job (may be NULL). */
bool package_verify(const char *path, char *const *base_directories, size_t base_directory_count,
                    struct job *job, char ***problems, size_t *problem_count, struct error *err) WARN_UNUSED;

/* Copies the disks out of a package and its bases into plain stand-alone images in `to` (made, must be empty
 * or missing), with each machine's settings; nothing there has its final name until all is complete and equal
 * to what the record promises. */
bool package_import(const char *path, const char *to, char *const *base_directories,
                    size_t base_directory_count, struct job *job, struct error *err) WARN_UNUSED;

#endif
