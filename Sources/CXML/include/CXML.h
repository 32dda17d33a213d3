// libxml2's text writer, without its headers. No policy.
#pragma once
#include <stddef.h>

/// A document that is being written to memory: XML 1.0 in UTF-8, with its declaration.
typedef struct cxml_document cxml_document;

/// Null if memory is out.
cxml_document *_Nullable cxml_new(void);

// Each is 0, or -1 if it could not be written. Names and texts are UTF-8 without characters that XML does not have.
int cxml_start(cxml_document *_Nonnull document, const char *_Nonnull name);
int cxml_text(cxml_document *_Nonnull document, const char *_Nonnull text);
int cxml_end(cxml_document *_Nonnull document);

/// Ends the document: nothing can be written after it. The bytes belong to the document; null if it could not be ended.
const unsigned char *_Nullable cxml_finish(cxml_document *_Nonnull document, size_t *_Nonnull length);

void cxml_free(cxml_document *_Nonnull document);

/// A leaf element of a record: the record's number from 0, the element's name, its text.
typedef void (*cxml_field)(void *_Nullable context, int record, const char *_Nonnull name, const char *_Nonnull text);

/// Reads a document whose root holds records, and those plain elements: no network, no DTD, at most `records` of them.
/// 0, or -1 if it is no such document.
int cxml_read(
    const char *_Nonnull bytes, size_t length, int records, void *_Nullable context, cxml_field _Nonnull field);
