#include "core/base/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"

#define ENTRY_FIRST 1024
#define ENTRY_LIMIT (1U << 20) /* groups with thousands of members */

char *account_name(uid_t user)
{
    for (size_t size = ENTRY_FIRST; size <= ENTRY_LIMIT; size *= 4) {
        CLEANUP_FREE char *buffer = mem_alloc(size);
        struct passwd entry;
        struct passwd *found = NULL;
        int number = getpwuid_r(user, &entry, buffer, size, &found);
        if (found)
            return mem_strdup(found->pw_name);
        if (number != ERANGE)
            break;
    }
    return mem_format("%u", (unsigned)user);
}

char *account_group_name(gid_t group)
{
    for (size_t size = ENTRY_FIRST; size <= ENTRY_LIMIT; size *= 4) {
        CLEANUP_FREE char *buffer = mem_alloc(size);
        struct group entry;
        struct group *found = NULL;
        int number = getgrgid_r(group, &entry, buffer, size, &found);
        if (found)
            return mem_strdup(found->gr_name);
        if (number != ERANGE)
            break;
    }
    return mem_format("%u", (unsigned)group);
}

static bool contains(const gid_t *groups, int count, gid_t group)
{
    for (int i = 0; i < count; i++) {
        if (groups[i] == group)
            return true;
    }
    return false;
}

bool account_acts_for(gid_t group)
{
    if (getegid() == group)
        return true;
    int count = getgroups(0, NULL);
    if (count <= 0)
        return false;
    CLEANUP_FREE gid_t *groups = mem_alloc((size_t)count * sizeof *groups);
    count = getgroups(count, groups);
    return contains(groups, count, group);
}

bool account_is_entered_in(gid_t group)
{
    CLEANUP_FREE char *user = account_name(geteuid());
    int count = 64;
    CLEANUP_FREE gid_t *groups = mem_alloc((size_t)count * sizeof *groups);
    if (getgrouplist(user, getegid(), groups, &count) < 0) {
        groups = mem_realloc(groups, (size_t)count * sizeof *groups);
        if (getgrouplist(user, getegid(), groups, &count) < 0)
            return false;
    }
    return contains(groups, count, group);
}
