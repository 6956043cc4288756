#ifndef CANDIDATES_H
#define CANDIDATES_H

#include <stdint.h>

/* A candidate has three scores and two marks of each concept: all own ones, then all of its headings, and so on. */
enum score { OWN, CONTEXT, DOCUMENT, SCORES };
enum mark { NAMED, NEAR, MARKS };

static inline double smaller(double one, double other)
{
    return one < other ? one : other;
}

static inline double larger(double one, double other)
{
    return one > other ? one : other;
}

/* The score of a concept in a point and its headings. */
static inline double direct_score(double own, double context, double context_weight, double repeated_weight)
{
    context *= context_weight;
    return larger(own, context) + repeated_weight * smaller(own, context);
}

/* Eight sums side by side, which is how numpy adds up up to 128 numbers. */
static inline double sum_of(const double *numbers, int64_t count)
{
    double sums[8] = {0}, sum;
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int64_t j = 0; j < 8; j++)
            sums[j] += numbers[i + j];
    sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    for (; i < count; i++)
        sum += numbers[i];
    return sum;
}

#endif
