/* ExportDirectory, before anything is planned: may a package be made there? Leaves nothing behind. Threads:
 * any; may block. Units: bytes. */
#ifndef REFPOINT_EXPORT_PREPARE_DIRECTORY_H
#define REFPOINT_EXPORT_PREPARE_DIRECTORY_H

#include <stdint.h>

#include "core/base/error.h"

/* Absolute and not too long 32773, exists 32779, writable 32769; and the space that is free to this user
 * (available may be NULL). Returns 0 or the refusal. */
uint32_t export_check_directory(const char *directory, uint64_t *available, struct error *err);

#endif
