/* What stands around a machine's disks: what it does, the files that its definition names, and what is in no
 * point. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/model.h"

static const char *const role_words[MACHINE_FILE_ROLES] = {
    [MACHINE_FILE_NVRAM] = "nvram",
    [MACHINE_FILE_TPM] = "tpm",
    [MACHINE_FILE_LOADER] = "loader",
    [MACHINE_FILE_KERNEL] = "kernel",
    [MACHINE_FILE_INITRD] = "initrd",
    [MACHINE_FILE_DEVICE_TREE] = "device-tree",
    [MACHINE_FILE_FIRMWARE_CONFIG] = "firmware-config",
    [MACHINE_FILE_ACPI_TABLE] = "acpi-table",
};

const char *machine_file_role_word(enum machine_file_role role)
{
    return role_words[role];
}

bool machine_file_role_parse(enum machine_file_role *role, const char *word)
{
    for (size_t i = 0; i < MACHINE_FILE_ROLES; i++) {
        if (strcmp(role_words[i], word) == 0) {
            *role = (enum machine_file_role)i;
            return true;
        }
    }
    return false;
}

static const char *const state_words[] = {
    [MACHINE_STATE_OFF] = "off",       [MACHINE_STATE_RUNNING] = "running", [MACHINE_STATE_PAUSED] = "paused",
    [MACHINE_STATE_ASLEEP] = "asleep", [MACHINE_STATE_GONE] = "gone",
};

const char *machine_state_word(enum machine_state state)
{
    return state_words[state];
}

bool machine_state_is_live(enum machine_state state)
{
    return state == MACHINE_STATE_RUNNING || state == MACHINE_STATE_PAUSED;
}

bool machine_state_parse(enum machine_state *state, const char *word)
{
    for (size_t i = MACHINE_STATE_OFF; i < ARRAY_LENGTH(state_words); i++) {
        if (strcmp(state_words[i], word) == 0) {
            *state = (enum machine_state)i;
            return true;
        }
    }
    return false;
}

void machine_file_clear(struct machine_file *file)
{
    free(file->path);
    free(file->sha256);
    free(file->missing);
    free(file->file);
    *file = (struct machine_file){0};
}

void machine_file_copy(struct machine_file *to, const struct machine_file *from)
{
    *to = *from;
    to->path = mem_strdup(from->path);
    to->sha256 = mem_strdup(from->sha256);
    to->missing = mem_strdup(from->missing);
    to->file = mem_strdup(from->file);
}

void machine_left_out_clear(struct machine_left_out *item)
{
    free(item->kind);
    free(item->device);
    free(item->path);
    free(item->reason);
    *item = (struct machine_left_out){0};
}

void machine_left_out_copy(struct machine_left_out *to, const struct machine_left_out *from)
{
    *to = *from;
    to->kind = mem_strdup(from->kind);
    to->device = mem_strdup(from->device);
    to->path = mem_strdup(from->path);
    to->reason = mem_strdup(from->reason);
}

void machine_left_out_disks(const struct machine *machine, const char ***ids, size_t *count)
{
    for (size_t i = 0; i < machine->left_out_count; i++) {
        if (machine->left_out[i].by_operator && machine->left_out[i].device)
            *ARRAY_APPEND(*ids, *count) = machine->left_out[i].device;
    }
}

char *machine_left_out_text(const struct machine_left_out *item)
{
    return mem_format("%s%s%s%s%s%s %s", item->kind ? item->kind : "", item->device ? " " : "",
                      item->device ? item->device : "", item->path ? " (" : "", item->path ? item->path : "",
                      item->path ? ")" : "", item->reason ? item->reason : "is not in the point");
}

void machine_clear_surroundings(struct machine *machine)
{
    for (size_t i = 0; i < machine->file_count; i++)
        machine_file_clear(&machine->files[i]);
    free(machine->files);
    for (size_t i = 0; i < machine->left_out_count; i++)
        machine_left_out_clear(&machine->left_out[i]);
    free(machine->left_out);
    machine->files = NULL;
    machine->left_out = NULL;
    machine->file_count = machine->left_out_count = 0;
}
