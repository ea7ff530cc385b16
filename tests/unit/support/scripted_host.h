/* A host whose export does what a script says, for tests of jobs, runners and the service without disks.
 *
 * DIRECTORY/script holds words, done in order; DIRECTORY/gate is a FIFO: a byte in it lets one "wait" go on.
 * On opening: refuse-open, die-open, wait-open. On checking: refuse-check. On exporting:
 *   disks    one disk of 4 MiB, phase copy          many     3,000 disks with long names
 *   step     1 MiB done and logged                  spin     checkpoints until a byte or a cancel comes
 *   wait     until a byte or a cancel comes         fail     an error of its own: 32774, "scripted.failure"
 *   die      SIGKILL to itself                      choke    no file can be written any more ... breathe
 * At the end the package is DIRECTORY-of-export/package. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_SCRIPTED_HOST_H
#define REFPOINT_TESTS_UNIT_SUPPORT_SCRIPTED_HOST_H

#include "core/host/host.h"

struct host *scripted_host_open(const char *directory, struct error *err);
void scripted_host_write(const char *directory, const char *script); /* makes the gate, too */
void scripted_host_release(const char *directory);                   /* one byte through the gate */

#endif
