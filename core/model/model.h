/* Collections, machines, disks, points and export settings as plain values.
 *
 * Source of terms and keys: contract.md ("Objects"). Ownership: every struct owns what its pointers point to;
 * a zeroed struct is a valid empty one; X_clear releases the content and zeroes it; X_copy makes a deep copy
 * into an empty one. Units: bytes, UTC. Text is as it came (hostile until escaped, see base/text.h). Threads:
 * any, each its own. */
#ifndef REFPOINT_MODEL_MODEL_H
#define REFPOINT_MODEL_MODEL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/guid.h"
#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/system/touch.h"

enum disk_format { DISK_FORMAT_RAW, DISK_FORMAT_QCOW2 };
const char *disk_format_word(enum disk_format format); /* "raw", "qcow2" */
bool disk_format_parse(enum disk_format *format, const char *word);

/* A file that a disk's image is an overlay of, registered by the operator: path as written or absolute, and
 * its format. Order: nearest to the image first. */
struct backing_file {
    char *path;
    enum disk_format format;
    /* In points only, what it was when the point was created: a template that is written to later changes
     * what the point reads as. Both 0: not recorded. */
    uint64_t file_size;
    struct moment modified;
};

struct disk {
    struct guid uuid;        /* stable id of the disk, whatever its path */
    char *id;                /* name within the machine: "vda" */
    char *path;              /* absolute path of the active image */
    enum disk_format format; /* explicit, never probed */
    /* When it is added, and nowhere kept: a raw file of it may begin like another format, because that is
     * what the guest's disk holds. */
    bool raw_content;
    uint64_t virtual_size; /* true size: a raw image may have an odd one */
    struct backing_file *backing;
    size_t backing_count;
    bool detached; /* no longer the machine's; its layers are still those of points */
};

struct network_adapter {
    char *mac;     /* "52:54:00:12:34:56" or NULL */
    char *network; /* name of the network or bridge, or NULL */
    char *model;   /* "virtio" or NULL */
};

/* Configuration settings of a machine (what it is), beside its resource settings (disks, adapters). */
struct machine_settings {
    uint32_t cpus;         /* what the guest has; 0 = not known */
    uint32_t cpus_ceiling; /* up to which processors can be plugged in; 0 = no more than cpus */
    uint64_t memory;       /* bytes; 0 = not known */
    char *firmware;        /* "bios", "efi" or NULL */
    char *architecture;
    char *machine_type;
};

/* A file beside the disks without which the machine is not whole: its definition names it. */
enum machine_file_role {
    MACHINE_FILE_NVRAM, /* UEFI variable store */
    MACHINE_FILE_TPM,   /* state of an emulated TPM: in a definition its directory, in a point each file of it
                         */
    MACHINE_FILE_LOADER, /* firmware that is no part of the system's own */
    MACHINE_FILE_KERNEL,
    MACHINE_FILE_INITRD,
    MACHINE_FILE_DEVICE_TREE,
    MACHINE_FILE_FIRMWARE_CONFIG, /* a fw_cfg entry read from a file */
    MACHINE_FILE_ACPI_TABLE,
};
#define MACHINE_FILE_ROLES 8
const char *machine_file_role_word(enum machine_file_role role); /* "nvram", "firmware-config" */
bool machine_file_role_parse(enum machine_file_role *role, const char *word);

struct machine_file {
    enum machine_file_role role;
    char *path; /* absolute, where the definition has it */
    /* In points only: its content is kept in the store under this digest. NULL: it is not in the point, for
     * the reason in missing. */
    char *sha256;
    uint64_t size;
    char *missing; /* why it is not in the point, by the operator's word; NULL */
    /* In packages only: in a record its name in the package ("machines/web01/nvram-x.fd"), in a machine.cfg
     * its name beside that; NULL: it is not in the package. */
    char *file;
};

/* What can hold data of the machine and is not in its points: never left out in silence. */
struct machine_left_out {
    char *
        kind; /* "cdrom", "floppy", "disk", "filesystem", "hostdev", "memory", "qemu-option", "unknown" ... */
    char *device;     /* its name in the definition: "sda", "/shared"; NULL */
    char *path;       /* of what it holds, as the definition says it; NULL */
    char *reason;     /* a sentence's end: "is not a disk of the machine" */
    bool by_operator; /* a disk that could not be a member, or was not to be one: --without */
};

