/* Names inside a package, and opening them: single components from [A-Za-z0-9._-], at most three deep
 * ("machines/web01/vda.qcow2"), beneath a descriptor of the package, no link followed on the way.
 *
 * Threads: any. Descriptors are O_CLOEXEC and the caller's. */
#ifndef REFPOINT_EXPORT_PACKAGE_PATH_H
#define REFPOINT_EXPORT_PACKAGE_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/base/error.h"

#define PACKAGE_RECORD "reference-point.cfg"
#define PACKAGE_SUMS "SHA256SUMS"
#define PACKAGE_SIGNATURE                                                                                    \
    PACKAGE_SUMS ".sig" /* of PACKAGE_SUMS, where the package is signed; listed nowhere */
#define PACKAGE_MACHINES "machines"
#define PACKAGE_MACHINE_CFG "machine.cfg"
#define PACKAGE_DOMAIN_XML "domain.xml"
#define PACKAGE_PARTIAL_SUFFIX ".partial" /* of a directory that is no package yet: ".NAME.partial" */
#define PACKAGE_NOTE "PATHS.txt"          /* of an import: where the machines looked for their disks */

/* One component: 1 to 255 of [A-Za-z0-9._-], no leading dot. */
bool package_path_is_component(const char *name);
/* "machines/NAME/FILE": what the record may list. */
bool package_path_is_member(const char *path);
/* As strcmp, but for the case of ASCII letters, whatever the locale. */
int package_path_compare_folded(const char *left, const char *right);

/* A package's own directory, by its real path (realpath(3)). */
bool package_path_open_root(const char *path, int *fd, struct error *err) WARN_UNUSED;
/* A regular file, for reading; status (may be NULL) is its. */
bool package_path_open_file(int package, const char *path, int *fd, struct stat *status,
                            struct error *err) WARN_UNUSED;
bool package_path_open_directory(int package, const char *path, int *fd, struct error *err) WARN_UNUSED;
bool package_path_stat(int package, const char *path, struct stat *status, struct error *err) WARN_UNUSED;

/* Every file of a package, sorted by bytes, and everything that does not belong in one (a sentence each:
 * links, devices, directories too deep or with odd names, too many entries). Both are the caller's, released
 * with fs_free_names. */
struct package_tree {
    char **files;
    size_t file_count;
    char **oddities;
    size_t oddity_count;
};
#define PACKAGE_TREE_LIMIT ((size_t)100000)
bool package_path_list(int package, struct package_tree *tree, struct error *err) WARN_UNUSED;
void package_tree_clear(struct package_tree *tree);

/* A package's own directory, its machines', or that of one of them: nothing of ours is to be made there. */
bool package_path_is_in_package(int directory) WARN_UNUSED;

#endif
