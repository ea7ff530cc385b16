/* Writes a disk's content into a sparse raw file: extents of 64 KiB to 4 MiB with gaps between them, the same
 * for the same words, on any machine.
 *
 *   bench_data FILE VIRTUAL DATA KIND SEED
 *
 * VIRTUAL and DATA in bytes, multiples of 65536. KIND: random (nothing compresses), text (to about a third),
 * mixed (extents of both, in turn by chance), comb (4 KiB of data each, at even distances: as many extents as
 * there can be). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLUSTER ((uint64_t)65536)
#define TOOTH ((uint64_t)4096)
#define EXTENT_STEPS 7U /* 64 KiB to 4 MiB, each twice the one before */
#define WORDS 256

enum kind { KIND_RANDOM, KIND_TEXT, KIND_MIXED, KIND_COMB, KINDS };
static const char *const kind_names[KINDS] = {"random", "text", "mixed", "comb"};

/* xoshiro256**, by Blackman and Vigna, public domain; seeded by splitmix64. */
struct dice {
    uint64_t state[4];
};

static uint64_t turned(uint64_t value, unsigned by)
{
    return (value << by) | (value >> (64 - by));
}

static uint64_t throw_dice(struct dice *dice)
{
    uint64_t *state = dice->state;
    uint64_t result = turned(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = turned(state[3], 45);
    return result;
}

static struct dice new_dice(uint64_t seed)
{
    struct dice dice;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t mixed = seed += UINT64_C(0x9e3779b97f4a7c15);
        mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
        dice.state[i] = mixed ^ (mixed >> 31);
    }
    return dice;
}

struct job {
    int fd;
    enum kind kind;
    struct dice dice;
    uint64_t words[WORDS];
    uint64_t *buffer; /* of the largest extent */
};

static void fill(struct job *job, uint64_t length)
{
    enum kind kind = job->kind;
    if (kind == KIND_MIXED)
        kind = throw_dice(&job->dice) & 1 ? KIND_RANDOM : KIND_TEXT;
    size_t count = length / sizeof *job->buffer;
    for (size_t i = 0; i < count; i++) {
        uint64_t thrown = throw_dice(&job->dice);
        /* Words of eight bytes out of a few, two of whose bytes are anything now and then. */
        uint64_t other = (thrown & 3) == 0 ? (thrown >> 32) & 0xffff : 0;
        job->buffer[i] = kind != KIND_TEXT ? thrown : job->words[(thrown >> 8) % WORDS] ^ other;
    }
}

static bool write_at(struct job *job, uint64_t length, uint64_t offset)
{
    const char *from = (const char *)job->buffer;
    while (length > 0) {
        ssize_t written = pwrite(job->fd, from, length, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        from += written;
        offset += (uint64_t)written;
        length -= (uint64_t)written;
    }
    return true;
}

static uint64_t smaller(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* Gaps are as long as what is left of them and of the data wants, more or less: the data ends where both
 * do. */
static bool write_all(struct job *job, uint64_t virtual_size, uint64_t data)
{
    uint64_t gaps = (virtual_size - data) / CLUSTER;
    uint64_t left = data / CLUSTER;
    uint64_t at = 0;
    while (left > 0) {
        uint64_t extent = smaller(left, UINT64_C(1) << (throw_dice(&job->dice) % EXTENT_STEPS));
        uint64_t most = (uint64_t)(2.0 * (double)gaps * (double)extent / (double)left);
        uint64_t gap = smaller(gaps, throw_dice(&job->dice) % (most + 1));
        gaps -= gap;
        fill(job, extent * CLUSTER);
        if (!write_at(job, extent * CLUSTER, (at + gap) * CLUSTER))
            return false;
        at += gap + extent;
        left -= extent;
    }
    return true;
}

static bool write_comb(struct job *job, uint64_t virtual_size, uint64_t data)
{
    uint64_t teeth = data / TOOTH;
    uint64_t distance = teeth ? virtual_size / teeth / TOOTH * TOOTH : 0;
    for (uint64_t i = 0; i < teeth; i++) {
        fill(job, TOOTH);
        if (!write_at(job, TOOTH, i * distance))
            return false;
    }
    return true;
}

static bool parse(const char *text, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

static bool parse_kind(const char *text, enum kind *kind)
{
    for (*kind = 0; *kind < KINDS; (*kind)++) {
        if (strcmp(text, kind_names[*kind]) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    static struct job job;
    uint64_t virtual_size = 0;
    uint64_t data = 0;
    uint64_t seed = 0;
    if (argc != 6 || !parse(argv[2], &virtual_size) || !parse(argv[3], &data) ||
        !parse_kind(argv[4], &job.kind) || !parse(argv[5], &seed) || data > virtual_size ||
        virtual_size % CLUSTER || data % CLUSTER) {
        fprintf(stderr, "usage: %s FILE VIRTUAL DATA random|text|mixed|comb SEED\n", argv[0]);
        return 2;
    }
    job.dice = new_dice(seed);
    for (size_t i = 0; i < WORDS; i++)
        job.words[i] = throw_dice(&job.dice);
    job.buffer = malloc(CLUSTER << (EXTENT_STEPS - 1));
    job.fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (!job.buffer || job.fd < 0 || ftruncate(job.fd, (off_t)virtual_size) != 0 ||
        !(job.kind == KIND_COMB ? write_comb : write_all)(&job, virtual_size, data) || close(job.fd) != 0) {
        perror(argv[1]);
        return 1;
    }
    free(job.buffer);
    return 0;
}
