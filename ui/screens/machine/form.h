/* Adding a machine, or changing one: by hand, disk by disk, or from a libvirt definition. Told: machine
 * (none: a new one). Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_MACHINE_FORM_H
#define REFPOINT_UI_SCREENS_MACHINE_FORM_H

#include "ui/app/screen.h"

struct screen *machine_form_screen_new(const struct screen_argument *argument);

#endif
