/* What the two sides of a guardian say to each other, a character each. Nobody else includes it. */
#ifndef REFPOINT_HOST_LIBVIRT_LIVE_GUARDIAN_WORDS_H
#define REFPOINT_HOST_LIBVIRT_LIVE_GUARDIAN_WORDS_H

#define GUARDIAN_FD 3
#define GUARDIAN_LOCK_FD 4
#define GUARDIAN_READY "r" /* it is connected and knows the machines */
#define GUARDIAN_WATCH 'w'
#define GUARDIAN_HOLD 'h' /* the time that it may take begins */
#define GUARDIAN_LET_GO 'g'

#endif
