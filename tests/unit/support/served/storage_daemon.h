/* A qemu-storage-daemon as a child, told what to do over QMP: what serves a disk in place of a machine.
 *
 * It works in a directory of the test's, serves on the socket "nbd" there, and ends with the thread that
 * started it. What it refuses ends the test. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_STORAGE_DAEMON_H
#define REFPOINT_TESTS_UNIT_SUPPORT_STORAGE_DAEMON_H

#include <stdio.h>
#include <sys/types.h>

struct storage_daemon {
    pid_t pid;
    FILE *to;
    FILE *from;
    char socket[96];
    unsigned long jobs_gone; /* how many jobs are over and forgotten */
};

void storage_daemon_start(struct storage_daemon *daemon, const char *directory);
/* A QMP command as JSON, with ' in place of ". */
void storage_daemon_do(struct storage_daemon *daemon, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Until that many jobs are gone. */
void storage_daemon_wait_jobs(struct storage_daemon *daemon, unsigned long count);
/* At once, without a word to anybody; does nothing when it has ended. */
void storage_daemon_kill(struct storage_daemon *daemon);

#endif
