/* The local host's operations, by theme; local.c makes the table of them. The libvirt host is one of these,
 * too: what it does with files, records and packages is done here. */
#ifndef REFPOINT_HOST_LOCAL_INTERNAL_H
#define REFPOINT_HOST_LOCAL_INTERNAL_H

#include "core/base/error.h"
#include "core/host/host.h"
#include "core/host/layers/layers.h"
#include "core/host/store/store.h"

struct local_host {
    struct host base; /* first: a struct host * is a struct local_host * */
    struct store store;
    bool images_elsewhere; /* the machines' images lie on another machine: nothing is looked for here */
};

static inline const struct store *local_store(struct host *host)
{
    return &((struct local_host *)host)->store;
}

/* objects.c */
bool local_define_collection(struct host *host, const char *name, const struct guid *members,
                             size_t member_count, struct collection *made, struct error *err);
bool local_delete_collection(struct host *host, const struct guid *id, struct error *err);
bool local_add_machine(struct host *host, struct machine *machine, struct error *err);
bool local_set_machine(struct host *host, struct machine *machine, struct error *err);
bool local_remove_machine(struct host *host, const struct guid *id, struct error *err);
/* What has none gets one, the machine and its disks. */
void local_give_ids(struct machine *machine);

/* definition.c: fills in a machine from its domain_xml, if it has one; what is set already stays. */
bool local_read_definition(struct machine *machine, struct error *err);
/* The stored machine becomes what the definition given (domain_xml, disks left out) says, with the disks that
 * it has. */
bool local_take_definition(struct machine *stored, const struct machine *given, struct error *err);
/* The same with what was read of the machine already; *read is used up. */
bool local_take_machine(struct machine *stored, struct machine *read, struct error *err);
/* The kept definition follows what differs between the machine and what it was before; nothing without one.
 */
bool local_change_definition(struct machine *machine, const struct machine *before, struct error *err);
/* What the guest has; a ceiling that is no more goes. */
void local_set_processors(struct machine_settings *settings, uint32_t cpus);
bool local_machine_definition(struct host *host, const struct guid *id, char **text, char ***notes,
                              size_t *note_count, struct error *err);

/* export.c */
uint32_t local_check_export(struct host *host, const struct export_request *request,
                            struct export_estimate *estimate, struct error *err);
uint32_t local_export_point(struct host *host, const struct export_request *request, struct job *job,
                            struct export_result *result, struct error *err);

/* ways.c */
bool local_forget_point(struct host *host, const struct object_path *path, struct left_layers *left,
                        struct error *err);
bool local_forget_collection(struct host *host, const struct guid *id, struct left_layers *left,
                             struct error *err);
bool local_adopt_files(struct host *host, bool unproven, struct watch *watch, struct adopted_files *adopted,
                       struct error *err);
bool local_move_machine(struct host *host, const struct move_request *request, struct watch *watch,
                        struct moved_machine *moved, struct error *err);

/* kept.c. Under the store's lock. */
bool local_sweep_kept_files(const struct store *store, struct error *err);
/* After points went, without the lock. What cannot be removed now stays for "store check". */
void local_release_files(struct host *host);

/* check.c */
bool local_check_store(struct host *host, bool deep, struct watch *watch, struct store_report *report,
                       struct error *err);
/* The same, behind what was found before it. */
bool local_look_through(struct host *host, bool deep, struct watch *watch, struct findings *findings,
                        struct error *err);
/* Hands what was found to the report, which is empty where `ok` is not; returns that. */
bool local_report(bool ok, struct findings *findings, struct store_report *report);
/* deep.c. Without the store's lock. */
bool local_check_contents(const struct store *store, const struct layers *layers, struct watch *watch,
                          struct findings *findings, struct error *err);

#endif
