/* What the browse screen reads from the host, as tasks for a worker. Threads: as work.h has it. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_DATA_LOAD_H
#define REFPOINT_UI_SCREENS_BROWSE_DATA_LOAD_H

#include "core/host/host.h"
#include "core/settings/settings.h"
#include "ui/screens/browse/data/catalogue.h"

/* In one go, or names first: then what the machines tell comes with a second task, made of the first one when
 * that is done. */
struct load_collections {
    struct host *host;
    const struct settings_place *started; /* borrowed from the app */
    bool names_first;                     /* asked for */
    bool is_rest;                         /* the second one */
    struct collection_list collections;
    bool unfinished; /* the catalogue is without what the machines tell */
    struct catalogue catalogue;
    bool daemon_found; /* one of this machine that is no host of the configuration file */
    bool ok;
    struct error err;
};
struct load_collections *load_collections_new(struct host *host, const struct settings_place *started,
                                              bool names_first);
/* Takes the collections of one that is unfinished. */
struct load_collections *load_collections_rest(struct load_collections *names);
void load_collections_run(void *task);
void load_collections_release(void *task);

/* What a filter looks in: time as shown, name, id, type and consistency in words. The caller's. */
char *browse_point_search_text(const struct reference_point *point);

struct load_points {
    struct host *host;
    struct guid collection;
    struct reference_point_list points;
    char **folded; /* for the filter: time and name of each, those behind them that are damaged too */
    bool ok;
    struct error err;
};
struct load_points *load_points_new(struct host *host, const struct guid *collection);
void load_points_run(void *task);
void load_points_release(void *task);

#endif
