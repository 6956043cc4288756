"""The loops in C, which retrieval/runtime/kernels.py calls. pyproject.toml knows extensions only as an experiment."""

import runpy
from pathlib import Path

from setuptools import Extension, setup

# Sums must not depend on whether a processor can fuse a multiplication with an addition.
FLAGS = ["-O3", "-std=c11", "-Wall", "-Wextra", "-ffp-contract=off"]

# by its path: the packages that ours import may not be installed yet
kernel_sources = runpy.run_path("retrieval/runtime/kernel_sources.py")
found = kernel_sources["find_sources"](Path("retrieval"))
digest = kernel_sources["digest_sources"](Path("retrieval"))
SOURCES, HEADERS = ([str(path) for path in found if path.suffix == suffix] for suffix in (".c", ".h"))

setup(
    ext_modules=[
        Extension(
            "retrieval.runtime._kernels",
            SOURCES,
            depends=HEADERS,  # an upgrade finds what the last one compiled in build/, which these make too old
            define_macros=[("SOURCES_DIGEST", f'"{digest}"')],
            extra_compile_args=FLAGS,
            libraries=["m"],
        )
    ]
)
