/* Where a libvirt definition and a machine's disks do not agree: a machine that libvirt starts by such a
 * definition would not read what a point keeps for it.
 *
 * Source: libvirt's formatdomain ("backingStore": since 5.10 it is believed instead of the image's header).
 * Ownership: the caller releases the faults with definition_faults_free. Threads: any. */
#ifndef REFPOINT_DEFINITION_FAULTS_H
#define REFPOINT_DEFINITION_FAULTS_H

#include "core/base/error.h"
#include "core/model/model.h"

struct definition_fault {
    char *disk; /* its id */
    enum {
        DEFINITION_FIXES_CHAIN, /* it says what the image is an overlay of, or that it is none */
        DEFINITION_FORMAT,      /* it gives another format, or none */
        DEFINITION_PATH,        /* it has another image there */
        DEFINITION_NO_DISK,     /* it has no such disk */
    } kind;
    char *what; /* after "the definition": "has no disk vda"; unescaped */
};

/* Of the machine's disks, in their order; those that the definition has besides are not looked at. false: the
 * text is no definition (32773). */
bool definition_faults(const char *text, const struct machine *machine, struct definition_fault **faults,
                       size_t *count, struct error *err) WARN_UNUSED;
void definition_faults_free(struct definition_fault *faults, size_t count);

#endif
