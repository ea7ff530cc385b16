/* A source and a sink without disks: for tests of everything between them.
 *
 * The source's byte at any offset is known (null_byte), the sink remembers per cluster what was done to it.
 * Either can be told to fail at an offset. Threads: as the seams say. Ownership: close of the seams. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_NULL_ENDPOINT_H
#define REFPOINT_TESTS_UNIT_SUPPORT_NULL_ENDPOINT_H

#include "core/export/plan/run_list.h"
#include "core/export/sink/sink.h"
#include "core/export/source/source.h"

#define NULL_NEVER UINT64_MAX

/* Clusters whose number is a multiple of 7 are zero; others are filled with a byte of their number. */
unsigned char null_byte(uint64_t offset);
struct source *source_null_open(uint64_t size, uint64_t fail_at);

enum null_state { NULL_UNTOUCHED, NULL_WRITTEN, NULL_ZEROED, NULL_TWICE, NULL_WRONG };
struct sink *sink_null_open(uint64_t size, bool writes_zeroes, uint64_t fail_at);
enum null_state sink_null_state(const struct sink *sink, uint64_t offset);
/* Most bytes that were handed over in one write. */
size_t sink_null_largest(const struct sink *sink);

#endif
