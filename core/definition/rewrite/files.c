/* Paths of the files that belong to a machine: where a definition can name them (formatdomain: "BIOS
 * bootloader", "Direct kernel boot", "SMBIOS System Information", "TPM device"). */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/rewrite/parts.h"
#include "core/syntax/xml.h"

struct files {
    struct edit *edit;
    const struct definition_change *change;
    bool *there; /* for each file of the change: its path, old or new, is in the definition */
};

/* The first file of the change for a path that stands in the definition; NULL: it stays. A path is looked at
 * once: what one change put there is not what another is looking for. */
static const struct definition_file *find(struct files *files, enum machine_file_role role, const char *path)
{
    const struct definition_change *change = files->change;
    const struct definition_file *found = NULL;
    for (size_t i = 0; i < change->file_count; i++) {
        const struct definition_file *file = &change->files[i];
        if (file->role != role)
            continue;
        bool is_from = strcmp(file->from, path) == 0;
        files->there[i] |= is_from || (file->to && strcmp(file->to, path) == 0);
        found = found || !is_from ? found : file;
    }
    return found;
}

static char *trimmed(const xmlNode *element)
{
    CLEANUP_FREE char *text = xml_text(element);
    const char *start = text + strspn(text, " \t\r\n");
    size_t length = strlen(start);
    while (length > 0 && strchr(" \t\r\n", start[length - 1]))
        length--;
    return mem_strndup(start, length);
}

/* An element whose text is the path; whether it went. */
static bool rewrite_text(struct files *files, enum machine_file_role role, xmlNode *element)
{
    CLEANUP_FREE char *path = element ? trimmed(element) : NULL;
    const struct definition_file *file = path ? find(files, role, path) : NULL;
    if (file && file->to)
        edit_set_text(files->edit, element, file->to);
    else if (file)
        edit_remove(files->edit, element);
    return file && !file->to;
}

/* An attribute that is the path; `whole` is what goes with it. */
static void rewrite_attribute(struct files *files, enum machine_file_role role, xmlNode *element,
                              const char *name, xmlNode *whole)
{
    CLEANUP_FREE char *path = element ? xml_attribute(element, name) : NULL;
    const struct definition_file *file = path ? find(files, role, path) : NULL;
    if (file && file->to)
        edit_set(files->edit, element, name, file->to);
    else if (file)
        edit_remove(files->edit, whole);
}

/* <nvram>PATH</nvram>, or since libvirt 8.5 <nvram type='file'><source file='PATH'/></nvram>. */
static void rewrite_nvram(struct files *files, xmlNode *nvram)
{
    xmlNode *source = edit_child(nvram, "source");
    if (source)
        rewrite_attribute(files, MACHINE_FILE_NVRAM, source, "file", nvram);
    else
        rewrite_text(files, MACHINE_FILE_NVRAM, nvram);
}

/* QEMU refuses an initial RAM disk and a command line without the kernel that they are for. */
static void drop_of_kernel(struct edit *edit, xmlNode *os)
{
    bool had_initrd = edit_remove_children(edit, os, "initrd");
    bool had_line = edit_remove_children(edit, os, "cmdline");
    if (had_initrd || had_line)
        edit_note(edit, "Without its kernel the definition cannot have %s: taken out with it.",
                  had_initrd && had_line ? "<initrd> and <cmdline>"
                  : had_initrd           ? "<initrd>"
                                         : "<cmdline>");
}

static void rewrite_tables(struct files *files, xmlNode *os)
{
    xmlNode *acpi = edit_child(os, "acpi");
    bool went = false;
    for (xmlNode *table = edit_child(acpi, "table"), *next; table; table = next) {
        next = edit_next(table);
        if (edit_is(table, "table"))
            went |= rewrite_text(files, MACHINE_FILE_ACPI_TABLE, table);
    }
    if (went && !edit_first(acpi))
        edit_remove(files->edit, acpi);
}

static void rewrite_os(struct files *files, xmlNode *os)
{
    rewrite_nvram(files, edit_child(os, "nvram"));
    rewrite_text(files, MACHINE_FILE_LOADER, edit_child(os, "loader"));
    rewrite_text(files, MACHINE_FILE_DEVICE_TREE, edit_child(os, "dtb"));
    rewrite_text(files, MACHINE_FILE_INITRD, edit_child(os, "initrd"));
    if (rewrite_text(files, MACHINE_FILE_KERNEL, edit_child(os, "kernel")))
        drop_of_kernel(files->edit, os);
    rewrite_tables(files, os);
}

static void rewrite_sysinfo(struct files *files, xmlNode *sysinfo)
{
    if (!xml_attribute_is(sysinfo, "type", "fwcfg"))
        return;
    for (xmlNode *entry = edit_first(sysinfo), *next; entry; entry = next) {
        next = edit_next(entry);
        rewrite_attribute(files, MACHINE_FILE_FIRMWARE_CONFIG, entry, "file", entry);
    }
    if (!edit_first(sysinfo))
        edit_remove(files->edit, sysinfo);
}

/* Without <source> libvirt keeps the state at a place of its own, under the machine's UUID. */
static void rewrite_tpm(struct files *files, const xmlNode *devices)
{
    for (const xmlNode *tpm = edit_child(devices, "tpm"); tpm; tpm = edit_next(tpm)) {
        xmlNode *source = edit_is(tpm, "tpm") ? edit_child(edit_child(tpm, "backend"), "source") : NULL;
        rewrite_attribute(files, MACHINE_FILE_TPM, source, "path", source);
    }
}

static void note_missing(const struct files *files)
{
    const struct definition_change *change = files->change;
    for (size_t i = 0; i < change->file_count; i++) {
        if (!files->there[i] && change->files[i].to)
            edit_note(files->edit, "The definition does not name %s (%s): %s could not be put in its place.",
                      change->files[i].from, machine_file_role_word(change->files[i].role),
                      change->files[i].to);
    }
}

void rewrite_files(struct edit *edit, const struct definition_change *change)
{
    struct files files = {.edit = edit, .change = change, .there = mem_alloc(change->file_count)};
    xmlNode *os = edit_child(edit->domain, "os");
    if (os)
        rewrite_os(&files, os);
    for (xmlNode *sysinfo = edit_child(edit->domain, "sysinfo"), *next; sysinfo; sysinfo = next) {
        next = edit_next(sysinfo);
        if (edit_is(sysinfo, "sysinfo"))
            rewrite_sysinfo(&files, sysinfo);
    }
    rewrite_tpm(&files, edit_child(edit->domain, "devices"));
    note_missing(&files);
    free(files.there);
}
