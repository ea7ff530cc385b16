/* Changing one statement of a configuration file as text, so that everything else in it stays as somebody has
 * written it, comments too. What comes out is believed only after it was parsed (settings.c). Threads: any.
 */
#ifndef REFPOINT_SETTINGS_EDIT_H
#define REFPOINT_SETTINGS_EDIT_H

/* The text with `statement` ("bell = true;") in the place of the one that gives `name` on that line (from 1;
 * 0: there is none, it comes to the end); statement NULL: without it. NULL: it does not stand there in a way
 * that is understood. The caller's. */
char *settings_edit(const char *text, unsigned line, const char *name, const char *statement);

#endif
