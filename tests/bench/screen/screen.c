/* Measures the full screen on a pseudo-terminal of 80x24, as whoever sits at it would: from what is sent to
 * what stands on the terminal.
 *
 *   bench_screen PROGRAM start ROUNDS TEXT...  from exec to each TEXT on the screen
 *   bench_screen PROGRAM keys COUNT KEY        a key to the place of the cursor that it moves
 *   bench_screen PROGRAM quiet SECONDS [KEY..] after the keys: bytes sent, and how often any of its threads
 * woke bench_screen PROGRAM ticks SECONDS [KEY..] after the keys: bytes that come together, largest and
 * middle
 *
 * What the program finds is in the environment: REFPOINT_STORE, XDG_STATE_HOME, XDG_CONFIG_HOME. One line for
 * each result: NAME=VALUE words, times in milliseconds. */
#include <dirent.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "tests/screen/terminal.h"

#define ROWS 24
#define COLUMNS 80
#define PATIENCE_MS 60000
#define TOGETHER_MS 100 /* what comes within this is one picture */

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1000 + (double)time.tv_nsec / 1e6;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void print_times(const char *name, double *times, size_t count)
{
    qsort(times, count, sizeof *times, compare);
    printf("%s median=%.1f least=%.1f p99=%.1f most=%.1f\n", name, times[count / 2], times[0],
           times[count * 99 / 100], times[count - 1]);
}

static char *variable(const char *name)
{
    const char *value = getenv(name);
    return mem_format("%s=%s", name, value ? value : "");
}

static struct terminal *open_screen(const char *program)
{
    CLEANUP_FREE char *store = variable("REFPOINT_STORE");
    CLEANUP_FREE char *state = variable("XDG_STATE_HOME");
    CLEANUP_FREE char *config = variable("XDG_CONFIG_HOME");
    const char *environment[] = {store, state, config, "HOME=/nonexistent", NULL};
    const char *argv[] = {program, NULL};
    return terminal_open(
        &(struct terminal_spec){.argv = argv, .environment = environment, .rows = ROWS, .columns = COLUMNS});
}

static bool await(struct terminal *terminal, const char *text, double end)
{
    while (!terminal_has_text(terminal, text)) {
        if (!terminal_read(terminal, 1000) && now_ms() > end)
            return false;
    }
    return true;
}

static int give_up(struct terminal *terminal, const char *what)
{
    CLEANUP_FREE char *text = terminal_text(terminal);
    fprintf(stderr, "bench_screen: %s\n%s\n", what, text);
    terminal_close(terminal);
    return 1;
}

static int measure_start(const char *program, unsigned rounds, char **texts, size_t count)
{
    double *times = mem_alloc(count * rounds * sizeof *times);
    for (unsigned round = 0; round < rounds; round++) {
        double begin = now_ms();
        struct terminal *terminal = open_screen(program);
        for (size_t i = 0; i < count; i++) {
            if (!await(terminal, texts[i], begin + PATIENCE_MS))
                return give_up(terminal, texts[i]);
            times[i * rounds + round] = now_ms() - begin;
        }
        terminal_close(terminal);
    }
    for (size_t i = 0; i < count; i++) {
        CLEANUP_FREE char *name = mem_format("start text=\"%s\"", texts[i]);
        print_times(name, times + i * rounds, rounds);
    }
    free(times);
    return 0;
}

struct place {
    int row;
    int column;
    char *text; /* of its row */
};

static struct place place_of(struct terminal *terminal)
{
    struct place place;
    terminal_cursor(terminal, &place.row, &place.column);
    place.text = terminal_cursor_row(terminal);
    return place;
}

static bool is_elsewhere(struct terminal *terminal, const struct place *before)
{
    struct place place = place_of(terminal);
    bool moved = place.row != before->row || strcmp(place.text, before->text) != 0;
    free(place.text);
    return moved;
}

