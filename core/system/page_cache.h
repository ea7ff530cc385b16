/* What a long copy leaves in the page cache: as little as possible, so that machines beside it keep theirs.
 *
 * Ranges are rounded to whole pages by the kernel; a large folio that a range covers in part stays, so
 * callers choose ends at multiples of PAGE_CACHE_STEP. On a file system that lives in memory nothing is
 * dropped.
 *
 * Threads: any. Units: bytes. Sources: sync_file_range(2), posix_fadvise(2), mincore(2). */
#ifndef REFPOINT_SYSTEM_PAGE_CACHE_H
#define REFPOINT_SYSTEM_PAGE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"

#define PAGE_CACHE_STEP ((uint64_t)8 << 20)

/* Begins to write the range back, without waiting. */
void page_cache_write_back(int fd, uint64_t offset, uint64_t length);
/* Returns when the range has been handed to the storage; false with errno's words: it could not be. Its own
 * cache may still hold it, which fsync alone empties. */
bool page_cache_settle(int fd, const char *path, uint64_t offset, uint64_t length,
                       struct error *err) WARN_UNUSED;
/* What is clean goes out of the cache: the next read asks the storage. length 0: to the end of the file. */
void page_cache_drop(int fd, uint64_t offset, uint64_t length);
/* How many bytes of the range are in the cache, in whole pages; all of them where the kernel does not tell,
 * as of files of others that may be read only. Looks without touching: no page is read or aged. */
uint64_t page_cache_held(int fd, uint64_t offset, uint64_t length);
/* The file lives in memory (tmpfs): its pages are the storage, there is nothing to read ahead or to drop. */
bool page_cache_is_storage(int fd);
/* The file is read where we say, not in order: the kernel does not read ahead by itself. */
void page_cache_no_guessing(int fd);
/* The range will be read soon; kernels take no more than some 100 KiB at a time. */
void page_cache_ask_ahead(int fd, uint64_t offset, uint64_t length);

#endif
