#pragma once

// The one loop of a linear model in which all its time goes, in C so that it is fast in debug builds, too.

#include <stddef.h>

// sum[i] += factor * row[i]. `count` is a multiple of CLINEAR_LANES.
enum { CLINEAR_LANES = 8 };
void clinear_add(float *sum, const float *row, float factor, size_t count);

// Has a row brought near while another is added: the next one's place cannot be guessed by the processor.
void clinear_fetch(const float *row, size_t count);
