/* Loops over sorted strings; what is declared in Python beside its caller is described there. */

#include <stdint.h>
#include <string.h>

/* The order of a string's beginning and a prefix: below 0, 0 or above 0. */
static int compare(const uint8_t *string, int64_t size, const uint8_t *prefix, int64_t prefix_size)
{
    int order = memcmp(string, prefix, (size_t)(size < prefix_size ? size : prefix_size));
    return order || size >= prefix_size ? order : -1;
}

void prefixed_strings(int64_t *bounds, const uint8_t *letters, const int32_t *starts, int64_t count,
                      const uint8_t *prefix, int64_t size)
{
    for (int which = 0; which < 2; which++) {
        int64_t begin = 0, end = count;
        while (begin < end) {
            int64_t at = begin + (end - begin) / 2;
            if (compare(letters + starts[at], starts[at + 1] - starts[at], prefix, size) < which)
                begin = at + 1;
            else
                end = at;
        }
        bounds[which] = begin;
    }
}

void prefixed_terms(int64_t *bounds, const uint8_t *letters, const int64_t *ends, int64_t count, const uint8_t *prefix,
                    int64_t size)
{
    for (int which = 0; which < 2; which++) {
        int64_t begin = 0, end = count;
        while (begin < end) {
            int64_t at = begin + (end - begin) / 2, start = at ? ends[at - 1] : 0;
            if (compare(letters + start, ends[at] - start, prefix, size) < which)
                begin = at + 1;
            else
                end = at;
        }
        bounds[which] = begin;
    }
}
