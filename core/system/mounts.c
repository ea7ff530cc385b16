#include "core/system/mounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/mem.h"

#define PLACES_LIMIT 64
#define PATH_FIELD 4 /* "36 35 98:0 /root /mount/point options ... - type source super-options" */
#define OPTIONS_FIELD 5

static const char *const local_types[] = {"ext2", "ext3",  "ext4",     "xfs",  "btrfs",
                                          "zfs",  "f2fs",  "jfs",      "vfat", "exfat",
                                          "ntfs", "ntfs3", "bcachefs", "9p",   "fuseblk"};
static const char *const network_types[] = {"nfs",   "nfs4", "cifs",   "smb3",       "ceph",
                                            "ocfs2", "gfs2", "lustre", "fuse.sshfs", "fuse.glusterfs"};

static bool is_among(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0)
            return true;
    }
    return false;
}

static bool is_beneath(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && (!path[length] || path[length] == '/');
}

static bool is_of_the_system(const char *path)
{
    static const char *const own[] = {"/proc", "/sys",  "/dev", "/boot",           "/etc",
                                      "/usr",  "/snap", "/nix", "/var/lib/docker", "/var/lib/containers"};
    if (strcmp(path, "/") == 0 || (is_beneath(path, "/run") && !is_beneath(path, "/run/media")))
        return true;
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++) {
        if (is_beneath(path, own[i]))
            return true;
    }
    return false;
}

static int octal(const char *text)
{
    int value = 0;
    for (int i = 0; i < 3; i++) {
        if (text[i] < '0' || text[i] > '7')
            return -1;
        value = value * 8 + (text[i] - '0');
    }
    return value;
}

/* "\040" is a blank; in place. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        int value = *from == '\\' ? octal(from + 1) : -1;
        *to++ = value > 0 ? (char)value : *from;
        from += value > 0 ? 3 : 0;
    }
    *to = '\0';
}

static bool is_read_only(const char *options)
{
    return strcmp(options, "ro") == 0 || strncmp(options, "ro,", 3) == 0;
}

/* Cuts a line of the table into what is needed of it. */
static bool parse(char *line, char **path, char **type)
{
    char *rest = line;
    char *field = NULL;
    size_t number = 0;
    bool behind = false;
    *path = *type = NULL;
    for (; (field = strsep(&rest, " ")); number++) {
        if (behind) {
            *type = field;
            return *path != NULL;
        }
        if (number == PATH_FIELD)
            *path = field;
        if (number == OPTIONS_FIELD && is_read_only(field))
            return false;
        behind = number > OPTIONS_FIELD && strcmp(field, "-") == 0;
    }
    return false;
}

static bool is_listed(const struct mounts *mounts, const char *path)
{
    for (size_t i = 0; i < mounts->count; i++) {
        if (strcmp(mounts->items[i].path, path) == 0)
            return true;
    }
    return false;
}

/* Directories with room that this account may write to; a file can be mounted too. */
static bool look_at(const char *path, uint64_t *available)
{
    struct stat info;
    struct statvfs room;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode) || access(path, W_OK | X_OK) != 0 ||
        statvfs(path, &room) != 0)
        return false;
    *available = (uint64_t)room.f_bavail * room.f_frsize;
    return *available > 0 && !(room.f_flag & ST_RDONLY);
}

static void take(struct mounts *mounts, char *line)
{
    char *path = NULL;
    char *type = NULL;
    uint64_t available = 0;
    if (!parse(line, &path, &type) || mounts->count == PLACES_LIMIT)
        return;
    unescape(path);
    bool network = is_among(network_types, ARRAY_LENGTH(network_types), type);
    bool local = is_among(local_types, ARRAY_LENGTH(local_types), type);
    if ((!network && !local) || is_of_the_system(path) || is_listed(mounts, path) ||
        (local && !look_at(path, &available)))
        return;
    *ARRAY_APPEND(mounts->items, mounts->count) = (struct mounted){
        .path = mem_strdup(path), .type = mem_strdup(type), .network = network, .available = available};
}

static int compare(const void *left, const void *right)
{
    const struct mounted *a = left;
    const struct mounted *b = right;
    if (a->network != b->network)
        return a->network ? 1 : -1;
    if (a->available != b->available)
        return a->available > b->available ? -1 : 1;
    return strcmp(a->path, b->path);
}

void mounts_read(const char *table, struct mounts *mounts)
{
    *mounts = (struct mounts){0};
    FILE *file = fopen(table ? table : "/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t room = 0;
    while (file && getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        take(mounts, line);
    }
    free(line);
    if (file)
        fclose(file);
    if (mounts->count > 1)
        qsort(mounts->items, mounts->count, sizeof *mounts->items, compare);
}

void mounts_clear(struct mounts *mounts)
{
    for (size_t i = 0; i < mounts->count; i++) {
        free(mounts->items[i].path);
        free(mounts->items[i].type);
    }
    free(mounts->items);
    *mounts = (struct mounts){0};
}
