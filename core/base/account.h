/* Accounts and groups of this system, for messages. Returned strings are the caller's. Threads: any. */
#ifndef REFPOINT_BASE_ACCOUNT_H
#define REFPOINT_BASE_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

/* Their names; the number where they have none. */
char *account_name(uid_t user);
char *account_group_name(gid_t group);

/* Whether this process acts for the group, and whether the database of groups has its account in it: a login
 * from before the account was added has only the second. */
bool account_acts_for(gid_t group);
bool account_is_entered_in(gid_t group);

#endif
