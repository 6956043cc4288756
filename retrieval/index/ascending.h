#ifndef ASCENDING_H
#define ASCENDING_H

#include <stdint.h>

/* The first place from `begin` of this text or a later one, or `end`; fast where it is not far. */
static inline int64_t first_from(const int32_t *texts, int64_t begin, int64_t end, int64_t text)
{
    int64_t step = 1;
    while (begin + step < end && texts[begin + step] < text) {
        begin += step;
        step *= 2;
    }
    if (begin + step < end)
        end = begin + step;
    while (begin < end) {
        int64_t middle = begin + (end - begin) / 2;
        if (texts[middle] < text)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

#endif
