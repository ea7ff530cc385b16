/* What the parts of this room share; nobody else's. Threads: any, each its own settings. */
#ifndef REFPOINT_SETTINGS_INTERNAL_H
#define REFPOINT_SETTINGS_INTERNAL_H

#include "core/settings/settings.h"
#include "core/syntax/cfg.h"

const struct setting *settings_find(const char *name); /* NULL: there is none */
/* Where its value is in settings: a char *, uint64_t or bool. */
void *settings_slot(const struct settings *settings, const struct setting *setting);
char **settings_text_slot(const struct settings *settings, const struct setting *setting);
uint64_t settings_bit(const struct setting *setting); /* in settings.given */
/* A member of the file. NULL, or what is wrong with it, and nothing is changed; the caller's. */
char *settings_take_value(struct settings *settings, const struct setting *setting,
                          const config_setting_t *member);

#endif
