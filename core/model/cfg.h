/* Machines, collections and points as libconfig groups: one form for the store and for a package's records.
 *
 * Writing adds members to `group`. Reading fills an empty value and checks it: ids are GUIDs, formats known
 * words, sizes in range, names present; a refusal names the member (32776) and leaves the value empty.
 * Unknown members are passed over. Threads: any. */
#ifndef REFPOINT_MODEL_CFG_H
#define REFPOINT_MODEL_CFG_H

#include "core/model/model.h"
#include "core/syntax/cfg.h"

void machine_to_cfg(const struct machine *machine, config_setting_t *group); /* without domain_xml */
char *machine_cfg_text(const struct machine *machine); /* a whole machine.cfg; the caller's */
bool machine_from_cfg(struct machine *machine, const config_setting_t *group, struct error *err) WARN_UNUSED;
void collection_to_cfg(const struct collection *collection, config_setting_t *group);
bool collection_from_cfg(struct collection *collection, const config_setting_t *group,
                         struct error *err) WARN_UNUSED;
/* with_members: the machines as they were and their disks; without, only the point's own properties. */
void reference_point_to_cfg(const struct reference_point *point, bool with_members, config_setting_t *group);
bool reference_point_from_cfg(struct reference_point *point, bool with_members, const config_setting_t *group,
                              struct error *err) WARN_UNUSED;

#endif
