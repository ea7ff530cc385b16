/* What is looked at in the text of a configuration before libconfig sees it; part of cfg. */
#ifndef REFPOINT_SYNTAX_CFG_GUARD_H
#define REFPOINT_SYNTAX_CFG_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

#define CFG_NESTING_LIMIT 16

/* text is `length` bytes and a zero byte behind them. */
bool cfg_guard(const char *text, size_t length, const char *name_for_messages, struct error *err) WARN_UNUSED;

#endif
