/* Holding a package: who reads one, or builds upon it, has a shared flock on its directory until it has
 * ended; who removes it wants the lock alone. So what is in use is not removed, and what is removed is found
 * gone by whoever comes then. Versions of the program that cannot remove packages take no lock.
 *
 * The lock belongs to the descriptor of the package's directory, and ends with it. Threads: any. */
#ifndef REFPOINT_EXPORT_PACKAGE_HOLD_H
#define REFPOINT_EXPORT_PACKAGE_HOLD_H

#include "core/base/error.h"

/* To use it. It lies under this path then, and stays there. A moment's waiting for who holds it alone; then
 * 32774 "package.held"; 32779 "package.gone" where it is no longer there. On a file system without such locks
 * it is not held, and whoever wants to remove it cannot. */
bool package_hold(int fd, const char *path, struct error *err) WARN_UNUSED;
/* To remove it, without waiting: 32774 "package.in-use", 32779 "package.gone", 32770 "package.no-locks". */
bool package_hold_alone(int fd, const char *path, struct error *err) WARN_UNUSED;

#endif
