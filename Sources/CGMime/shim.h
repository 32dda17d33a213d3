// GMime as the distribution ships it. Only CMail includes it: its objects are GLib's, and no business of Swift's.
#pragma once
#include <gmime/gmime.h>
