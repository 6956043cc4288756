/* What kernels.py asks of the library itself. */

#ifndef SOURCES_DIGEST
#error "kernels are compiled by setup.py, which knows the digest of their sources"
#endif

/* Of the sources that this library was compiled from, by kernel_sources.py. */
const char *sources_digest(void)
{
    return SOURCES_DIGEST;
}
