/* Random histories: sizes, cluster sizes, formats and writes by a fixed seed; each point in full and against
 * an earlier one, compared with what stock QEMU reads. REFPOINT_TEST_SEED chooses another seed. */
#include "tests/unit/support/export_files.h"

struct random {
    uint64_t state;
};

static uint64_t next(struct random *random, uint64_t limit)
{
    random->state = random->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random->state >> 33) % limit;
}

/* A range on 512-byte boundaries inside the disk: mostly small, sometimes large. */
static void add_range(struct random *random, uint64_t sectors, struct strbuf *line)
{
    uint64_t start = next(random, sectors);
    uint64_t most = next(random, 3) == 0 ? 8192 : 300;
    uint64_t length = 1 + next(random, most);
    if (length > sectors - start)
        length = sectors - start;
    strbuf_addf(line, "%llu %llu", (unsigned long long)start * 512, (unsigned long long)length * 512);
}

static void write_randomly(struct random *random, const struct history *history, size_t n, uint64_t size)
{
    struct strbuf line = {0};
    static const char *const commands[] = {"write -P",    "write -P", "write -z",
                                           "write -z -u", "discard",  "write -P 0"};
    uint64_t writes = next(random, 14);
    strbuf_addf(&line, "qemu-io");
    for (uint64_t i = 0; i <= writes; i++) {
        uint64_t which = next(random, ARRAY_LENGTH(commands));
        strbuf_addf(&line, " -c '%s ", commands[which]);
        if (which < 2)
            strbuf_addf(&line, "%llu ", (unsigned long long)(1 + next(random, 250)));
        add_range(random, size / 512, &line);
        strbuf_add(&line, "'");
    }
    strbuf_addf(&line, " layer%zu", n);
    shell(&history->files, "%s", line.data);
    strbuf_free(&line);
}

static void make_layer(struct random *random, struct history *history, uint64_t size)
{
    size_t n = history->count;
    bool subclusters = next(random, 4) == 0;
    unsigned cluster = 4U << next(random, 10); /* KiB: 4 to 2048 */
    if (subclusters && cluster < 16)
        cluster = 16;
    const char *compat = next(random, 5) == 0 && !subclusters ? "0.10" : "1.1";
    CLEANUP_FREE char *backing =
        n == 0 ? mem_strdup("")
               : mem_format("-b layer%zu -F %s", n - 1, disk_format_word(history->formats[n - 1]));
    shell(&history->files, "qemu-img create -q -f qcow2 -o cluster_size=%uk,compat=%s%s %s layer%zu %llu",
          cluster, compat, subclusters ? ",extended_l2=on" : "", backing, n, (unsigned long long)size);
    if (strcmp(compat, "1.1") == 0)
        shell(&history->files, "qemu-img bitmap --add layer%zu marks", n);
    write_randomly(random, history, n, size);
    history_point(history, DISK_FORMAT_QCOW2, size);
}

static void make_history(struct random *random, struct history *history)
{
    history_make(history);
    uint64_t size = (8000 + next(random, 60000)) * 512;
    if (next(random, 3) == 0) { /* a raw image of any size at the bottom */
        uint64_t raw = size - next(random, 512);
        shell(&history->files, "head -c 3000001 /dev/urandom >layer0 && truncate -s %llu layer0",
              (unsigned long long)raw);
        history_point(history, DISK_FORMAT_RAW, raw);
    }
    while (history->count < 5) {
        if (next(random, 4) == 0)
            size = (4000 + next(random, 90000)) * 512;
        make_layer(random, history, size);
    }
}

/* What was marked since the layer began tells the same as its clusters do. */
static void go_by_marks(const struct history *history, size_t n, size_t base, struct export_task *task)
{
    struct export_disk *disk = task->disks;
    bool has_marks = shell_status(&history->files, "qemu-img info layer%zu | grep -q marks", n) == 0;
    if (base + 1 != n || !has_marks || history->sizes[n] < history->sizes[base])
        return;
    disk->base_layer = EXPORT_NO_BASE;
    disk->bitmap = mem_strdup("marks");
    disk->unlocked = true;
}

static void check_history(struct random *random, const struct history *history)
{
    for (size_t n = 0; n < history->count; n++) {
        struct export_task task;
        history_task(history, n, FULL, &task);
        task.options.compression = next(random, 3) == 0 ? COMPRESSION_ZSTD : COMPRESSION_NONE;
        CLEANUP_FREE char *full = history_export_task(&task);
        export_task_clear(&task);
        assert_package_is_point(history, full, n, "qcow2");
        if (n == 0)
            continue;
        size_t base = next(random, 2) == 0 ? n - 1 : next(random, n);
        history_task(history, n, base, &task);
        go_by_marks(history, n, base, &task);
        task.options.compression = next(random, 3) == 0 ? COMPRESSION_ZSTD : COMPRESSION_NONE;
        CLEANUP_FREE char *difference = history_export_task(&task);
        export_task_clear(&task);
        assert_package_is_point(history, difference, n, "qcow2");
    }
}

static void test_random_histories(void **state)
{
    (void)state;
    const char *chosen = getenv("REFPOINT_TEST_SEED");
    uint64_t first = chosen ? strtoull(chosen, NULL, 10) : 1;
    for (uint64_t seed = first; seed < first + 3; seed++) {
        struct random random = {.state = seed * 0x9e3779b97f4a7c15ULL};
        struct history history;
        print_message("seed %llu\n", (unsigned long long)seed);
        make_history(&random, &history);
        check_history(&random, &history);
        history_remove(&history);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_histories)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
