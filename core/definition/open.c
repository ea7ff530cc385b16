#include "core/definition/open.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/return_code.h"
#include "core/syntax/xml.h"
#include "core/syntax/xml_decode.h"

#define NAME "the domain XML"

bool definition_invalid(const xmlNode *element, const char *why, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.invalid", NAME ": line %ld: <%s> %s",
              xmlGetLineNo(element), xml_name(element), why);
    return error_next(err, "Take the definition as \"virsh dumpxml --inactive\" prints it.");
}

/* libvirt looks for names without a namespace: it would find nothing in another one. */
static bool check_root(const xmlNode *domain, struct error *err)
{
    if (!xml_is(domain, "domain"))
        return definition_invalid(domain, "is where <domain> should be", err);
    return !xml_namespace(domain) ||
           definition_invalid(domain, "is in a namespace, where libvirt does not find it", err);
}

bool definition_open(struct definition *definition, const char *text, struct error *err)
{
    *definition = (struct definition){0};
    if (!xml_decode(text, strlen(text), NAME, &definition->text, err))
        return false;
    if (!xml_parse(definition->text, NAME, &definition->document, err))
        return error_advise(err, "Correct it there (\"xmllint --noout FILE\" shows the place), or take the "
                                 "definition anew with \"virsh dumpxml --inactive NAME\".");
    definition->domain = xmlDocGetRootElement(definition->document);
    return check_root(definition->domain, err);
}

void definition_close(struct definition *definition)
{
    xmlFreeDoc(definition->document);
    free(definition->text);
    *definition = (struct definition){0};
}
