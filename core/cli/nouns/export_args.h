/* From the words of `refpoint export` to the request of ExportReferencePoint. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_EXPORT_ARGS_H
#define REFPOINT_CLI_NOUNS_EXPORT_ARGS_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

/* Fills an empty request: names are looked up on the host, --only in the machines that the point recorded;
 * directories are taken from the working directory, since the method itself takes absolute ones only. */
bool export_args_read(struct cli *cli, const struct args *args, struct export_request *request,
                      struct error *err) WARN_UNUSED;

/* MACHINE or MACHINE/DISK among the point's members, added to settings. A name may hold a slash: where the
 * text can be read in more than one way it is refused (32773, machine.ambiguous). A whole machine covers
 * disks of it that are named as well. */
bool export_args_add_only(struct export_setting_data *settings, const struct reference_point *point,
                          const char *text, struct error *err) WARN_UNUSED;

#endif
