/* XML as it stands in a file, made UTF-8, with a declaration that is true.
 *
 * Source: XML 1.0, 4.3.3 and appendix F. Read are UTF-8, UTF-16, the single-byte encodings (ISO-8859-*,
 * windows-*, KOI8-*) and those of East Asia that begin like ASCII. Nothing is guessed: bytes that read as
 * UTF-8 beneath another declaration are refused, for each of the two may be wrong. Threads: any. */
#ifndef REFPOINT_SYNTAX_XML_DECODE_H
#define REFPOINT_SYNTAX_XML_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

/* *text, the caller's: UTF-8 without a byte order mark; its declaration says UTF-8 or nothing, everything
 * else is as it was. It need not be well-formed. Bytes may hold zeroes: UTF-16 does. Error 32773 otherwise,
 * with the line. */
bool xml_decode(const char *bytes, size_t length, const char *name_for_messages, char **text,
                struct error *err) WARN_UNUSED;

#endif
