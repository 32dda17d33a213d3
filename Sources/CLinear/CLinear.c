#include "CLinear.h"

// Two registers of the smallest vector unit there is, wherever they stand in memory.
typedef float lanes __attribute__((vector_size(CLINEAR_LANES * sizeof(float)), aligned(sizeof(float))));

void clinear_add(float *sum, const float *row, float factor, size_t count) {
    for (size_t i = 0; i < count; i += CLINEAR_LANES) {
        *(lanes *)(sum + i) += factor * *(const lanes *)(row + i);
    }
}

void clinear_fetch(const float *row, size_t count) {
    for (size_t i = 0; i < count; i += 64 / sizeof(float)) __builtin_prefetch(row + i);
}
