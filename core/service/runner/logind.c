#include "core/service/runner/logind.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/system/fs.h"

#define FILE_LIMIT ((size_t)1 << 20)

static bool is_yes(const char *value)
{
    return strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0 || strcasecmp(value, "on") == 0 ||
           strcmp(value, "1") == 0;
}

static void read_file(const char *path, bool *kills)
{
    static const char key[] = "KillUserProcesses=";
    struct error ignored = {0};
    CLEANUP_FREE char *text = NULL;
    if (!fs_read(AT_FDCWD, path, FILE_LIMIT, &text, NULL, &ignored))
        return;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
        line += strspn(line, " \t");
        if (strncmp(line, key, sizeof key - 1) == 0) {
            char *value = line + sizeof key - 1;
            value[strcspn(value, " \t")] = '\0';
            *kills = is_yes(value);
        }
    }
}

static bool ends_in_conf(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".conf") == 0;
}

static void read_directory(const char *path, bool *kills)
{
    struct error ignored = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    if (!fs_open_directory(AT_FDCWD, path, &fd, &ignored) || !fs_list(fd, &names, &count, &ignored))
        return;
    for (size_t i = 0; i < count; i++) {
        CLEANUP_FREE char *file = mem_format("%s/%s", path, names[i]);
        if (ends_in_conf(names[i]))
            read_file(file, kills);
    }
    fs_free_names(names, count);
}

bool logind_kills_processes(const char *root)
{
    bool kills = false; /* Debian's default */
    CLEANUP_FREE char *file = mem_format("%s/etc/systemd/logind.conf", root);
    read_file(file, &kills);
    static const char *const directories[] = {"usr/lib", "run", "etc"};
    for (size_t i = 0; i < ARRAY_LENGTH(directories); i++) {
        CLEANUP_FREE char *path = mem_format("%s/%s/systemd/logind.conf.d", root, directories[i]);
        read_directory(path, &kills);
    }
    return kills;
}