/* What a machine does just now, where its host knows. The record of a machine does not have it, that of a
 * point does. */
enum machine_state {
    MACHINE_STATE_UNKNOWN, /* nobody here can tell: the local host knows files only */
    MACHINE_STATE_OFF,
    MACHINE_STATE_RUNNING,
    MACHINE_STATE_PAUSED,
    MACHINE_STATE_ASLEEP, /* suspended by its guest to memory */
    MACHINE_STATE_GONE,   /* the store knows it, the host has it no more */
};
const char *machine_state_word(enum machine_state state); /* "off", "running" ...; NULL: not known */
bool machine_state_is_live(enum machine_state state);     /* running or paused: its disks are open */
bool machine_state_parse(enum machine_state *state, const char *word);

struct machine { /* virtual system: Name = id, ElementName = name */
    struct guid id;
    char *name;
    struct machine_settings settings;
    struct disk *disks;
    size_t disk_count;
    struct network_adapter *adapters;
    size_t adapter_count;
    struct machine_file *files;
    size_t file_count;
    struct machine_left_out *left_out;
    size_t left_out_count;
    char *domain_xml; /* libvirt's definition, kept whole; NULL where there is none */
    enum machine_state state;
};

struct collection {
    struct guid id;
    char *name; /* not unique */
    struct guid *members;
    size_t member_count;
};

/* A disk as it was at a point. */
struct disk_point {
    struct guid disk_uuid;
    char *disk_id;
    char *
        layer_path; /* absolute; the read-only file that ends the chain of this point; NULL once it is gone */
    enum disk_format layer_format;
    uint64_t virtual_size; /* at the point */
    /* Identity of the layer when it was frozen; any difference later fails an export (traps.md 11). */
    uint64_t device;
    uint64_t inode;
    uint64_t file_size;
    struct moment modified;
    struct touch touched; /* not known in records of versions that did not keep it */
    char *content_sha256; /* of the layer's file, 64 hexadecimal digits; NULL = not known */
    /* The layer, or a file beneath it, was put there by somebody else and taken by the operator's word alone:
     * nothing proves that it is what was frozen. */
    bool unproven;
    struct moment unproven_since; /* when it was taken */
};

struct member_point { /* member point, of one machine: the machine as it was, and its disks */
    struct guid instance_id;
    struct machine machine;   /* its state: what it did at the point */
    struct disk_point *disks; /* same order as machine.disks */
    size_t disk_count;
    uint32_t consistency_level; /* reached by this machine; 0: that of the point */
    uint64_t paused;            /* microseconds for which it stood still, so that there was one instant */
};

struct reference_point {
    struct guid id;            /* CollectionID */
    struct guid collection_id; /* VirtualSystemCollectionId */
    char *collection_name;
    char *name;
    struct moment created;
    /* Position in its collection, from 1: order never rests on clocks (traps.md 9). */
    uint64_t sequence;
    uint32_t type;              /* enum reference_point_type */
    uint32_t consistency_asked; /* enum consistency_level */
    uint32_t consistency_level; /* reached */
    bool has_associated_log;
    struct member_point *members; /* empty in lists: read with the point itself */
    size_t member_count;
    uint64_t virtual_size; /* of all disks */
    uint64_t log_size;     /* bytes that the frozen layers hold on disk */
};

/* It had a log, which is gone; an RCT based point never has one. */
bool reference_point_log_removed(uint32_t type, bool has_associated_log);

