/* Start tags as they stand in a text, for the elements that were read from it: what nobody changed is printed
 * again as it was, with its quotes, its order and its line breaks. libvirt itself mixes quotes: those of
 * foreign metadata are not its own. Threads: one at a time. */
#ifndef REFPOINT_DEFINITION_REWRITE_TAGS_H
#define REFPOINT_DEFINITION_REWRITE_TAGS_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

struct tag {
    const char *start; /* "<", borrowed from the text */
    size_t length;     /* to the end of ">" */
    char quote;        /* around its first value; '\0': it has none */
    bool changed;      /* it no longer is what the element's is */
};

/* For a document without a document type and the UTF-8 text that it was read from: each element's _private
 * becomes its tag. The array is the caller's, to be freed after the last use of the document; NULL, and no
 * tags: they could not be told. */
struct tag *tags_attach(xmlDoc *document, const char *text);
/* NULL for an element that was not read. */
struct tag *tag_of(const xmlNode *element);

#endif
