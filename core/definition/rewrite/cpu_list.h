/* Lists of processors as libvirt writes them: "0-3,^2,8". Threads: any. */
#ifndef REFPOINT_DEFINITION_REWRITE_CPU_LIST_H
#define REFPOINT_DEFINITION_REWRITE_CPU_LIST_H

#include <stdbool.h>
#include <stdint.h>

/* The list without the numbers from `ceiling` on, "" when none is left; NULL: it is no such list. */
char *cpu_list_cut(const char *list, uint64_t ceiling);
/* The list with the numbers from first to last behind it; they are larger than all in it. */
char *cpu_list_extend(const char *list, uint64_t first, uint64_t last);

#endif
