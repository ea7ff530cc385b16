/* What this machine remembers of the packages that were verified on it: when, how, and what their files were
 * like then. A claim covers what was read, and holds as long as nobody has touched the files since: the names
 * of all files, and of each device, inode, size and times of the last write and the last change. A copy of a
 * package is another package here. What changes no time (bit rot) cannot be known without reading.
 *
 * memory: the directory of these, a file for each package; NULL = nothing is remembered. It may be lost: then
 * packages count as not verified. Threads: any, several processes too. Units: bytes. */
#ifndef REFPOINT_EXPORT_PACKAGE_PROOF_PROOF_H
#define REFPOINT_EXPORT_PACKAGE_PROOF_PROOF_H

#include "core/base/error.h"
#include "core/export/package/package.h"

#define PROOF_HOW_EXPORT "export" /* by the proof of the export that made it */
#define PROOF_HOW_VERIFY "verify" /* every byte was read again */

struct package_proof {
    struct moment when; /* {0} = not proven */
    char how[16];
    uint64_t bytes; /* that were read, and how long that took; 0 = not known */
    uint64_t milliseconds;
};

enum package_proof_state {
    PACKAGE_UNPROVEN,
    PACKAGE_TOUCHED, /* it was proven, but its files are not what they were */
    PACKAGE_PROVEN
};

/* The usual directory: $XDG_STATE_HOME/refpoint/verified. The caller's. */
char *package_proof_usual_memory(void);

/* What the files of a package are like, to be taken before they are read; free() *likeness. directory: the
 * package's own, open. */
bool package_proof_liken(int directory, char **likeness, struct error *err) WARN_UNUSED;

enum package_proof_state package_proof_look(const char *memory, const struct package *package, int directory,
                                            struct package_proof *proof);
/* Remembers a proof of files that were like this and still are; nothing where they are not. When memory
 * cannot be written the package counts as not verified: err says why. */
bool package_proof_note(const char *memory, const struct package *package, int directory,
                        const char *likeness, const struct package_proof *proof,
                        struct error *err) WARN_UNUSED;

/* Bytes a second of the last verification on this machine; 0 = there was none. */
uint64_t package_proof_rate(const char *memory);

#endif
