// libxml2 as the distribution ships it. Only C includes it (CMail, CXML): its headers bring an ICU that Foundation has too.
#pragma once
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
