#include "core/export/package/sums.h"

#include "core/base/strbuf.h"
#include "core/export/package/path.h"

char *package_sums_text(const struct package *package, const char *record_sha256)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < package->file_count; i++)
        strbuf_addf(&text, "%s  %s\n", package->files[i].sha256, package->files[i].name);
    strbuf_addf(&text, "%s  " PACKAGE_RECORD "\n", record_sha256);
    return strbuf_take(&text);
}
