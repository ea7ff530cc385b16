/* The seam between the program and where collections come from.
 *
 * A host is a const table of operations and its own state behind it. Screens, commands and the service speak
 * to this and to nothing below it. An operation a host cannot do is NULL in its table and off in its
 * capabilities.
 *
 * Threads: operations may block (a disk, later a network); call them from a worker thread, never from the
 * thread that owns the screen. Different threads may call at the same time. Values returned are the caller's
 * (X_clear). Methods of the contract return its return codes: 0, or an error with err filled and everything
 * as it was. */
#ifndef REFPOINT_HOST_HOST_H
#define REFPOINT_HOST_HOST_H

#include <limits.h>

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/export/export.h"
#include "core/job/job.h"
#include "core/model/imported.h"
#include "core/model/model.h"
#include "core/model/ways.h"

struct host_capabilities { /* what a form may offer */
    bool define_collections;
    bool add_machines;
    bool raw_format;
    bool zstd_compression;
    bool verify;
    bool rate_limit;
    bool local_directory; /* ExportDirectory is a path on this machine: it can be completed and looked at */
    bool application_consistency;
    bool live_export;    /* exports of running machines at once (struct export_request, live) */
    bool machine_states; /* it knows what its machines do just now */
};

struct host;

struct host_ops {
    const char *kind; /* "local" */
    void (*close)(struct host *host);
    const struct host_capabilities *(*capabilities)(const struct host *host);
    /* Name and place, for the title line and messages; the caller's. */
    char *(*identify)(const struct host *host);

    bool (*list_machines)(struct host *host, struct machine_list *list, struct error *err);
    /* The same without asking anybody, as they were last known, their states not known. NULL: list_machines
     * asks nobody. */
    bool (*known_machines)(struct host *host, struct machine_list *list, struct error *err);
    /* A record that cannot be read is damaged (the list's left_out), and fails nothing else. */
    bool (*list_collections)(struct host *host, struct collection_list *list, struct error *err);
    /* Points of one collection, newest first, without members. */
    bool (*list_points)(struct host *host, const struct guid *collection, struct reference_point_list *list,
                        struct error *err);
    /* One point whole. 32773 when there is none. */
    bool (*read_point)(struct host *host, const struct object_path *path, struct reference_point *point,
                       struct error *err);

    bool (*define_collection)(struct host *host, const char *name, const struct guid *members,
                              size_t member_count, struct collection *made, struct error *err);
    bool (*delete_collection)(struct host *host, const struct guid *id, struct error *err);
    /* machine: name, settings, disks (id, path, format, backing, raw_content), adapters, domain_xml, disks of
     * it to be left out (left_out: device, by_operator); id, uuids and sizes are filled in. With domain_xml
     * the definition is read for everything that is not set; disks given beside it only name backing files
     * and vouch for raw content (id, backing, raw_content). */
    bool (*add_machine)(struct host *host, struct machine *machine, struct error *err);
    /* Replaces name and settings of the machine with this id, and adds the disks that have no uuid, as
     * add_machine does; on success *machine is as it is stored. The disks that it has stay as they are. A
     * definition that is kept changes with it. With domain_xml: that is its definition from now on; what is
     * not set beside it is read from there, its new disks are added, and those that it has no more are
     * detached (their points stay). */
    bool (*set_machine)(struct host *host, struct machine *machine, struct error *err);
    /* The kept definition put right: no chain of its own, formats and paths as they are. notes: what else
     * became different, a sentence each. All the caller's. 32775 when none is kept. */
    bool (*machine_definition)(struct host *host, const struct guid *id, char **text, char ***notes,
                               size_t *note_count, struct error *err);
    /* Defines a machine by libvirt's text and starts it: the demo's. */
    bool (*start_machine)(struct host *host, const char *definition, struct error *err);
    bool (*remove_machine)(struct host *host, const struct guid *id, struct error *err);

    /* remarks: NULL, or an empty one that is filled beside the point. */
    uint32_t (*create_point)(struct host *host, const struct point_request *request,
                             struct reference_point *made, struct point_remarks *remarks, struct error *err);
    /* watch may be NULL. Ended by it, err says what is left to do and how. Done, watch has what came back to
     * the file system (allocated blocks of the files that went or shrank, less what others grew by). */
    uint32_t (*destroy_point)(struct host *host, const struct object_path *path, struct watch *watch,
                              struct error *err);
    uint32_t (*remove_associated_data)(struct host *host, const struct object_path *path, struct watch *watch,
                                       struct error *err);

    /* Refusals of ExportReferencePoint and, without one, what it would do. */
    uint32_t (*check_export)(struct host *host, const struct export_request *request,
                             struct export_estimate *estimate, struct error *err);
    /* Does it, on this thread, reporting to the job; the caller ends the job. */
    uint32_t (*export_point)(struct host *host, const struct export_request *request, struct job *job,
                             struct export_result *result, struct error *err);

    /* Ways out, where nothing else works any more. Drops the record of a point, or of a collection with all
     * its points, and leaves every file; what stands where then is in *left (NULL: not wanted), the
     * caller's. Works on what is broken, too. */
    bool (*forget_point)(struct host *host, const struct object_path *path, struct left_layers *left,
                         struct error *err);
    bool (*forget_collection)(struct host *host, const struct guid *id, struct left_layers *left,
                              struct error *err);
    /* Takes layers and templates that somebody else has moved or copied to where their records say, once they
     * are proved to be what they should; unproven: also those of which nothing is kept, by the operator's
     * word. *adopted (the caller's) tells each file. watch may be NULL. */
    bool (*adopt_files)(struct host *host, bool unproven, struct watch *watch, struct adopted_files *adopted,
                        struct error *err);
    /* Moves a machine's images and layers into another directory, or follows where somebody else has moved
     * them. watch may be NULL; *moved is the caller's. */
    bool (*move_machine)(struct host *host, const struct move_request *request, struct watch *watch,
                         struct moved_machine *moved, struct error *err);

    /* Takes what was imported from a package into the store (layers/change/register.h). NULL: on this host
     * machines come from elsewhere. check_register: whether a package's point would be refused, before it is
     * imported. */
    bool (*check_register)(struct host *host, const struct reference_point *point, struct error *err);
    uint32_t (*register_import)(struct host *host, const struct imported *imported, struct error *err);

    /* Looks for damage and unfinished work, mends what is safe; *report is the caller's. deep: reads every
     * layer, keeps its digest the first time and compares it from then on. watch may be NULL. */
    bool (*check_store)(struct host *host, bool deep, struct watch *watch, struct store_report *report,
                        struct error *err);
};

struct host {
    const struct host_ops *ops;
    unsigned suspend_minutes; /* of exports from here that say none */
    unsigned zstd_level;      /* of exports from here that say none; 0 = the usual one */
    char sign_key[PATH_MAX];  /* that signs packages of exports from here that name none; "" = none does */
};

#endif
