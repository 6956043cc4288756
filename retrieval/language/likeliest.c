/* The likeliest of many names; what is declared in Python beside its caller is described there. */

#include <stdint.h>
#include <string.h>

struct likeliest {
    int32_t *names;
    double *weights;
    int64_t size, most;
};

static int is_likelier(const struct likeliest *kept, double weight, int32_t name, int64_t than)
{
    return weight > kept->weights[than] || (weight == kept->weights[than] && name < kept->names[than]);
}

/* Keep a name, once, with the greater of its weights, if it is among the likeliest. */
static void keep(struct likeliest *kept, int32_t name, double weight)
{
    if (kept->size == kept->most && !is_likelier(kept, weight, name, kept->size - 1))
        return;
    int64_t at = 0;
    while (at < kept->size && kept->names[at] != name)
        at++;
    if (at < kept->size && kept->weights[at] >= weight)
        return;
    if (at == kept->most)
        at--;
    else if (at == kept->size)
        kept->size++;
    for (; at > 0 && is_likelier(kept, weight, name, at - 1); at--) {
        kept->names[at] = kept->names[at - 1];
        kept->weights[at] = kept->weights[at - 1];
    }
    kept->names[at] = name;
    kept->weights[at] = weight;
}

/* Write the strings with these numbers, each with an end of line behind it; the number of bytes. */
static int64_t write_strings(uint8_t *text, const int32_t *numbers, int64_t count, const uint8_t *letters,
                             const int32_t *ends)
{
    uint8_t *at = text;
    for (int64_t i = 0; i < count; i++) {
        size_t size = (size_t)(ends[numbers[i] + 1] - ends[numbers[i]]);
        memcpy(at, letters + ends[numbers[i]], size);
        at += size;
        *at++ = '\n';
    }
    return at - text;
}

int64_t names_present(uint8_t *text, int32_t *names, double *name_weights, int64_t most, int32_t word, double share,
                      double sure, double round_trip, uint8_t is_chinese, uint8_t is_long, const int32_t *starts,
                      const int32_t *others, const uint16_t *thousandths, const uint8_t *flags, const uint8_t *letters,
                      const int32_t *ends, const _Bool *present)
{
    struct likeliest kept = {names, name_weights, 0, most};
    uint8_t script = flags[word] & is_chinese;
    for (int64_t i = starts[word]; i < starts[word + 1]; i++) {
        int32_t way = others[i];
        double weight = thousandths[i] / 1000.0;
        if (present[way])
            keep(&kept, way, share * weight);
        if (weight <= sure || (flags[way] & is_chinese) == script)
            continue;
        for (int64_t j = starts[way]; j < starts[way + 1]; j++)
            if (present[others[j]] && (flags[others[j]] & (is_chinese | is_long)) == (script | is_long))
                keep(&kept, others[j], round_trip * weight * (thousandths[j] / 1000.0));
    }
    return write_strings(text, names, kept.size, letters, ends);
}

int64_t neighbours_present(int32_t *found, double *found_weights, int64_t most, int32_t word, const int64_t *starts,
                           const uint16_t *numbers, const uint8_t *cosines, const double *cosine_weights,
                           const _Bool *chinese, const _Bool *present)
{
    struct likeliest kept = {found, found_weights, 0, 2 * most};
    int64_t left[] = {most, most};
    for (int64_t i = starts[word]; i < starts[word + 1]; i++) {
        int same = chinese[numbers[i]] == chinese[word];
        double weight = cosine_weights[same * (UINT8_MAX + 1) + cosines[i]];
        if (present[numbers[i]] && weight > 0 && left[same] > 0) {
            left[same]--;
            keep(&kept, numbers[i], weight);
        }
    }
    return kept.size;
}
