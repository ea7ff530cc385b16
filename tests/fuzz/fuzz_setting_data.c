/* The embedded instance: what is decoded can be encoded (XML brought it) and decodes to the same. */
#include <string.h>

#include "core/base/mem.h"
#include "core/model/embedded_instance.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct export_setting_data settings = {0};
    CLEANUP_FREE char *text = mem_strndup(size ? (const char *)data : "", size);
    if (!embedded_instance_decode(&settings, text, &err)) {
        fuzz_check_refusal(&err);
        FUZZ_PROMISE(err.code == RETURN_INVALID_PARAMETER || err.code == RETURN_INCORRECT_DATA_TYPE);
        FUZZ_PROMISE(!settings.machines && object_path_is_none(&settings.base));
        return 0;
    }
    struct export_setting_data again = {0};
    CLEANUP_FREE char *encoded = embedded_instance_encode(&settings);
    FUZZ_PROMISE(encoded);
    FUZZ_PROMISE(embedded_instance_decode(&again, encoded, &err));
    CLEANUP_FREE char *encoded_again = embedded_instance_encode(&again);
    FUZZ_PROMISE(encoded_again && strcmp(encoded, encoded_again) == 0);
    export_setting_data_clear(&settings);
    export_setting_data_clear(&again);
    return 0;
}
