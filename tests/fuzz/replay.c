/* Runs every file of the directories named on the command line through a target: how builds without libFuzzer
 * keep what it once found from coming back. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_LIMIT ((size_t)16 << 20)

static bool replay_file(int directory, const char *name, struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    CLEANUP_FREE uint8_t *input = NULL;
    size_t length = 0;
    if (!fs_read(directory, name, INPUT_LIMIT, &text, &length, err))
        return false;
    /* Without the zero byte behind it: a target that reads on is to be seen by the sanitizer. */
    input = malloc(length ? length : 1);
    if (!input)
        return error_set(err, 1, "memory", "no memory for %s", name);
    memcpy(input, text, length);
    LLVMFuzzerTestOneInput(input, length);
    return true;
}

static bool replay_directory(const char *path, size_t *count, struct error *err)
{
    CLEANUP_FD int directory = -1;
    char **names = NULL;
    if (!fs_open_directory(AT_FDCWD, path, &directory, err) || !fs_list(directory, &names, count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < *count && ok; i++)
        ok = replay_file(directory, names[i], err);
    fs_free_names(names, *count);
    return ok;
}

int main(int argc, char **argv)
{
    size_t total = 0;
    for (int i = 1; i < argc; i++) {
        struct error err = {0};
        size_t count = 0;
        if (!replay_directory(argv[i], &count, &err)) {
            fprintf(stderr, "%s: %s\n", err.what, err.cause);
            return 1;
        }
        total += count;
    }
    printf("%zu inputs\n", total);
    return total > 0 ? 0 : 1;
}
