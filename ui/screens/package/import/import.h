/* Copying the disks out of a package: a form, its progress, and what came of it. Told: path, of the package.
 */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_IMPORT_IMPORT_H
#define REFPOINT_UI_SCREENS_PACKAGE_IMPORT_IMPORT_H

#include "ui/app/screen.h"

struct screen *import_screen_new(const struct screen_argument *argument);

#endif
