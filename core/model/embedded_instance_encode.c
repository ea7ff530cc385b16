/* Escaped by hand and not by libxml2: the machines are escaped twice, and the text is to be the same on every
 * version of the library. */
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/model/embedded_instance.h"
#include "core/model/embedded_instance_names.h"
#include "core/syntax/xml.h"

static void add_escaped(struct strbuf *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        if (*at == '&')
            strbuf_add(out, "&amp;");
        else if (*at == '<')
            strbuf_add(out, "&lt;");
        else if (*at == '>')
            strbuf_add(out, "&gt;");
        else if (*at == '"')
            strbuf_add(out, "&quot;");
        else if (strchr("\t\n\r", *at))
            strbuf_addf(out, "&#%d;", *at); /* a parser would turn a bare return into a newline */
        else
            strbuf_add_bytes(out, at, 1);
    }
}

static void add_value(struct strbuf *out, const char *text)
{
    strbuf_add(out, "<VALUE>");
    add_escaped(out, text);
    strbuf_add(out, "</VALUE>");
}

static char *encode_machine(const struct machine_to_disks *machine)
{
    struct strbuf out = {0};
    strbuf_add(&out, "<INSTANCE CLASSNAME=\"" MACHINE_CLASS "\">"
                     "<PROPERTY NAME=\"" MACHINE_ID_PROPERTY "\" TYPE=\"string\">");
    add_value(&out, machine->machine_id);
    strbuf_add(&out, "</PROPERTY>");
    if (machine->disk_count > 0) {
        strbuf_add(&out, "<PROPERTY.ARRAY NAME=\"" DISKS_PROPERTY "\" TYPE=\"string\"><VALUE.ARRAY>");
        for (size_t i = 0; i < machine->disk_count; i++)
            add_value(&out, machine->disks[i]);
        strbuf_add(&out, "</VALUE.ARRAY></PROPERTY.ARRAY>");
    }
    strbuf_add(&out, "</INSTANCE>");
    return strbuf_take(&out);
}

static bool can_encode(const struct export_setting_data *settings)
{
    for (size_t i = 0; i < settings->machine_count; i++) {
        const struct machine_to_disks *machine = &settings->machines[i];
        if (!xml_can_carry(machine->machine_id))
            return false;
        for (size_t j = 0; j < machine->disk_count; j++) {
            if (!xml_can_carry(machine->disks[j]))
                return false;
        }
    }
    return true;
}

char *embedded_instance_encode(const struct export_setting_data *settings)
{
    struct strbuf out = {0};
    if (!can_encode(settings))
        return NULL;
    strbuf_add(&out, "<INSTANCE CLASSNAME=\"" SETTINGS_CLASS "\">");
    if (!object_path_is_none(&settings->base)) {
        CLEANUP_FREE char *path = object_path_format(&settings->base);
        strbuf_add(&out, "<PROPERTY NAME=\"" BASE_PROPERTY "\" TYPE=\"string\">");
        add_value(&out, path);
        strbuf_add(&out, "</PROPERTY>");
    }
    if (settings->machine_count > 0) {
        strbuf_add(&out, "<PROPERTY.ARRAY NAME=\"" MACHINES_PROPERTY "\" TYPE=\"string\"><VALUE.ARRAY>");
        for (size_t i = 0; i < settings->machine_count; i++) {
            CLEANUP_FREE char *machine = encode_machine(&settings->machines[i]);
            add_value(&out, machine);
        }
        strbuf_add(&out, "</VALUE.ARRAY></PROPERTY.ARRAY>");
    }
    strbuf_add(&out, "</INSTANCE>");
    return strbuf_take(&out);
}
