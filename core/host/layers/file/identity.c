#include "core/host/layers/file/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"

#define XATTR_LIMIT ((size_t)65536) /* the kernel's own limit of a value */
#define PERMISSION_BITS 07777
#define SELINUX_LABEL "security.selinux"

struct file_identity file_identity_of(const struct stat *status)
{
    return (struct file_identity){
        .inode = status->st_ino,
        .size = (uint64_t)status->st_size,
        .modified = {.seconds = status->st_mtim.tv_sec, .nanoseconds = (int32_t)status->st_mtim.tv_nsec},
        .mode = status->st_mode & PERMISSION_BITS};
}

bool file_identity_matches(const struct file_identity *identity, const struct stat *status)
{
    struct file_identity now = file_identity_of(status);
    return now.inode == identity->inode && now.size == identity->size &&
           moment_compare(now.modified, identity->modified) == 0;
}

/* As text: inode numbers and times use more than libconfig's 63 bits, or are negative. */
void file_identity_to_cfg(const struct file_identity *identity, config_setting_t *parent, const char *name)
{
    CLEANUP_FREE char *text =
        mem_format("inode=%" PRIu64 " size=%" PRIu64 " modified=%" PRId64 ".%09" PRId32 " mode=%04" PRIo32,
                   identity->inode, identity->size, identity->modified.seconds,
                   identity->modified.nanoseconds, identity->mode);
    cfg_put_text(parent, name, text);
}

struct file_identity file_identity_from_cfg(const config_setting_t *parent, const char *name)
{
    struct file_identity identity = {0};
    const char *text = cfg_get_text(parent, name, "");
    int end = 0;
    int found = sscanf(
        text, "inode=%" SCNu64 " size=%" SCNu64 " modified=%" SCNd64 ".%9" SCNd32 " mode=%" SCNo32 "%n",
        &identity.inode, &identity.size, &identity.modified.seconds, &identity.modified.nanoseconds,
        &identity.mode, &end);
    return found == 5 && text[end] == '\0' ? identity : (struct file_identity){0};
}

static bool has_same_value(int to, const char *name, const void *value, size_t length)
{
    CLEANUP_FREE char *other = mem_alloc(XATTR_LIMIT);
    ssize_t got = fgetxattr(to, name, other, XATTR_LIMIT);
    return got >= 0 && (size_t)got == length && memcmp(other, value, length) == 0;
}

static bool copy_attribute(int from, int to, const char *name, const char *path, struct error *err)
{
    CLEANUP_FREE char *value = mem_alloc(XATTR_LIMIT);
    ssize_t length = fgetxattr(from, name, value, XATTR_LIMIT);
    if (length < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) {
        /* A default ACL of the directory may have given the new file what the old one has not. */
        if (fremovexattr(to, name) == 0 || errno == ENODATA || errno == EOPNOTSUPP)
            return true;
        /* A label that the system gives to every file cannot be taken away, nor need it be. */
        if (strcmp(name, SELINUX_LABEL) == 0)
            return true;
        return error_errno(err, errno, "image.attributes", "cannot clear %s of %s", name, path);
    }
    if (length < 0)
        return error_errno(err, errno, "image.attributes", "cannot read %s for %s", name, path);
    if (has_same_value(to, name, value, (size_t)length) || fsetxattr(to, name, value, (size_t)length, 0) == 0)
        return true;
    return error_errno(err, errno, "image.attributes", "cannot give %s to %s", name, path);
}

bool file_copy_manner(int from, int to, const char *path, struct error *err)
{
    struct stat wanted;
    struct stat has;
    if (fstat(from, &wanted) != 0 || fstat(to, &has) != 0)
        return error_errno(err, errno, "image.attributes", "cannot look at %s", path);
    if ((wanted.st_uid != has.st_uid || wanted.st_gid != has.st_gid) &&
        fchown(to, wanted.st_uid, wanted.st_gid) != 0) {
        error_errno(err, errno, "image.attributes", "cannot give %s to the owner of the image", path);
        return error_next(err, "Run as the owner of the image, or as root.");
    }
    if (!copy_attribute(from, to, SELINUX_LABEL, path, err) ||
        !copy_attribute(from, to, "system.posix_acl_access", path, err))
        return false;
    /* Last: a change of owner or ACL changes mode bits too. */
    if (fchmod(to, wanted.st_mode & PERMISSION_BITS) != 0)
        return error_errno(err, errno, "image.attributes", "cannot set the mode of %s", path);
    return true;
}
