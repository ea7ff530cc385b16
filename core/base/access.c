#include "core/base/access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/base/account.h"
#include "core/base/mem.h"
#include "core/base/refusal.h"
#include "core/base/text.h"

static const char *verb(const struct refusal *refusal)
{
    if (S_ISSOCK(refusal->status.st_mode))
        return "used";
    if (refusal->need & W_OK)
        return S_ISDIR(refusal->status.st_mode) ? "changed" : "written";
    return refusal->need & R_OK ? "read" : "entered";
}

static bool all_of(unsigned mode, int need)
{
    return (mode & (unsigned)need) == (unsigned)need;
}

/* With an access list the bits of the group are the list's mask, and tell nothing of the group. */
static bool has_list(const struct refusal *refusal)
{
    return getxattr(refusal->path, "system.posix_acl_access", NULL, 0) > 0;
}

static bool group_may(const struct refusal *refusal)
{
    return all_of(refusal->status.st_mode >> 3, refusal->need) && !has_list(refusal);
}

/* "root", "root and libvirt-qemu", "root, libvirt-qemu and the group kvm". */
static char *who_may(const struct refusal *refusal)
{
    const struct stat *status = &refusal->status;
    bool owner = status->st_uid != 0 && all_of(status->st_mode >> 6, refusal->need);
    bool group = group_may(refusal);
    CLEANUP_FREE char *owner_name = account_name(status->st_uid);
    CLEANUP_FREE char *group_name = account_group_name(status->st_gid);
    return mem_format("root%s%s%s%s", owner ? (group ? ", " : " and ") : "", owner ? owner_name : "",
                      group ? " and the group " : "", group ? group_name : "");
}

/* The entry of an access list goes before the bits for all: it gives what the account has, and what it
 * needs. */
static char *letters(const struct refusal *refusal)
{
    static const struct {
        int right;
        char letter;
    } rights[] = {{R_OK, 'r'}, {W_OK, 'w'}, {X_OK, 'x'}};
    char made[4] = "";
    for (size_t i = 0; i < ARRAY_LENGTH(rights); i++) {
        int right = rights[i].right;
        if ((refusal->need & right) || faccessat(AT_FDCWD, refusal->path, right, AT_EACCESS) == 0)
            made[strlen(made)] = rights[i].letter;
    }
    return mem_strdup(made);
}

static char *say_root(const struct refusal *refusal)
{
    CLEANUP_FREE char *owner = account_name(refusal->status.st_uid);
    return mem_format("%s cannot be %s even by this root: so it is on NFS with root_squash, in a container "
                      "whose root is not the host's, and without root's capabilities. Run as %s, its owner, "
                      "or as root of the host that stores it.",
                      refusal->path, verb(refusal), owner);
}

static char *say_own(const struct refusal *refusal)
{
    CLEANUP_FREE char *quoted = text_shell_quote(refusal->path);
    CLEANUP_FREE char *rights = letters(refusal);
    return mem_format("%s is this account's own, but its mode does not let it be %s: chmod u+%s %s",
                      refusal->path, verb(refusal), rights, quoted);
}

static char *say_group(const struct refusal *refusal, const char *facts, const char *user)
{
    CLEANUP_FREE char *group = account_group_name(refusal->status.st_gid);
    CLEANUP_FREE char *quoted_group = text_shell_quote(group);
    CLEANUP_FREE char *quoted_user = text_shell_quote(user);
    if (account_is_entered_in(refusal->status.st_gid))
        return mem_format("%s %s has been added to the group %s, but not yet when this session began: log in "
                          "again.",
                          facts, user, group);
    return mem_format("%s Run refpoint as root (sudo), or join the group: sudo usermod -aG %s %s, then log "
                      "in again.",
                      facts, quoted_group, quoted_user);
}

static char *say_list(const struct refusal *refusal, const char *facts, const char *user)
{
    CLEANUP_FREE char *quoted = text_shell_quote(refusal->path);
    CLEANUP_FREE char *quoted_user = text_shell_quote(user);
    CLEANUP_FREE char *rights = letters(refusal);
    return mem_format("%s Run refpoint as root (sudo), or give %s the right: sudo setfacl -m u:%s:%s %s",
                      facts, user, quoted_user, rights, quoted);
}

static char *say_other(const struct refusal *refusal)
{
    const struct stat *status = &refusal->status;
    CLEANUP_FREE char *user = account_name(geteuid());
    CLEANUP_FREE char *may = who_may(refusal);
    bool listed = has_list(refusal);
    bool for_all = all_of(status->st_mode, refusal->need);
    bool acts = account_acts_for(status->st_gid);
    if (for_all && !acts && !listed)
        return NULL; /* its bits are not what refuses */
    CLEANUP_FREE char *facts =
        for_all || listed ? mem_format("%s cannot be %s by %s.", refusal->path, verb(refusal), user)
                          : mem_format("%s can be %s by %s only.", refusal->path, verb(refusal), may);
    /* Root's group is nobody's to join, and an account without a name cannot be entered in one. */
    bool joins = group_may(refusal) && status->st_gid != 0 && !acts && !(*user >= '0' && *user <= '9');
    return joins ? say_group(refusal, facts, user) : say_list(refusal, facts, user);
}

static char *say_owner(const struct refusal *refusal)
{
    CLEANUP_FREE char *owner = account_name(refusal->status.st_uid);
    CLEANUP_FREE char *quoted = text_shell_quote(owner);
    return mem_format("%s belongs to %s, and only its owner or root may do that: run refpoint as root "
                      "(sudo), or as its owner (sudo -u %s).",
                      refusal->path, owner, quoted);
}

static char *say(const struct refusal *refusal)
{
    if (geteuid() == 0)
        return say_root(refusal);
    return refusal->status.st_uid == geteuid() ? say_own(refusal) : say_other(refusal);
}

char *access_advice(const char *path, int number)
{
    CLEANUP_REFUSAL struct refusal refusal = {0};
    if (number == EPERM)
        return refusal_find_owner(path, &refusal) ? say_owner(&refusal) : NULL;
    return number == EACCES && refusal_find(path, &refusal) ? say(&refusal) : NULL;
}

char *access_advice_to_change(const char *directory, int number)
{
    CLEANUP_REFUSAL struct refusal refusal = {0};
    return number == EACCES && refusal_find_of(directory, R_OK | W_OK | X_OK, &refusal) ? say(&refusal)
                                                                                        : NULL;
}

char *access_advice_to_change_fd(int directory, int number)
{
    char path[PATH_MAX];
    CLEANUP_FREE char *link = mem_format("/proc/self/fd/%d", directory);
    ssize_t length = number == EACCES ? readlink(link, path, sizeof path - 1) : -1;
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    return access_advice_to_change(path, number);
}

static bool can_end_here(const char *end)
{
    return *end == '\0' || strchr(" ,:;)'\"", *end);
}

static bool is_there(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0 || errno == EACCES;
}

/* The path in a message that begins here: the longest that is there (or behind what refuses), else all of it,
 * the name of something that could not be made. */
static char *advice_at(const char *start, int number)
{
    for (size_t length = strlen(start); length > 0; length--) {
        if (!can_end_here(start + length))
            continue;
        CLEANUP_FREE char *path = mem_strndup(start, length);
        if (is_there(path))
            return access_advice(path, number);
    }
    return access_advice(start, number);
}

char *access_advice_in(const char *message, int number)
{
    for (const char *at = message; *at; at++) {
        if (*at != '/' || (at != message && !strchr(" '\"(", at[-1])))
            continue;
        char *advice = advice_at(at, number);
        if (advice)
            return advice;
    }
    return NULL;
}
