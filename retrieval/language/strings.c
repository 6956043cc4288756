/* Loops over sorted strings; what is declared in Python beside its caller is described there. */

#include <stdint.h>
#include <string.h>

/* The order of a string's beginning and a prefix: below 0, 0 or above 0. */
static int compare(const uint8_t *string, int64_t size, const uint8_t *prefix, int64_t prefix_size)
{
    int order = memcmp(string, prefix, (size_t)(size < prefix_size ? size : prefix_size));
    return order || size >= prefix_size ? order : -1;
}

/* The first string from `begin` on whose beginning is not before the prefix, or, if `behind`, is behind it. */
static int64_t first(const uint8_t *letters, const int32_t *starts, int64_t begin, int64_t end, const uint8_t *prefix,
                     int64_t size, int behind)
{
    while (begin < end) {
        int64_t at = begin + (end - begin) / 2;
        if (compare(letters + starts[at], starts[at + 1] - starts[at], prefix, size) < behind)
            begin = at + 1;
        else
            end = at;
    }
    return begin;
}

int64_t place_of_hash(uint64_t hash, const uint64_t *hashes, int64_t count)
{
    int64_t begin = 0, end = count;
    while (begin < end) {
        int64_t at = begin + (end - begin) / 2;
        if (hashes[at] < hash)
            begin = at + 1;
        else
            end = at;
    }
    return begin < count && hashes[begin] == hash ? begin : -1;
}

void prefixed_strings(int64_t *bounds, const uint8_t *prefix, int64_t size, const uint8_t *letters,
                      const int32_t *starts, int64_t count)
{
    bounds[0] = first(letters, starts, 0, count, prefix, size, 0);
    bounds[1] = first(letters, starts, bounds[0], count, prefix, size, 1);
}

int64_t joined_strings(int32_t *found, int64_t most, const uint8_t *text, const int32_t *text_starts, int64_t pieces,
                       int64_t gap, const uint8_t *letters, const int32_t *starts, int64_t count)
{
    int64_t size_of_found = 0;
    for (int64_t from = 0; from < pieces; from++) {
        const uint8_t *joined = text + text_starts[from];
        int64_t at = 0;
        for (int64_t more = 1; more < most && from + more < pieces; more++) {
            int64_t size = text_starts[from + more + 1] - text_starts[from] - gap;
            at = first(letters, starts, at, count, joined, size, 0);
            if (at == count || compare(letters + starts[at], starts[at + 1] - starts[at], joined, size))
                break;
            if (starts[at + 1] - starts[at] == size) {
                int32_t *one = found + 3 * size_of_found++;
                one[0] = (int32_t)from;
                one[1] = (int32_t)more + 1;
                one[2] = (int32_t)at;
            }
        }
    }
    return size_of_found;
}

void prefixed_terms(int64_t *bounds, const uint8_t *prefix, int64_t size, const uint8_t *letters, const int64_t *ends,
                    int64_t count)
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
