/* A definition that is being changed: its tree, whether anything became different, and what is to be said.
 *
 * A change that would put what is there already changes nothing. Elements come with the indentation of those
 * around them and go without leaving an empty line. Names are those of libvirt's own elements: one in a
 * foreign name space is another. Memory: as mem.h, the program ends where there is none. Ownership: elements
 * belong to the edit. Threads: one at a time. */
#ifndef REFPOINT_DEFINITION_REWRITE_EDIT_H
#define REFPOINT_DEFINITION_REWRITE_EDIT_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

struct tag;

struct edit {
    xmlDoc *document;
    xmlNode *domain; /* the root */
    struct tag *tags;
    bool touched;
    char **notes;
    size_t note_count;
};

/* Reads text whose root is <domain>; it is borrowed until the end. After a failure there is nothing to close.
 */
bool edit_open(struct edit *edit, const char *text, struct error *err) WARN_UNUSED;
/* Releases the tree and the notes that are left. */
void edit_close(struct edit *edit);
void edit_note(struct edit *edit, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Elements only; NULL behind the last one. */
xmlNode *edit_first(const xmlNode *parent);
xmlNode *edit_next(const xmlNode *element);
xmlNode *edit_child(const xmlNode *parent, const char *name); /* NULL parent: NULL */
bool edit_is(const xmlNode *element, const char *name);

/* NULL takes the attribute out. */
void edit_set(struct edit *edit, xmlNode *element, const char *name, const char *value);
void edit_set_text(struct edit *edit, xmlNode *element, const char *text);
xmlNode *edit_append(struct edit *edit, xmlNode *parent, const char *name);
xmlNode *edit_insert_after(struct edit *edit, xmlNode *sibling, const char *name);
xmlNode *edit_insert_first(struct edit *edit, xmlNode *parent, const char *name);
void edit_remove(struct edit *edit, xmlNode *element);
/* All children of that name; whether there was one. A NULL parent has none. */
bool edit_remove_children(struct edit *edit, xmlNode *parent, const char *name);

#endif
