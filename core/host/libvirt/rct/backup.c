#include "core/host/libvirt/rct/backup.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/syntax/xml.h"

#define LOOK_EVERY_MS 10
#define END_PATIENCE_MS 30000

static const struct backup_disk *find_disk(const struct backup *backup, const char *id)
{
    for (size_t i = 0; i < backup->count; i++) {
        if (strcmp(backup->disks[i].id, id) == 0)
            return &backup->disks[i];
    }
    return NULL;
}

static void add_disk(struct strbuf *text, const struct backup *backup, const struct backup_disk *disk)
{
    CLEANUP_FREE char *id = xml_escape(disk->id);
    CLEANUP_FREE char *scratch = xml_escape(disk->scratch);
    CLEANUP_FREE char *base = disk->incremental ? xml_escape(backup->base) : NULL;
    strbuf_addf(text, "<disk name=\"%s\" backup=\"yes\" type=\"file\" backupmode=\"%s\"", id,
                base ? "incremental" : "full");
    if (base)
        strbuf_addf(text, " incremental=\"%s\"", base);
    strbuf_addf(text, "><scratch file=\"%s\"/></disk>", scratch);
}

char *backup_describe(const struct backup *backup, char *const *all, size_t all_count)
{
    struct strbuf text = {0};
    CLEANUP_FREE char *socket = xml_escape(backup->socket);
    strbuf_addf(&text, "<domainbackup mode=\"pull\"><server transport=\"unix\" socket=\"%s\"/><disks>",
                socket);
    for (size_t i = 0; i < all_count; i++) {
        const struct backup_disk *disk = find_disk(backup, all[i]);
        CLEANUP_FREE char *id = xml_escape(all[i]);
        if (disk)
            add_disk(&text, backup, disk);
        else
            strbuf_addf(&text, "<disk name=\"%s\" backup=\"no\"/>", id);
    }
    strbuf_add(&text, "</disks></domainbackup>");
    return strbuf_take(&text);
}

char *backup_changes_of(const char *disk)
{
    return mem_format("qemu:dirty-bitmap:backup-%s", disk);
}

/* Whose the job is, its socket tells. */
static bool is_ours(virDomainPtr domain, const char *socket)
{
    struct error ignored;
    CLEANUP_FREE char *text = libvirt()->virDomainBackupGetXMLDesc(domain, 0);
    CLEANUP_XML xmlDoc *document = NULL;
    if (!text || !xml_parse(text, "the backup", &document, &ignored)) {
        libvirt()->virResetLastError();
        return false;
    }
    const xmlNode *server = xml_child(xmlDocGetRootElement(document), "server");
    return server && xml_attribute_is(server, "socket", socket);
}

/* Asking it to end does not end it: its files and its socket go a moment later. */
static bool wait_gone(virDomainPtr domain, const char *socket, struct error *err)
{
    int64_t end = monotonic_milliseconds() + END_PATIENCE_MS;
    while (is_ours(domain, socket)) {
        const struct timespec moment = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
        if (monotonic_milliseconds() > end)
            return error_set(err, RETURN_TIMEOUT, "point.backup", "the backup of the machine %s does not end",
                             libvirt()->virDomainGetName(domain));
        nanosleep(&moment, NULL);
    }
    return true;
}

bool backup_end(virDomainPtr domain, const char *socket, struct error *err)
{
    if (!is_ours(domain, socket))
        return true;
    if (libvirt()->virDomainAbortJob(domain) == 0)
        return wait_gone(domain, socket, err);
    bool over = libvirt()->virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID;
    return over || domain_error(domain, err, "point.backup", "its backup cannot be ended");
}

void backup_clear(struct backup *backup)
{
    for (size_t i = 0; i < backup->count; i++)
        free(backup->disks[i].scratch);
    free(backup->disks);
    *backup = (struct backup){0};
}