static int measure_keys(const char *program, unsigned count, char **keys, size_t key_count)
{
    double *times = mem_alloc(count * sizeof *times);
    struct terminal *terminal = open_screen(program);
    terminal_sync(terminal);
    for (size_t i = 0; i + 1 < key_count; i++)
        terminal_press(terminal, keys[i]);
    for (unsigned i = 0; i < count; i++) {
        struct place before = place_of(terminal);
        double begin = now_ms();
        terminal_keys(terminal, keys[key_count - 1]);
        while (!is_elsewhere(terminal, &before)) {
            if (!terminal_read(terminal, 1000) && now_ms() > begin + PATIENCE_MS)
                return give_up(terminal, "the key has no effect");
        }
        times[i] = now_ms() - begin;
        free(before.text);
        terminal_sync(terminal);
    }
    print_times("keys", times, count);
    free(times);
    terminal_close(terminal);
    return 0;
}

/* How often the threads of the process have waited for something and come back. */
static unsigned long wakes_of(pid_t pid)
{
    unsigned long sum = 0;
    CLEANUP_FREE char *path = mem_format("/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task = tasks ? readdir(tasks) : NULL; task; task = readdir(tasks)) {
        CLEANUP_FREE char *status = mem_format("%s/%s/status", path, task->d_name);
        FILE *file = *task->d_name == '.' ? NULL : fopen(status, "re");
        char line[256];
        unsigned long waits = 0;
        while (file && fgets(line, sizeof line, file)) {
            if (sscanf(line, "voluntary_ctxt_switches: %lu", &waits) == 1)
                sum += waits;
        }
        if (file)
            fclose(file);
    }
    if (tasks)
        closedir(tasks);
    return sum;
}

static struct terminal *open_at(const char *program, char **keys, size_t count)
{
    struct terminal *terminal = open_screen(program);
    terminal_sync(terminal);
    for (size_t i = 0; i < count; i++)
        terminal_press(terminal, keys[i]);
    return terminal;
}

static int measure_quiet(const char *program, unsigned seconds, char **keys, size_t count)
{
    struct terminal *terminal = open_at(program, keys, count);
    size_t bytes = terminal_bytes(terminal);
    unsigned long wakes = wakes_of(terminal_pid(terminal));
    for (double end = now_ms() + seconds * 1000.0; now_ms() < end;)
        terminal_read(terminal, (int)(end - now_ms()) + 1);
    printf("quiet seconds=%u bytes=%zu wakes=%lu\n", seconds, terminal_bytes(terminal) - bytes,
           wakes_of(terminal_pid(terminal)) - wakes);
    terminal_close(terminal);
    return 0;
}

/* Bytes that come together, until none have come for a moment. */
static size_t read_picture(struct terminal *terminal, double end)
{
    size_t before = terminal_bytes(terminal);
    while (now_ms() < end && !terminal_read(terminal, (int)(end - now_ms()) + 1))
        continue;
    while (terminal_read(terminal, TOGETHER_MS))
        continue;
    return terminal_bytes(terminal) - before;
}

static int measure_ticks(const char *program, unsigned seconds, char **keys, size_t count)
{
    struct terminal *terminal = open_at(program, keys, count);
    double *sizes = NULL;
    size_t pictures = 0;
    for (double end = now_ms() + seconds * 1000.0; now_ms() < end;) {
        double size = (double)read_picture(terminal, end);
        if (size > 0)
            *ARRAY_APPEND(sizes, pictures) = size;
    }
    if (pictures == 0)
        return give_up(terminal, "nothing was sent");
    qsort(sizes, pictures, sizeof *sizes, compare);
    printf("ticks pictures=%zu seconds=%u median=%.0f most=%.0f\n", pictures, seconds, sizes[pictures / 2],
           sizes[pictures - 1]);
    free(sizes);
    terminal_close(terminal);
    return 0;
}

static const struct way {
    const char *name;
    int least; /* words behind the number */
    int (*measure)(const char *program, unsigned number, char **words, size_t count);
} ways[] = {
    {"start", 1, measure_start},
    {"keys", 1, measure_keys},
    {"quiet", 0, measure_quiet},
    {"ticks", 0, measure_ticks},
};

int main(int argc, char **argv)
{
    unsigned number = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
    for (size_t i = 0; number > 0 && i < ARRAY_LENGTH(ways); i++) {
        if (strcmp(argv[2], ways[i].name) == 0 && argc - 4 >= ways[i].least)
            return ways[i].measure(argv[1], number, argv + 4, (size_t)(argc - 4));
    }
    fprintf(stderr, "usage: %s PROGRAM start|keys|quiet|ticks NUMBER [WORD...]\n", argv[0]);
    return 2;
}
