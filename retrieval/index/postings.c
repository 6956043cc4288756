/* Loops over postings; what is declared in Python beside their callers is described there. */

#include <stdint.h>

/* totals[texts[i]] += scores[i] * factor, in single precision. */
void add_scores(float *totals, const int32_t *texts, const double *scores, int64_t size, double factor)
{
    for (int64_t i = 0; i < size; i++)
        totals[texts[i]] += (float)scores[i] * (float)factor;
}
