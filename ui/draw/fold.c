#include "ui/draw/fold.h"

#include <utf8proc.h>

#include "core/base/mem.h"

char *fold_text(const char *text)
{
    utf8proc_uint8_t *folded = utf8proc_NFKC_Casefold((const utf8proc_uint8_t *)text);
    return folded ? (char *)folded : mem_strdup(text);
}
