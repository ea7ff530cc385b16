#include "core/export/plan/kept.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

#define MAGIC "refpoint plan 1"
#define DAMAGED "it is damaged"
#define COPY_BYTES ((size_t)64 << 10)
#define RECORD_LIMIT 4096 /* of one record; more is damage */

#define OWN_DIGEST ((DIGEST_TEXT + 7) / 8 * 8) /* to the end of the head: each byte of it is looked at */

struct head {
    char magic[sizeof MAGIC];
    struct kept_key key;
    char table[DIGEST_TEXT];
    uint64_t disk_count;
    char own[OWN_DIGEST]; /* of what is before; last */
};

struct place { /* of a list */
    uint64_t offset;
    uint64_t count;
    uint64_t record_size;
    char digest[DIGEST_TEXT];
};

struct row {
    struct plan_totals totals;
    struct place lists[KEPT_LISTS];
};

struct kept_plan {
    int fd;
};

static struct spool bytes_of(int fd)
{
    return (struct spool){.fd = fd, .record_size = 1};
}

static void digest_bytes(const void *bytes, size_t length, char text[DIGEST_TEXT])
{
    struct digest *digest = digest_begin();
    digest_add(digest, bytes, length);
    digest_end(digest, text);
}

/* Records of one file, from one offset to another file's, with their digest. */
static bool copy_records(const struct spool *from, uint64_t from_byte, const struct spool *to,
                         uint64_t to_byte, uint64_t length, char text[DIGEST_TEXT], struct error *err)
{
    struct spool source = bytes_of(from->fd);
    struct spool target = bytes_of(to->fd);
    CLEANUP_FREE char *block = mem_alloc(COPY_BYTES);
    struct digest *digest = digest_begin();
    bool ok = true;
    for (uint64_t done = 0; ok && done < length;) {
        size_t step = length - done < COPY_BYTES ? (size_t)(length - done) : COPY_BYTES;
        ok = spool_get(&source, from_byte + done, block, step, err) &&
             spool_put(&target, to_byte + done, block, step, err);
        digest_add(digest, block, step);
        done += step;
    }
    digest_end(digest, text);
    return ok;
}

static bool write_lists(const struct spool *file, const struct kept_disk *disk, struct row *row,
                        uint64_t *end, struct error *err)
{
    row->totals = disk->totals;
    for (size_t i = 0; i < KEPT_LISTS; i++) {
        const struct kept_list *list = &disk->lists[i];
        struct place *place = &row->lists[i];
        place->offset = *end;
        place->count = list->count;
        if (list->count == 0)
            continue;
        place->record_size = list->spool->record_size;
        uint64_t length = list->count * place->record_size;
        if (!copy_records(list->spool, 0, file, *end, length, place->digest, err))
            return false;
        *end += length;
    }
    return true;
}

static bool write_all(const struct spool *file, const struct kept_key *key, const struct kept_disk *disks,
                      size_t disk_count, struct error *err)
{
    size_t table = disk_count * sizeof(struct row);
    CLEANUP_FREE struct row *rows = mem_alloc(table + 1);
    CLEANUP_FREE struct head *head = mem_alloc(sizeof *head);
    uint64_t end = sizeof *head + table;
    for (size_t i = 0; i < disk_count; i++) {
        if (!write_lists(file, &disks[i], &rows[i], &end, err))
            return false;
    }
    memcpy(head->magic, MAGIC, sizeof head->magic);
    memcpy(&head->key, key, sizeof *key);
    head->disk_count = disk_count;
    digest_bytes(rows, table, head->table);
    digest_bytes(head, offsetof(struct head, own), head->own);
    return spool_put(file, sizeof *head, rows, table, err) && spool_put(file, 0, head, sizeof *head, err);
}

bool kept_plan_write(int directory, const struct kept_key *key, const struct kept_disk *disks,
                     size_t disk_count, struct kept_plan **plan, struct error *err)
{
    struct spool file;
    *plan = NULL;
    if (!spool_open(&file, directory, 1, err))
        return false;
    if (write_all(&file, key, disks, disk_count, err)) {
        *plan = kept_plan_adopt(file.fd);
        return true;
    }
    spool_close(&file);
    return false;
}

static bool get(const struct kept_plan *plan, uint64_t offset, void *bytes, size_t length)
{
    struct spool file = bytes_of(plan->fd);
    struct error ignored = {0};
    return spool_get(&file, offset, bytes, length, &ignored);
}