void disk_clear(struct disk *disk);
void disk_clear_backing(struct disk *disk); /* nothing beneath it is known any more */
void disk_copy(struct disk *to, const struct disk *from);
void machine_settings_clear(struct machine_settings *settings);
void machine_settings_copy(struct machine_settings *to, const struct machine_settings *from);
void machine_file_clear(struct machine_file *file);
void machine_file_copy(struct machine_file *to, const struct machine_file *from);
void machine_left_out_clear(struct machine_left_out *item);
/* Appends the disks that the operator left out of the machine; borrowed from it. */
void machine_left_out_disks(const struct machine *machine, const char ***ids, size_t *count);
void machine_left_out_copy(struct machine_left_out *to, const struct machine_left_out *from);
/* "CD-ROM sda (/srv/a.iso) is not a disk of the machine", unescaped; the caller's. */
char *machine_left_out_text(const struct machine_left_out *item);
/* Empties both lists. */
void machine_clear_surroundings(struct machine *machine);
void machine_clear(struct machine *machine);
void machine_copy(struct machine *to, const struct machine *from);
void collection_clear(struct collection *collection);
void collection_copy(struct collection *to, const struct collection *from);
void disk_point_clear(struct disk_point *point);
void member_point_clear(struct member_point *member);
void reference_point_clear(struct reference_point *point);
void reference_point_drop_members(struct reference_point *point); /* as it is in lists */
void reference_point_copy(struct reference_point *to, const struct reference_point *from);

/* Records that are there and cannot be read. They are no items of a list, so that nobody works with them, but
 * never silently left out: whoever shows it shows them as damaged. */
struct damaged_record {
    struct guid id; /* of its directory */
    char *name;     /* as far as it could be read; NULL: not at all */
    char *problem;  /* why it cannot be read, a sentence without its full stop */
};
struct left_out {
    struct damaged_record *items;
    size_t count;
};
struct machine_list {
    struct machine *items;
    size_t count;
    struct left_out left_out;
};
struct collection_list {
    struct collection *items;
    size_t count;
    struct left_out left_out;
};
struct reference_point_list { /* newest first */
    struct reference_point *items;
    size_t count;
    struct left_out left_out;
};
const char *damaged_record_name(const struct damaged_record *record); /* its id where it has none */
void left_out_clear(struct left_out *left_out);
void machine_list_clear(struct machine_list *list);
void collection_list_clear(struct collection_list *list);
void reference_point_list_clear(struct reference_point_list *list);

/* The point right before, or right after, one of this sequence: by sequence, never by time. NULL: none. */
const struct reference_point *reference_point_before(const struct reference_point_list *list,
                                                     uint64_t sequence);
const struct reference_point *reference_point_after(const struct reference_point_list *list,
                                                    uint64_t sequence);

/* What a machine reached at the instant of its point. */
uint32_t member_point_reached(const struct reference_point *point, const struct member_point *member);
/* "was running, crash consistent, stood still for 12 ms", the caller's; NULL: its host could not tell. */
char *member_point_instant(const struct reference_point *point, const struct member_point *member);

/* Two keys, as the contract has it. Written as a WMI path:
 * Msvm_ReferencePointCollection.CollectionID="...",VirtualSystemCollectionId="..." */
struct object_path {
    struct guid point_id;
    struct guid collection_id;
};
char *object_path_format(const struct object_path *path); /* the caller's */
/* Accepts a namespace prefix and either order of keys. */
bool object_path_parse(struct object_path *path, const char *text);
bool object_path_is_none(const struct object_path *path); /* neither key is set */

/* Msvm_VirtualMachineToDisks: no disks = all of that machine's. */
struct machine_to_disks {
    char *machine_id;
    char **disks; /* disk ids ("vda") or disk uuids */
    size_t disk_count;
};

/* Msvm_CollectionReferencePointExportSettingData: a base that is none = full; no machines = everything. */
struct export_setting_data {
    struct object_path base;
    struct machine_to_disks *machines;
    size_t machine_count;
};
void export_setting_data_clear(struct export_setting_data *settings);
void export_setting_data_copy(struct export_setting_data *to, const struct export_setting_data *from);

enum compression { COMPRESSION_NONE, COMPRESSION_ZSTD };
const char *compression_word(enum compression compression);
bool compression_parse(enum compression *compression, const char *word);

/* Our own options, beside the contract's settings. A zeroed struct is the default except verify: use
 * export_options_default(). */
