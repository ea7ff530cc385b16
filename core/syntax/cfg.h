/* The one guarded reader and writer of libconfig files: store, settings, themes, keys, a package's record.
 *
 * A file may come from anywhere (a package from another site), so: regular files only, size and nesting
 * bounded,
 * `@include` refused. Errors carry path and line. Ownership: the caller has the config_t and calls
 * config_destroy, also after a failed cfg_read. Threads: any, each its own config_t. LC_NUMERIC must be "C".
 */
#ifndef REFPOINT_SYNTAX_CFG_H
#define REFPOINT_SYNTAX_CFG_H

#include <libconfig.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

#define CFG_LIMIT_SMALL ((size_t)1 << 20)  /* settings, themes, keys, one object of the store */
#define CFG_LIMIT_LARGE ((size_t)64 << 20) /* records of large collections */

bool cfg_read(config_t *config, int dir, const char *name, size_t limit, struct error *err) WARN_UNUSED;
bool cfg_parse(config_t *config, const char *text, size_t length, const char *name_for_messages,
               struct error *err) WARN_UNUSED;
/* The text of a configuration; owned by the caller. */
char *cfg_text(const config_t *config);
/* With fs_write_atomic. */
bool cfg_write(const config_t *config, int dir, const char *name, mode_t mode, struct error *err) WARN_UNUSED;

/* Reading members: `otherwise` where the member is missing or of another type. Text is borrowed from the
 * config_t. Numbers are written as 64-bit integers; negative ones read as `otherwise`. */
const char *cfg_get_text(const config_setting_t *group, const char *name, const char *otherwise);
uint64_t cfg_get_number(const config_setting_t *group, const char *name, uint64_t otherwise);
bool cfg_get_bool(const config_setting_t *group, const char *name, bool otherwise);
/* A list or array member; count 0 where there is none. */
const config_setting_t *cfg_get_list(const config_setting_t *group, const char *name, unsigned *count);

/* Writing members; NULL text is left out. Numbers over 2^63-1 are clamped. */
void cfg_put_text(config_setting_t *group, const char *name, const char *text);
void cfg_put_number(config_setting_t *group, const char *name, uint64_t number);
void cfg_put_bool(config_setting_t *group, const char *name, bool value);
config_setting_t *cfg_put_list(config_setting_t *group, const char *name);   /* ( ... ) of groups or texts */
config_setting_t *cfg_put_group(config_setting_t *parent, const char *name); /* name NULL inside a list */

#endif
