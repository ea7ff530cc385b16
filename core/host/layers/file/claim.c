/* Locks are taken before they are tested, as QEMU does: of two that come at once, at least one sees the
 * other.
 */
#include "core/host/layers/file/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include "core/base/return_code.h"

#define PERMISSION_BYTE 100
#define UNSHARED_BYTE 200

enum permission { PERMISSION_WRITE = 1, PERMISSION_RESIZE = 3 };

static struct flock byte_lock(short type, int byte)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

static bool hold(int fd, int byte, const char *path, struct error *err)
{
    struct flock lock = byte_lock(F_RDLCK, byte);
    if (fcntl(fd, F_OFD_SETLK, &lock) != 0)
        return error_errno(err, errno, "image.lock", "cannot lock %s", path);
    return true;
}

static bool in_use(const char *path, struct error *err)
{
    error_set(err, RETURN_IN_USE, "image.in-use", "%s is open elsewhere", path);
    return error_next(err, "Shut the machine down (or end the program that has the image open), then try "
                           "again.");
}

/* Would an exclusive lock fail, because somebody else holds a shared one? */
static bool test_free(int fd, int byte, const char *path, struct error *err)
{
    struct flock lock = byte_lock(F_WRLCK, byte);
    if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
        return error_errno(err, errno, "image.lock", "cannot look at the locks of %s", path);
    return lock.l_type == F_UNLCK || in_use(path, err);
}

static bool take_qemu_locks(int fd, enum claim claim, const char *path, struct error *err)
{
    bool ok = hold(fd, UNSHARED_BYTE + PERMISSION_WRITE, path, err) &&
              hold(fd, UNSHARED_BYTE + PERMISSION_RESIZE, path, err);
    if (ok && claim == CLAIM_CHANGE)
        ok = hold(fd, PERMISSION_BYTE + PERMISSION_WRITE, path, err) &&
             hold(fd, PERMISSION_BYTE + PERMISSION_RESIZE, path, err) &&
             test_free(fd, UNSHARED_BYTE + PERMISSION_WRITE, path, err) &&
             test_free(fd, UNSHARED_BYTE + PERMISSION_RESIZE, path, err);
    return ok && test_free(fd, PERMISSION_BYTE + PERMISSION_WRITE, path, err) &&
           test_free(fd, PERMISSION_BYTE + PERMISSION_RESIZE, path, err);
}

static bool take_lease(int fd, const char *path, struct error *err)
{
    /* Whoever opens the file breaks the lease, of which the kernel tells by a signal: SIGIO would end the
     * program, SIGURG is ignored unless asked for. */
    if (fcntl(fd, F_SETSIG, SIGURG) != 0)
        return error_errno(err, errno, "image.lease", "cannot watch %s", path);
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0)
        return true;
    if (errno == EAGAIN || errno == EBUSY)
        return in_use(path, err);
    int ignored = fcntl(fd, F_SETSIG, 0);
    (void)ignored;
    /* EACCES: somebody else's file; EINVAL, EOPNOTSUPP, ENOLCK: the file system has no leases. QEMU's locks
     * are then all there is to see. */
    return true;
}

bool file_claim(int fd, enum claim claim, const char *path, struct error *err)
{
    if (!take_qemu_locks(fd, claim, path, err) || !take_lease(fd, path, err))
        return false;
    if (claim != CLAIM_STILL)
        fcntl(fd, F_SETLEASE, F_UNLCK);
    return true;
}

bool file_claim_holds(int fd, const char *path, struct error *err)
{
    /* F_RDLCK: held. F_UNLCK: never had where leases do not work, else being broken. F_GETSIG tells which. */
    if (fcntl(fd, F_GETLEASE) == F_RDLCK || fcntl(fd, F_GETSIG) != SIGURG)
        return true;
    return in_use(path, err);
}

bool file_claim_release(int fd, const char *path, struct error *err)
{
    fcntl(fd, F_SETLEASE, F_UNLCK);
    struct flock lock = {
        .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = PERMISSION_BYTE, .l_len = UNSHARED_BYTE};
    if (fcntl(fd, F_OFD_SETLK, &lock) != 0)
        return error_errno(err, errno, "image.lock", "cannot unlock %s", path);
    return true;
}

bool file_claim_unpinned(int fd, const char *path, struct error *err)
{
    int outcome;
    do
        outcome = flock(fd, LOCK_EX | LOCK_NB);
    while (outcome != 0 && errno == EINTR);
    if (outcome == 0)
        return true;
    if (errno != EWOULDBLOCK)
        return error_errno(err, errno, "image.lock", "cannot lock %s", path);
    error_set(err, RETURN_IN_USE, "point.pinned", "a running export reads %s", path);
    return error_next(err, "Wait until the export has ended, or cancel it, then try again.");
}
