// libxml2 as the distribution ships it. Only CMail includes it.
#pragma once
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