/* Whether the packages that a difference is based on are verified before it is made. */
enum base_check {
    BASE_CHECK_AUTO,   /* unless they were on this machine, and nobody has touched their files since */
    BASE_CHECK_ALWAYS, /* again */
    BASE_CHECK_NEVER   /* then nothing is claimed of what is read through them */
};
const char *base_check_word(enum base_check check); /* "auto", "always", "never" */
bool base_check_parse(enum base_check *check, const char *word);

struct export_options {
    enum disk_format format;
    enum compression compression;
    unsigned zstd_level; /* of COMPRESSION_ZSTD; 0 = as the settings say, else ZSTD_LEVEL_USUAL */
    bool verify;
    bool strict;              /* a disk that cannot be differential refuses the export (32773) */
    uint64_t rate;            /* bytes per second; 0 = no limit */
    unsigned suspend_minutes; /* how long its job waits for an obstacle; SUSPEND_AS_SETTINGS */
    enum base_check base_check;
    bool full_if_altered; /* a disk whose base is not what it was is exported in full, else all is refused */
    char **base_packages; /* further directories in which base packages are looked for */
    size_t base_package_count;
    char *sign_key; /* absolute path of the key that signs the package (signature/sign.h); NULL = as the
                     * settings say, else none */
    bool no_sign;   /* not signed, whatever the settings say */
};
#define ZSTD_LEVEL_USUAL 2 /* measured beside 3: no larger, and a seventh faster */
#define ZSTD_LEVEL_MOST 19
#define SUSPEND_AS_SETTINGS UINT_MAX
#define SUSPEND_MINUTES_USUAL 720
#define SUSPEND_MINUTES_MOST 525600 /* a year */
struct export_options export_options_default(void);
void export_options_clear(struct export_options *options);
void export_options_copy(struct export_options *to, const struct export_options *from);

/* What a caller asks of ExportReferencePoint: the three in-parameters and our options. */
struct kept_plan;
struct job;

struct export_request {
    /* Live: of running machines as they are now; its collection is given, and the point is made by it. */
    bool live;
    struct object_path point;
    char *point_name;           /* live: of the new point; NULL = time plus short id */
    uint32_t consistency_level; /* live; 0 = crash */
    bool allow_crash;           /* live: as in struct point_request */
    char *directory;
    struct export_setting_data settings;
    struct export_options options;
    /* What an earlier check of the same request has found, so that it is not looked for again; it is believed
     * only where it still holds. NULL = none. Borrowed, not copied, and in no journal. */
    struct kept_plan *plan;
    /* Goes on with what this job has begun, where it has; none = from the beginning. In no journal. */
    struct guid resumed_job;
    /* Of such a job: this package was about to get its name; it need only be looked at where it has. NULL. */
    char *finished;
    struct guid finished_id;
    /* Its cancellation ends the check, which reads nothing but can take its time where disks are huge. NULL =
     * none. Borrowed, not copied, and in no journal. */
    struct job *checking;
};
void export_request_clear(struct export_request *request);
void export_request_copy(struct export_request *to, const struct export_request *from);

/* What a caller asks of CreateReferencePoint. Everything borrowed. */
struct point_request {
    struct guid collection_id;
    const char *name;              /* NULL = time plus short id */
    uint32_t consistency_level;    /* CONSISTENCY_CRASH or CONSISTENCY_APPLICATION */
    bool allow_crash;              /* application was asked for: machines that do not reach it may be crash */
    uint32_t reference_point_type; /* POINT_TYPE_LOG_BASED */
    bool raw_to_qcow2;
    /* Files of machines that the point may go without: their paths, or roles ("nvram"). */
    char *const *leave_out;
    size_t leave_out_count;
    /* Dirty bitmaps of other tools in the images: those of these names are let go, the others are refused, or
     * taken along. */
    const char *const *drop_bitmaps;
    size_t drop_bitmap_count;
    bool carry_bitmaps;
};

/* What is said beside a point that was made: nothing that makes it less whole, but worth a thought. */
struct point_remarks {
    /* "web01/vda": disks whose image is as the last point left it. A machine that ran since writes to
     * something else. */
    char **unwritten;
    size_t unwritten_count;
};
void point_remarks_clear(struct point_remarks *remarks);

#endif
