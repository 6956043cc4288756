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
    int64_t count = end - begin;
    if (count <= 0)
        return begin;
    /* without a branch on which half it is in: half of these would be guessed wrong */
    for (int64_t half; (half = count / 2) > 0; count -= half)
        begin += half & -(int64_t)(texts[begin + half - 1] < text);
    begin += texts[begin] < text;
    return begin;
}

/* The place of a key from `begin`, or a later one's, or `end`; fast where it is not far, or where no key is missing
   between both. */
static inline int64_t find_key(const int64_t *keys, int64_t begin, int64_t end, int64_t key)
{
    int64_t step = 1, last = begin < end ? begin + (key - keys[begin]) : end;
    if (begin <= last && last < end && keys[last] == key)
        return last;
    while (begin + step < end && keys[begin + step] < key) {
        begin += step;
        step *= 2;
    }
    if (begin + step < end)
        end = begin + step;
    while (begin < end) {
        int64_t middle = begin + (end - begin) / 2;
        if (keys[middle] < key)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

#endif
