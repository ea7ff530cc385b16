/* The one guarded reader of XML: embedded instances and libvirt's domain XML, both other people's text.
 *
 * No document type (so no entities but XML's five and no external files), no network, UTF-8 only, size and
 * nesting (256 levels, libxml2's own bound) limited; what libxml2 has to say goes into the error and nowhere
 * else. Ownership: the caller releases the document with xmlFreeDoc; returned text is the caller's. Threads:
 * any, each its own document. */
#ifndef REFPOINT_SYNTAX_XML_H
#define REFPOINT_SYNTAX_XML_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

#define XML_LIMIT ((size_t)1 << 20)

/* Refuses (32773) what is larger than XML_LIMIT. */
bool xml_check_size(size_t length, const char *name_for_messages, struct error *err) WARN_UNUSED;
/* Error 32773: "NAME: line 5: ...". The text is UTF-8 whatever it declares: see xml_decode.h for files. */
bool xml_parse(const char *text, const char *name_for_messages, xmlDoc **document,
               struct error *err) WARN_UNUSED;
void xml_cleanup_document(xmlDoc **document);
#define CLEANUP_XML __attribute__((cleanup(xml_cleanup_document)))

/* Elements only; NULL behind the last one. Names compare without their prefixes. */
const xmlNode *xml_first(const xmlNode *parent);
const xmlNode *xml_next(const xmlNode *element);
const xmlNode *xml_child(const xmlNode *parent, const char *name); /* the first of that name */
/* The only one of that name, NULL where there is none; two are refused (32773): which one counts would be a
 * guess. */
bool xml_only_child(const xmlNode *parent, const char *name, const xmlNode **child,
                    struct error *err) WARN_UNUSED;
bool xml_is(const xmlNode *element, const char *name);
const char *xml_name(const xmlNode *element);      /* borrowed */
const char *xml_namespace(const xmlNode *element); /* its address; borrowed; NULL: it is in none */

char *xml_attribute(const xmlNode *element, const char *name); /* NULL = not there */
bool xml_attribute_is(const xmlNode *element, const char *name, const char *value);
/* The text directly in an element, "" where there is none. */
char *xml_text(const xmlNode *element);
char *xml_trimmed(const xmlNode *element); /* without the blanks and line breaks around it */

/* For the inside of an element, or of an attribute in double quotes; the caller's. */
char *xml_escape(const char *text);
/* Whether XML can carry this text: UTF-8 without control characters but tab, newline and return. */
bool xml_can_carry(const char *text);

#endif
