/* The part of verification that reads: QEMU opens the image with its chain, and what it reads is what it
 * should be.
 *
 * Without compression the file itself has been held against the point (copy/trail.h) and the map says where
 * every cluster lies (map.h): read are the first and the last cluster of each run of data, a random hundredth
 * of the others, each held against the file at its planned place, and every planned zero. Of a compressed
 * image every byte is read, and held against the digests of the copy.
 *
 * Threads: one, which outlives the call (a child), plus workers. Units: bytes. Ownership: everything is
 * borrowed. Errors: "export.verify" for a difference. */
#ifndef REFPOINT_EXPORT_VERIFY_READS_H
#define REFPOINT_EXPORT_VERIFY_READS_H

#include "core/export/verify/spec.h"

bool verify_reads(const struct verify_spec *spec, struct error *err) WARN_UNUSED;

/* What it will read, about: of the data of a disk with these runs. */
uint64_t verify_reads_bytes(uint64_t data, const struct run_list *runs, bool compressed);

#endif
