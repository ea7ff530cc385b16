#ifndef TESTS_UNIT_SUPPORT_LUKS_H
#define TESTS_UNIT_SUPPORT_LUKS_H

/*
 * Makes an encrypted image of 8 MiB. QEMU measures how fast it derives a key, and gives up when the machine's
 * clock of processor time is too coarse to measure that: asked again then. Fails the test on anything else.
 *
 * format: "luks", the whole file; "qcow2", LUKS within it.
 */
void make_luks(const char *format, const char *path);

#endif
