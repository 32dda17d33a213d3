#include "CXML.h"

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>

struct cxml_document {
    xmlBufferPtr buffer;
    xmlTextWriterPtr writer;
};

cxml_document *cxml_new(void) {
    // Before two threads write; what it does, it does once.
    xmlInitParser();
    cxml_document *document = calloc(1, sizeof *document);
    if (document == NULL) return NULL;
    document->buffer = xmlBufferCreate();
    if (document->buffer != NULL) document->writer = xmlNewTextWriterMemory(document->buffer, 0);
    if (document->writer == NULL || xmlTextWriterStartDocument(document->writer, NULL, "UTF-8", NULL) < 0) {
        cxml_free(document);
        return NULL;
    }
    return document;
}

int cxml_start(cxml_document *document, const char *name) {
    if (document->writer == NULL) return -1;
    return xmlTextWriterStartElement(document->writer, (const xmlChar *)name) < 0 ? -1 : 0;
}

int cxml_text(cxml_document *document, const char *text) {
    if (document->writer == NULL) return -1;
    return xmlTextWriterWriteString(document->writer, (const xmlChar *)text) < 0 ? -1 : 0;
}

int cxml_end(cxml_document *document) {
    if (document->writer == NULL) return -1;
    return xmlTextWriterEndElement(document->writer) < 0 ? -1 : 0;
}

const unsigned char *cxml_finish(cxml_document *document, size_t *length) {
    if (document->writer == NULL || xmlTextWriterEndDocument(document->writer) < 0) return NULL;
    // Freeing the writer writes the rest into the buffer.
    xmlFreeTextWriter(document->writer);
    document->writer = NULL;
    *length = (size_t)xmlBufferLength(document->buffer);
    return xmlBufferContent(document->buffer);
}

void cxml_free(cxml_document *document) {
    if (document->writer != NULL) xmlFreeTextWriter(document->writer);
    if (document->buffer != NULL) xmlBufferFree(document->buffer);
    free(document);
}

static int is_element(xmlNodePtr node) { return node->type == XML_ELEMENT_NODE; }

static void read_record(xmlNodePtr record, int number, void *context, cxml_field field) {
    // More fields than any protocol has are not looked at.
    int left = 200;
    for (xmlNodePtr node = record->children; node != NULL && left > 0; node = node->next) {
        if (!is_element(node)) continue;
        left--;
        xmlChar *text = xmlNodeGetContent(node);
        if (text == NULL) continue;
        field(context, number, (const char *)node->name, (const char *)text);
        xmlFree(text);
    }
}

int cxml_read(const char *bytes, size_t length, int records, void *context, cxml_field field) {
    if (length > 1 << 24) return -1;
    xmlInitParser();
    int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDocPtr document = xmlReadMemory(bytes, (int)length, NULL, NULL, options);
    if (document == NULL) return -1;
    xmlNodePtr root = xmlDocGetRootElement(document);
    // Without a DTD there are no entities but the five of XML, and nothing can grow.
    if (root == NULL || document->intSubset != NULL || document->extSubset != NULL) {
        xmlFreeDoc(document);
        return -1;
    }
    int number = 0;
    for (xmlNodePtr node = root->children; node != NULL && number < records; node = node->next) {
        if (!is_element(node)) continue;
        read_record(node, number, context, field);
        number++;
    }
    xmlFreeDoc(document);
    return 0;
}
