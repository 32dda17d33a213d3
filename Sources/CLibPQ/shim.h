// libpq as the distribution ships it. Nothing here decides anything.
#pragma once
#include <libpq-fe.h>