static uint64_t size_of(const struct kept_plan *plan)
{
    struct stat status;
    return fstat(plan->fd, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

static bool is_sound(const struct head *head)
{
    char digest[OWN_DIGEST] = {0};
    digest_bytes(head, offsetof(struct head, own), digest);
    return memcmp(head->magic, MAGIC, sizeof head->magic) == 0 &&
           memcmp(digest, head->own, sizeof digest) == 0;
}

static bool has_table(const struct kept_plan *plan, const struct head *head)
{
    char digest[DIGEST_TEXT];
    size_t table = head->disk_count * sizeof(struct row);
    CLEANUP_FREE void *rows = mem_alloc(table + 1);
    if (!get(plan, sizeof *head, rows, table))
        return false;
    digest_bytes(rows, table, digest);
    return memcmp(digest, head->table, sizeof digest) == 0;
}

const char *kept_plan_misfit(const struct kept_plan *plan, const struct kept_key *key, size_t disk_count)
{
    struct head head;
    if (size_of(plan) < sizeof head || !get(plan, 0, &head, sizeof head) || !is_sound(&head))
        return DAMAGED;
    if (head.disk_count != disk_count || memcmp(head.key.request, key->request, sizeof key->request) != 0)
        return "it is the plan of something else";
    if (memcmp(head.key.layers, key->layers, sizeof key->layers) != 0)
        return "a file has been changed or touched since";
    return has_table(plan, &head) ? NULL : DAMAGED;
}

static bool find_list(const struct kept_plan *plan, size_t disk, enum kept_list_kind kind, struct row *row,
                      const struct place **place)
{
    uint64_t size = size_of(plan);
    if (!get(plan, sizeof(struct head) + disk * sizeof *row, row, sizeof *row))
        return false;
    *place = &row->lists[kind];
    if ((*place)->count == 0)
        return true;
    return (*place)->record_size > 0 && (*place)->record_size <= RECORD_LIMIT && (*place)->offset <= size &&
           (*place)->count <= (size - (*place)->offset) / (*place)->record_size;
}

/* In rising order, of a kind that is listed, within the disk: what is between is skipped. */
static bool feed(struct planner *planner, const struct run *run, uint64_t size, struct error *err)
{
    if (run->offset < planner->position || run->offset > size || run->length == 0 ||
        run->length > size - run->offset || (run->kind != RUN_DATA && run->kind != RUN_ZERO))
        return false;
    return planner_feed(planner, RUN_SKIP, run->offset - planner->position, err) &&
           planner_feed(planner, (enum run_kind)run->kind, run->length, err);
}

static bool feed_all(const struct kept_plan *plan, const struct place *place, uint64_t size,
                     struct planner *planner, char text[DIGEST_TEXT])
{
    struct error ignored = {0};
    CLEANUP_FREE struct run *runs = mem_alloc(RUN_BUFFER * sizeof *runs);
    struct digest *digest = digest_begin();
    bool ok = true;
    for (uint64_t done = 0; ok && done < place->count;) {
        size_t count = place->count - done < RUN_BUFFER ? (size_t)(place->count - done) : RUN_BUFFER;
        ok = get(plan, place->offset + done * sizeof *runs, runs, count * sizeof *runs);
        for (size_t i = 0; ok && i < count; i++)
            ok = feed(planner, &runs[i], size, &ignored);
        digest_add(digest, runs, count * sizeof *runs);
        done += count;
    }
    digest_end(digest, text);
    return ok && planner_feed(planner, RUN_SKIP, size - planner->position, &ignored) &&
           planner_finish(planner, &ignored);
}

static bool same_totals(const struct plan_totals *one, const struct plan_totals *other)
{
    return one->bytes_data == other->bytes_data && one->bytes_zero == other->bytes_zero &&
           one->bytes_skipped == other->bytes_skipped && one->tables == other->tables;
}

const char *kept_plan_read_runs(const struct kept_plan *plan, size_t disk, uint64_t size,
                                struct run_list *list, struct plan_totals *totals)
{
    struct row row;
    const struct place *place;
    char digest[DIGEST_TEXT];
    struct planner planner;
    planner_begin(&planner, list);
    if (!find_list(plan, disk, KEPT_RUNS, &row, &place) ||
        (place->count > 0 && place->record_size != sizeof(struct run)) ||
        !feed_all(plan, place, size, &planner, digest))
        return DAMAGED;
    *totals = planner.totals;
    bool ok = (place->count == 0 || memcmp(digest, place->digest, sizeof digest) == 0) &&
              list->count == place->count && same_totals(totals, &row.totals);
    return ok ? NULL : DAMAGED;
}

const char *kept_plan_read_list(const struct kept_plan *plan, size_t disk, enum kept_list_kind kind,
                                const struct spool *spool, uint64_t *count)
{
    struct row row;
    const struct place *place;
    char digest[DIGEST_TEXT];
    struct error ignored = {0};
    struct spool file = bytes_of(plan->fd);
    *count = 0;
    if (!find_list(plan, disk, kind, &row, &place))
        return DAMAGED;
    if (place->count == 0)
        return NULL;
    if (place->record_size != spool->record_size ||
        !copy_records(&file, place->offset, spool, 0, place->count * place->record_size, digest, &ignored) ||
        memcmp(digest, place->digest, sizeof digest) != 0)
        return DAMAGED;
    *count = place->count;
    return NULL;
}

int kept_plan_descriptor(const struct kept_plan *plan)
{
    return plan->fd;
}

struct kept_plan *kept_plan_adopt(int fd)
{
    struct kept_plan *plan = mem_alloc(sizeof *plan);
    plan->fd = fd;
    return plan;
}

struct kept_plan *kept_plan_copy(const struct kept_plan *plan)
{
    int fd = plan ? fcntl(plan->fd, F_DUPFD_CLOEXEC, 0) : -1;
    return fd >= 0 ? kept_plan_adopt(fd) : NULL;
}

void kept_plan_free(struct kept_plan *plan)
{
    if (!plan)
        return;
    close(plan->fd);
    free(plan);
}
