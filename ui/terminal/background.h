/* Whether a terminal is dark or light, from what it answers and from the environment.
 *
 * Not to be asked (answers.h): a console or a VT, which have no such question, and GNU screen, which hands it
 * to the terminal around it, so that the answer comes after screen's own to the next question, or never;
 * tmux, which uses screen's name, answers by itself. Threads: any that may read the environment. */
#ifndef REFPOINT_UI_TERMINAL_BACKGROUND_H
#define REFPOINT_UI_TERMINAL_BACKGROUND_H

#include "ui/terminal/answers.h"

enum background { BACKGROUND_UNKNOWN, BACKGROUND_DARK, BACKGROUND_LIGHT };

bool background_can_be_asked(void);
/* By the brightness that an eye sees in it (Rec. 709). */
enum background background_answered(const struct answers *answers);
/* COLORFGBG, of rxvt and others: "15;0", or "15;default;0"; the last is the background, of the 16. */
enum background background_told(void);

#endif
