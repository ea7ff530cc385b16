#include "core/system/touch.h"

#include <string.h>
#include <sys/xattr.h>

#define SELINUX_LABEL "security.selinux"
#define LABEL_LIMIT 4096
/* Of files that several machines may read, as backing files are (libvirt's default of SELinux' policy). */
#define LABEL_BENEATH ":virt_content_t:"

struct touch touch_of(const struct stat *status)
{
    return (struct touch){
        .at = {.seconds = status->st_ctim.tv_sec, .nanoseconds = (int32_t)status->st_ctim.tv_nsec},
        .owner = status->st_uid,
        .group = status->st_gid};
}

bool touch_is_known(const struct touch *touch)
{
    return touch->at.seconds != 0 || touch->at.nanoseconds != 0;
}

bool touch_equal(const struct touch *one, const struct touch *other)
{
    return moment_compare(one->at, other->at) == 0 && one->owner == other->owner &&
           one->group == other->group;
}

static bool is_labelled_at_each_start(const char *path)
{
    char label[LABEL_LIMIT + 1];
    ssize_t length = lgetxattr(path, SELINUX_LABEL, label, LABEL_LIMIT);
    if (length <= 0)
        return false;
    label[length] = '\0';
    return strstr(label, LABEL_BENEATH) != NULL;
}

bool touch_is_suspicious(const struct touch *then, const struct stat *now, const char *path)
{
    const struct touch is = touch_of(now);
    /* Of one that we have open and that has no name any more, it is known what was done last. */
    if (now->st_nlink == 0)
        return false;
    return touch_is_known(then) && moment_compare(then->at, is.at) != 0 && then->owner == is.owner &&
           then->group == is.group && !is_labelled_at_each_start(path);
}
