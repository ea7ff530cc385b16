/* How a command line ends: 0 done, 1 failed or unknown, 2 refused, 130 cancelled. */
#ifndef REFPOINT_CLI_LINE_STATUS_H
#define REFPOINT_CLI_LINE_STATUS_H

enum cli_status { CLI_DONE = 0, CLI_FAILED = 1, CLI_REFUSED = 2, CLI_CANCELLED = 130 };

#endif
