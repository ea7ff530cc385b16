#include "ui/screens/files/look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/image/image.h"
#include "core/image/peek.h"

void file_look_clear(struct file_look *look)
{
    for (size_t i = 0; i < look->chain_count; i++)
        free(look->chain[i].path);
    free(look->chain);
    free(look->path);
    free(look->problem);
    free(look->chain_problem);
    *look = (struct file_look){0};
}

/* O_NONBLOCK: nobody may ever write into a FIFO of that name. */
static int open_file(const char *path, struct stat *status, char **problem)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, status) != 0) {
        *problem = mem_format("cannot be opened: %s", strerror(errno));
        mem_cleanup_fd(&fd);
        return -1;
    }
    if (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode))
        return fd;
    *problem = mem_strdup("is no regular file");
    close(fd);
    return -1;
}

static bool begins_like_xml(int fd)
{
    char bytes[64];
    ssize_t got = pread(fd, bytes, sizeof bytes - 1, 0);
    if (got <= 0)
        return false;
    bytes[got] = '\0';
    const char *at = bytes;
    if (strncmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    at += strspn(at, " \t\r\n");
    return strncmp(at, "<domain", 7) == 0 || strncmp(at, "<?xml", 5) == 0 || strncmp(at, "<!--", 4) == 0;
}

/* Where QEMU would look for it: a relative name is one beside the image. */
static char *beside(const char *image, const char *name)
{
    const char *slash = strrchr(image, '/');
    if (name[0] == '/' || !slash)
        return mem_strdup(name);
    return mem_format("%.*s/%s", (int)(slash - image), image, name);
}

/* A name in a header that is no path: "json:{...}", "nbd://...". */
static bool is_no_path(const char *name)
{
    const char *colon = strchr(name, ':');
    const char *slash = strchr(name, '/');
    return colon && (!slash || colon < slash);
}

struct link {
    char *path;
    char *stored_format; /* NULL: the header above says none */
};

static void inspect(struct file_look *look, int fd, const char *path, struct image_info *info, bool *ok)
{
    struct error err = {0};
    *ok = image_inspect(fd, DISK_FORMAT_QCOW2, path, info, &err);
    if (!*ok)
        look->chain_problem = mem_format("%s%s%s", err.what, *err.cause ? ": " : "", err.cause);
}

/* Takes the next name out of an image's header; false: the chain ends, or is not known further. */
static bool next_link(struct file_look *look, const char *image, const struct image_info *info,
                      struct link *next)
{
    if (!info->backing_name)
        return false;
    if (is_no_path(info->backing_name)) {
        look->chain_problem = mem_format("it is based on \"%s\", which is no file", info->backing_name);
        return false;
    }
    next->path = beside(image, info->backing_name);
    next->stored_format = mem_strdup(info->backing_format);
    return true;
}

static enum disk_format format_of(const struct link *link, int fd)
{
    enum disk_format format = DISK_FORMAT_RAW;
    const char *seen = image_peek_format(fd);
    if (link->stored_format && disk_format_parse(&format, link->stored_format))
        return format;
    return seen && strcmp(seen, "qcow2") == 0 ? DISK_FORMAT_QCOW2 : DISK_FORMAT_RAW;
}

static bool step(struct file_look *look, struct link *link, struct link *next)
{
    struct stat status;
    struct image_info info = {0};
    CLEANUP_FREE char *why = NULL;
    bool ok = true;
    CLEANUP_FD int fd = open_file(link->path, &status, &why);
    if (fd < 0) {
        look->chain_problem = mem_format("%s %s", link->path, why);
        return false;
    }
    enum disk_format format = format_of(link, fd);
    struct backing_file *file = ARRAY_APPEND(look->chain, look->chain_count);
    *file = (struct backing_file){.path = mem_strdup(link->path), .format = format};
    if (format == DISK_FORMAT_QCOW2)
        inspect(look, fd, link->path, &info, &ok);
    bool further = format == DISK_FORMAT_QCOW2 && ok && next_link(look, link->path, &info, next);
    image_info_clear(&info);
    return further;
}

static void follow(struct file_look *look, struct link link)
{
    for (bool further = true; further;) {
        struct link next = {0};
        further = look->chain_count < FILE_LOOK_CHAIN && step(look, &link, &next);
        free(link.path);
        free(link.stored_format);
        link = next;
    }
}

static void look_at_qcow2(struct file_look *look, int fd)
{
    struct image_info info = {0};
    struct link first = {0};
    bool ok = true;
    inspect(look, fd, look->path, &info, &ok);
    if (!ok) {
        look->problem = look->chain_problem;
        look->chain_problem = NULL;
        image_info_clear(&info);
        return;
    }
    look->virtual_size = info.virtual_size;
    look->encrypted = info.encrypted;
    if (next_link(look, look->path, &info, &first))
        follow(look, first);
    image_info_clear(&info);
}

void file_look_run(struct file_look *look, const char *path)
{
    struct stat status;
    *look = (struct file_look){.path = mem_strdup(path)};
    CLEANUP_FD int fd = open_file(path, &status, &look->problem);
    if (fd < 0)
        return;
    look->device = status.st_dev;
    look->inode = status.st_ino;
    look->file_size = (uint64_t)status.st_size;
    look->directory = S_ISDIR(status.st_mode);
    if (look->directory)
        return;
    look->definition = begins_like_xml(fd);
    look->format = image_peek_format(fd);
    look->format = look->format ? look->format : "raw";
    look->usable = disk_format_parse(&look->disk_format, look->format);
    look->virtual_size = look->file_size;
    if (look->usable && look->disk_format == DISK_FORMAT_QCOW2)
        look_at_qcow2(look, fd);
}

char *file_look_text(const struct file_look *look)
{
    char size[32];
    char virtual_size[32];
    struct strbuf text = {0};
    size_format(look->file_size, size, sizeof size);
    size_format(look->virtual_size, virtual_size, sizeof virtual_size);
    if (look->problem)
        return mem_strdup(look->problem);
    if (look->directory)
        return mem_strdup("a directory");
    if (look->definition)
        return mem_format("XML, %s: it may be a libvirt definition", size);
    if (!look->usable)
        return mem_format("begins like %s, which is not supported: convert it to qcow2 (qemu-img convert)",
                          look->format);
    if (look->disk_format == DISK_FORMAT_RAW)
        return mem_format("%s: begins like no image format, so it may be a raw disk", size);
    strbuf_addf(&text, "qcow2, %s (file %s)%s", virtual_size, size,
                look->encrypted ? ", encrypted: not supported" : "");
    for (size_t i = 0; i < look->chain_count; i++)
        strbuf_addf(&text, "%s%s (%s)", i ? ", that on " : ", based on ", look->chain[i].path,
                    disk_format_word(look->chain[i].format));
    if (look->chain_problem)
        strbuf_addf(&text, "; %s", look->chain_problem);
    return strbuf_take(&text);
}
