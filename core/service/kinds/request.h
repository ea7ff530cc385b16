/* What can be said of a request without asking a host, and return codes made whole. Threads: any. Errors:
 * each refusal returns its code, with err filled and a next step. */
#ifndef REFPOINT_SERVICE_KINDS_REQUEST_H
#define REFPOINT_SERVICE_KINDS_REQUEST_H

#include "core/base/error.h"
#include "core/model/model.h"

uint32_t request_refuse(struct error *err, uint32_t code, const char *key, const char *what,
                        const char *next);
/* The return value of a host's method: an error without a word of its own still gets a sentence. */
uint32_t request_answer(struct error *err, uint32_t code, const char *method);

uint32_t request_check_path(const struct object_path *path, struct error *err);
uint32_t request_check_directory(const char *directory, struct error *err);
uint32_t request_check_selection(const struct export_setting_data *settings, struct error *err);

/* Text of a host into a field of a job's identity: escaped, cut. NULL becomes "". */
void request_copy_escaped(char *field, size_t size, const char *text);

#endif
