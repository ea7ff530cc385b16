/*
 * The guest of a machine with UEFI: one program in two places of its disk.
 *
 * As \EFI\BOOT\BOOTX64.EFI it is what the firmware takes when its variables name nothing to boot. It then
 * stores the boot entry "refpoint", which names \refpoint\two.efi, puts it before all others, and turns the
 * machine off. As \refpoint\two.efi it was started by that entry. It counts its starts in a variable, and
 * turns the machine off. So an empty variable store shows as the first line below, and an old one as an old
 * number.
 *
 *   UEFI FIRST          no entry was there; now there is one
 *   UEFI ENTRY gen 2    started by the stored entry; the variables now hold 2
 *   UEFI BAD step N     a call of the firmware failed
 *
 * What is said goes to port 0xe9 (see emulator.sh) and to the first serial line.
 */
#include <efi.h>
#include <efilib.h>

enum { ENTRY = 0x0e17 }; /* Boot0E17: a number that no firmware takes by itself */

static EFI_GUID global = EFI_GLOBAL_VARIABLE;
static EFI_GUID ours = {0x5d3f1c52, 0x7a0b, 0x4e63, {0x9b, 0x1e, 0x64, 0x0c, 0x2f, 0x8a, 0x77, 0x31}};

static void put(char c)
{
    __asm__ volatile("outb %0, %1" : : "a"(c), "Nd"((UINT16)0xe9));
    __asm__ volatile("outb %0, %1" : : "a"(c), "Nd"((UINT16)0x3f8));
}

static void say(const char *text, UINTN number)
{
    for (; *text; text++)
        put(*text);
    if (number >= 10)
        put((char)('0' + number / 10 % 10));
    if (number > 0)
        put((char)('0' + number % 10));
    put('\n');
}

static void off(void)
{
    uefi_call_wrapper(RT->ResetSystem, 4, EfiResetShutdown, EFI_SUCCESS, 0, NULL);
}

static void need(EFI_STATUS status, UINTN step)
{
    if (!EFI_ERROR(status))
        return;
    say("UEFI BAD step ", step);
    off();
}

static EFI_STATUS store(CHAR16 *name, EFI_GUID *guid, UINTN size, void *data)
{
    const UINT32 kept =
        EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
    return uefi_call_wrapper(RT->SetVariable, 5, name, guid, kept, size, data);
}

/* EFI_LOAD_OPTION of the UEFI specification: attributes, length of the path, description, path. */
static void store_entry(EFI_HANDLE device)
{
    static CHAR16 description[] = L"refpoint";
    EFI_DEVICE_PATH *path = FileDevicePath(device, L"\\refpoint\\two.efi");
    const UINT16 path_size = (UINT16)DevicePathSize(path);
    UINT8 option[512];
    *(UINT32 *)option = 1; /* LOAD_OPTION_ACTIVE */
    *(UINT16 *)(option + 4) = path_size;
    CopyMem(option + 6, description, sizeof(description));
    CopyMem(option + 6 + sizeof(description), path, path_size);
    need(store(L"Boot0E17", &global, 6 + sizeof(description) + path_size, option), 1);

    UINT16 order[64] = {ENTRY};
    UINTN size = sizeof(order) - sizeof(order[0]);
    if (EFI_ERROR(uefi_call_wrapper(RT->GetVariable, 5, L"BootOrder", &global, NULL, &size, order + 1)))
        size = 0;
    need(store(L"BootOrder", &global, size + sizeof(order[0]), order), 2);
    say("UEFI FIRST", 0);
}

static void count_start(void)
{
    UINT8 starts = 0;
    UINTN size = sizeof(starts);
    if (EFI_ERROR(uefi_call_wrapper(RT->GetVariable, 5, L"RefpointStarts", &ours, NULL, &size, &starts)))
        starts = 0;
    starts++;
    need(store(L"RefpointStarts", &ours, sizeof(starts), &starts), 3);
    say("UEFI ENTRY gen ", starts);
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    InitializeLib(image, table);
    EFI_LOADED_IMAGE *loaded;
    need(uefi_call_wrapper(BS->HandleProtocol, 3, image, &LoadedImageProtocol, (void **)&loaded), 4);
    const CHAR16 *own = DevicePathToStr(loaded->FilePath);
    if (StrLen(own) > 8 && StriCmp(own + StrLen(own) - 8, L"\\two.efi") == 0)
        count_start();
    else
        store_entry(loaded->DeviceHandle);
    off();
    return EFI_SUCCESS;
}
