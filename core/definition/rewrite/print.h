/* XML as text, in the manner of the text that it was read from: elements that have an unchanged tag (see
 * tags.h) with that one, others with the quotes of those around them. libxml2's own writer has one kind of
 * quotes and puts name spaces before the attributes. Threads: any. */
#ifndef REFPOINT_DEFINITION_REWRITE_PRINT_H
#define REFPOINT_DEFINITION_REWRITE_PRINT_H

#include <libxml/tree.h>
#include <stdbool.h>

/* The whole document in UTF-8, with an XML declaration and the kind of quotes as `model` has them. */
char *print_xml(const xmlDoc *document, const char *model);
/* Whether a well-formed text says that it is UTF-8, or says nothing, which means the same. */
bool print_is_utf8(const char *model);

#endif
