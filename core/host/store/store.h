/* The store: a directory of libconfig files, readable and repairable with an editor.
 *
 *   lock                                  flock of whoever changes something
 *   guardian                              flock of the process that lets machines go on (libvirt hosts)
 *   machines/ID/machine.cfg, domain.xml
 *   collections/ID/collection.cfg
 *   collections/ID/points/ID/point.cfg, domain-MACHINE.xml
 *   journal/ID.cfg                        unfinished work on disk images, see work_journal.h
 *   checkpoints/ID.cfg                    checkpoints of libvirt hosts that are to go, see rct/retired.h
 *
 * Reading takes no lock: objects appear and vanish by rename. A file that is broken blocks only its object:
 * in lists it is no item but damaged (left_out), and a finding with path and line. No symbolic link in
 * it is followed, see place.h. Ownership: values read are the caller's. Threads: any; a store is constant
 * once made. Changes (write, remove, sweep) need the lock. */
#ifndef REFPOINT_HOST_STORE_STORE_H
#define REFPOINT_HOST_STORE_STORE_H

#include "core/base/error.h"
#include "core/host/store/directory.h"
#include "core/host/store/findings.h"
#include "core/model/model.h"

bool store_init(struct store *store, const char *path, struct error *err) WARN_UNUSED;
void store_clear(struct store *store);

/* Makes the store where there is none, and locks it; waits a few seconds for another change to end, then
 * 32774. *lock holds it until closed. */
bool store_lock(const struct store *store, int *lock, struct error *err) WARN_UNUSED;

bool store_list_machines(const struct store *store, struct machine_list *list, struct findings *findings,
                         struct error *err) WARN_UNUSED; /* without domain_xml; by name */
bool store_read_machine(const struct store *store, const struct guid *id, struct machine *machine,
                        struct error *err) WARN_UNUSED; /* 32773 when there is none */
bool store_write_machine(const struct store *store, const struct machine *machine,
                         struct error *err) WARN_UNUSED;
bool store_remove_machine(const struct store *store, const struct guid *id, struct error *err) WARN_UNUSED;

bool store_list_collections(const struct store *store, struct collection_list *list,
                            struct findings *findings, struct error *err) WARN_UNUSED; /* by name */
bool store_read_collection(const struct store *store, const struct guid *id, struct collection *collection,
                           struct error *err) WARN_UNUSED;
bool store_write_collection(const struct store *store, const struct collection *collection,
                            struct error *err) WARN_UNUSED;
bool store_remove_collection(const struct store *store, const struct guid *id, struct error *err) WARN_UNUSED;

/* Newest first. With members: the machines as they were (without domain_xml) and their disks. */
bool store_list_points(const struct store *store, const struct guid *collection, bool with_members,
                       struct reference_point_list *list, struct findings *findings,
                       struct error *err) WARN_UNUSED;
/* How many points the collection has, readable or not. */
bool store_count_points(const struct store *store, const struct guid *collection, size_t *count,
                        struct error *err) WARN_UNUSED;
bool store_read_point(const struct store *store, const struct object_path *path,
                      struct reference_point *point, struct error *err) WARN_UNUSED;
bool store_write_point(const struct store *store, const struct reference_point *point,
                       struct error *err) WARN_UNUSED;
/* Out of every list at once; removed by store_remove_point. */
bool store_hide_point(const struct store *store, const struct object_path *path,
                      struct error *err) WARN_UNUSED;
bool store_remove_point(const struct store *store, const struct object_path *path,
                        struct error *err) WARN_UNUSED;

/* Removes what crashes left in the store's own directories. */
bool store_sweep(const struct store *store, struct error *err) WARN_UNUSED;

#endif
