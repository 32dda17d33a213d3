#include "CMail.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

// What one reading needs to know; libxml2 hands it to every handler.
typedef struct {
    const cmail_markup *markup;
    xmlParserCtxtPtr parser;
    int32_t depth, deepest, too_deep;
} reading;

static void on_start(void *context, const xmlChar *name, const xmlChar **attributes) {
    reading *of = context;
    if (of->too_deep) return;
    if (++of->depth > of->deepest) {
        of->too_deep = 1;
        xmlStopParser(of->parser);
        return;
    }
    of->markup->start(of->markup->context, (const char *)name, (const char *const *)attributes);
}

static void on_end(void *context, const xmlChar *name) {
    reading *of = context;
    if (of->too_deep) return;
    of->depth--;
    of->markup->end(of->markup->context, (const char *)name);
}

static void on_text(void *context, const xmlChar *bytes, int length) {
    reading *of = context;
    if (!of->too_deep) of->markup->text(of->markup->context, (const char *)bytes, length);
}

static void on_block(void *context, const xmlChar *bytes, int length) { on_text(context, bytes, length); }

// No entity is known but those that the parser has built in: none is declared, none is loaded.
static xmlEntityPtr no_entity(void *context, const xmlChar *name) {
    (void)context;
    return xmlGetPredefinedEntity(name);
}

static xmlSAXHandler handlers(int html) {
    xmlSAXHandler sax = {0};
    sax.startElement = on_start;
    sax.endElement = on_end;
    sax.characters = on_text;
    sax.ignorableWhitespace = on_text;
    sax.cdataBlock = on_block;
    if (!html) sax.getEntity = no_entity;
    sax.initialized = 1;  // SAX 1: names as they stand
    return sax;
}

int cmail_read_html(const uint8_t *bytes, size_t length, int32_t deepest, const cmail_markup *markup) {
    pthread_once(&once, xmlInitParser);
    if (length > INT32_MAX / 2) return 0;
    xmlSAXHandler sax = handlers(1);
    reading of = {.markup = markup, .deepest = deepest};
    htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(&sax, &of, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
    if (parser == NULL) return 0;
    of.parser = parser;
    htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET
                                   | HTML_PARSE_IGNORE_ENC | HTML_PARSE_NOIMPLIED);
    // In pieces: the parser looks from the start of what it holds for the end of a tag.
    size_t at = 0;
    while (at < length && !of.too_deep) {
        size_t piece = length - at < 16384 ? length - at : 16384;
        // Not within a character: the parser would take it for another charset.
        while (at + piece < length && piece > 1 && (bytes[at + piece] & 0xC0) == 0x80) piece--;
        if (htmlParseChunk(parser, (const char *)bytes + at, (int)piece, 0) != 0 && parser->disableSAX) break;
        at += piece;
    }
    if (!of.too_deep) htmlParseChunk(parser, NULL, 0, 1);
    if (parser->myDoc) xmlFreeDoc(parser->myDoc);
    htmlFreeParserCtxt(parser);
    return !of.too_deep;
}

int cmail_read_xml(const uint8_t *bytes, size_t length, int32_t deepest, const cmail_markup *markup) {
    pthread_once(&once, xmlInitParser);
    if (length > INT32_MAX / 2) return 0;
    xmlSAXHandler sax = handlers(0);
    reading of = {.markup = markup, .deepest = deepest};
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, &of, NULL, 0, NULL);
    if (parser == NULL) return 0;
    of.parser = parser;
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_SAX1);
    int whole = xmlParseChunk(parser, (const char *)bytes, (int)length, 1) == 0 && parser->wellFormed;
    if (parser->myDoc) xmlFreeDoc(parser->myDoc);
    xmlFreeParserCtxt(parser);
    return whole && !of.too_deep;
}
