/* The record of a package, reference-point.cfg: struct package to text and back.
 *
 * One libconfig file:
 *
 *   format = "refpoint-package"; format_version = 1; exporter; package_id; exported; verified;
 *   consolidated_from = ( { package_id; record_sha256; }, ... );  (made of these: package consolidate)
 *   options = { format; compression; zstd_level; verify; strict; rate; };
 *   base_point = { id; collection_id; };                        (where a base was asked for)
 *   reference_point = { ... };                                   (whole, as model/cfg.h has it)
 *   disks = ( { machine; machine_id; disk; disk_uuid; virtual_size; file; file_format; kind; reason;
 *               data_xxh3; base_package_id; base_record_sha256; base_file; backing_name; }, ... );
 *   files = ( { name; sha256; size; }, ... );                    (all but this record and SHA256SUMS)
 *
 * `files` binds every file to the record's own digest, which a differential package keeps of its base: a base
 * whose image *and* SHA256SUMS were changed together is found out.
 *
 * Reading trusts nothing: bounded counts, every name a plain member path, no two that differ by case only,
 * each disk known to the point with the same size. Threads: any. */
#ifndef REFPOINT_EXPORT_PACKAGE_RECORD_H
#define REFPOINT_EXPORT_PACKAGE_RECORD_H

#include "core/base/error.h"
#include "core/export/package/package.h"

#define PACKAGE_RECORD_FORMAT "refpoint-package"
#define PACKAGE_RECORD_VERSION 1
#define PACKAGE_RECORD_DISK_LIMIT 10000
#define PACKAGE_RECORD_FILE_LIMIT 50000
#define PACKAGE_RECORD_BASE_LIMIT 1000
#define PACKAGE_RECORD_ORIGIN_LIMIT (PACKAGE_RECORD_BASE_LIMIT + 1)

/* path and record_sha256 are no part of it. The caller's. */
char *package_record_text(const struct package *package);
/* Into a zeroed package; a refusal leaves it empty. Errors: 32776 not a record or a damaged one, 32770 made
 * by a newer program. name: for messages. */
bool package_record_parse(struct package *package, const char *text, size_t length, const char *name,
                          struct error *err) WARN_UNUSED;

#endif
