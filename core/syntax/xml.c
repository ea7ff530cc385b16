/* A document type is refused by the parser's own callback, the moment it is met: what follows it is never
 * looked at. Searching the text for it beforehand would also find it in comments, and miss it in other
 * encodings. */
#include "core/syntax/xml.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"

static const xmlChar *to_xml(const char *text)
{
    return (const xmlChar *)text;
}

static void refuse_document_type(void *context, const xmlChar *name, const xmlChar *external_id,
                                 const xmlChar *system_id)
{
    (void)name;
    (void)external_id;
    (void)system_id;
    xmlParserCtxt *parser = context;
    *(bool *)parser->_private = true;
    xmlStopParser(parser);
}

static bool refuse_syntax(xmlParserCtxt *parser, const char *name, struct error *err)
{
    const xmlError *said = xmlCtxtGetLastError(parser);
    CLEANUP_FREE char *message = mem_strdup(said && said->message ? said->message : "it is not complete");
    message[strcspn(message, "\n")] = '\0';
    error_set(err, RETURN_INVALID_PARAMETER, "xml.syntax", "%s: line %d: this is not well-formed XML", name,
              said ? said->line : 1);
    return error_cause(err, "%s", message);
}

bool xml_check_size(size_t length, const char *name, struct error *err)
{
    if (length <= XML_LIMIT)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "xml.too-large", "%s is larger than %zu bytes", name, XML_LIMIT);
    return error_next(err, "It cannot be what it is taken for: look whether it is the right file.");
}

bool xml_parse(const char *text, const char *name, xmlDoc **document, struct error *err)
{
    bool has_document_type = false;
    size_t length = strnlen(text, XML_LIMIT + 1);
    if (!xml_check_size(length, name, err))
        return false;
    xmlInitParser();
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (!parser) {
        error_set(err, RETURN_OUT_OF_MEMORY, "xml.memory", "%s: there is no memory to read it", name);
        return error_next(err, "Free some memory, then try again.");
    }
    parser->_private = &has_document_type;
    parser->sax->internalSubset = refuse_document_type;
    xmlDoc *parsed = xmlCtxtReadMemory(parser, text, (int)length, NULL, "UTF-8",
                                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                           XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
    bool ok = false;
    if (has_document_type) {
        error_set(err, RETURN_INVALID_PARAMETER, "xml.document-type",
                  "%s: a document type (<!DOCTYPE ...>) is not allowed", name);
        error_next(err, "Remove the document type: none is needed here, and it could name other files.");
    } else if (!parsed || !xmlDocGetRootElement(parsed))
        refuse_syntax(parser, name, err);
    else
        ok = true;
    xmlFreeParserCtxt(parser);
    if (ok)
        *document = parsed;
    else
        xmlFreeDoc(parsed);
    return ok;
}

void xml_cleanup_document(xmlDoc **document)
{
    xmlFreeDoc(*document);
}

static const xmlNode *element_from(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

const xmlNode *xml_first(const xmlNode *parent)
{
    return element_from(parent->children);
}

const xmlNode *xml_next(const xmlNode *element)
{
    return element_from(element->next);
}

const xmlNode *xml_child(const xmlNode *parent, const char *name)
{
    const xmlNode *child = xml_first(parent);
    while (child && !xml_is(child, name))
        child = xml_next(child);
    return child;
}

bool xml_only_child(const xmlNode *parent, const char *name, const xmlNode **child, struct error *err)
{
    *child = xml_child(parent, name);
    const xmlNode *other = *child ? xml_next(*child) : NULL;
    while (other && !xml_is(other, name))
        other = xml_next(other);
    if (!other)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "xml.twice", "line %ld: <%s> has <%s> twice",
              xmlGetLineNo(other), xml_name(parent), name);
    return error_next(err, "Leave one of them in.");
}

bool xml_is(const xmlNode *element, const char *name)
{
    return xmlStrEqual(element->name, to_xml(name));
}

const char *xml_name(const xmlNode *element)
{
    return (const char *)element->name;
}

const char *xml_namespace(const xmlNode *element)
{
    return element->ns ? (const char *)element->ns->href : NULL;
}

char *xml_attribute(const xmlNode *element, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(element, to_xml(name));
    char *copy = mem_strdup((const char *)value);
    xmlFree(value);
    return copy;
}

bool xml_attribute_is(const xmlNode *element, const char *name, const char *value)
{
    CLEANUP_FREE char *found = xml_attribute(element, name);
    return found && strcmp(found, value) == 0;
}

char *xml_text(const xmlNode *element)
{
    struct strbuf text = {0};
    for (const xmlNode *node = element->children; node; node = node->next) {
        if ((node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) && node->content)
            strbuf_add(&text, (const char *)node->content);
    }
    return strbuf_take(&text);
}

char *xml_trimmed(const xmlNode *element)
{
    static const char blanks[] = " \t\r\n";
    CLEANUP_FREE char *whole = xml_text(element);
    const char *start = whole + strspn(whole, blanks);
    size_t length = strlen(start);
    while (length > 0 && strchr(blanks, start[length - 1]))
        length--;
    return mem_strndup(start, length);
}

bool xml_can_carry(const char *text)
{
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < 0x20 && !strchr("\t\n\r", *at))
            return false;
        /* U+FFFE and U+FFFF are no characters of XML. */
        if (strncmp(at, "\xef\xbf\xbe", 3) == 0 || strncmp(at, "\xef\xbf\xbf", 3) == 0)
            return false;
    }
    return text_is_utf8(text);
}

char *xml_escape(const char *text)
{
    xmlChar *made = xmlEncodeSpecialChars(NULL, (const xmlChar *)text);
    char *escaped = mem_strdup((const char *)made);
    xmlFree(made);
    return escaped;
}
