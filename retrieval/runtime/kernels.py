"""Kernels: loops over arrays in C, from the `.c` files of this package, which the installation compiles.

A question's few thousand postings take numpy a hundred calls of 5 to 50 µs each, and a loop in C 20 µs in all. They are
compiled beforehand: where a service may not make memory executable, nothing can be compiled while it runs.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property, lru_cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any, Self

import _cffi_backend
import cffi
import numpy as np
from numpy.typing import NDArray

from retrieval.runtime.errors import MissingKernelsError
from retrieval.runtime.kernel_sources import digest_sources

DTYPES: dict[str, type[np.generic]] = {
    "_Bool": np.bool_,
    "int8_t": np.int8,
    "uint8_t": np.uint8,
    "int16_t": np.int16,
    "uint16_t": np.uint16,
    "int32_t": np.int32,
    "uint32_t": np.uint32,
    "int64_t": np.int64,
    "uint64_t": np.uint64,
    "float": np.float32,
    "double": np.float64,
}
LIBRARY = Path(__file__).with_name("_kernels")


class Kernel:
    """A function of the library, by its declaration in C, such as `int64_t sum(const int32_t *numbers, int64_t size);`.

    It takes numbers and arrays. An array must be contiguous, of the declared type, and writable unless it is declared
    `const`; another one raises a TypeError or a ValueError, for C would read what it is not. Lengths are not known
    here: the caller gives them, and answers for them. Other threads run meanwhile.
    """

    def __init__(self, declaration: str) -> None:
        self.declaration = declaration
        self._library: object = None  # its functions are gone once nothing refers to it
        self._last: list[Any] = []

    def __call__(self, *arguments: Any) -> Any:
        function, size, converters = self._compiled
        if len(arguments) != size:
            raise TypeError(f"{size} arguments are wanted, and not {len(arguments)}")
        given = [*arguments, *self._last]
        for place, convert in converters:
            given[place] = convert(given[place])
        return function(*given)

    def ending_with(self, *last: Any) -> Self:
        """The function with its last arguments given: arrays that stay, such as mapped ones, are checked once."""
        function, size, converters = self._compiled
        kernel, first = copy(self), size - len(last)
        kernel._last = [*last]
        for place, convert in converters:
            if place >= first:
                kernel._last[place - first] = convert(last[place - first])
        kernel._compiled = function, first, [(place, convert) for place, convert in converters if place < first]
        return kernel

    def of_numbers(self, *last: Any) -> Callable[..., Any]:
        """As `ending_with`, where only numbers come before, which C checks itself: half of a call's time."""
        kernel = self.ending_with(*last)
        function, size, converters = kernel._compiled
        if converters:
            raise TypeError(f"one of the first {size} arguments is an array")
        return lambda *numbers: function(*numbers, *kernel._last)

    @cached_property
    def _compiled(self) -> tuple[Callable[..., Any], int, list[tuple[int, Callable[[Any], Any]]]]:
        """The function, how many arguments it takes, and what converts those that are arrays, by their places."""
        before, _, parameters = self.declaration.partition("(")
        ffi = cffi.FFI()
        ffi.cdef(self.declaration)
        try:
            self._library = ffi.dlopen(_library_path())
            function = getattr(self._library, before.split()[-1])
        except (OSError, AttributeError) as problem:
            raise _unusable(_library_path(), problem) from None
        types = ffi.typeof(function).args
        converters = [
            (place, _converter(ffi, kind.item.cname, writes="const" not in parameter))
            for place, (kind, parameter) in enumerate(zip(types, parameters.split(","), strict=True))
            if kind.kind == "pointer"
        ]
        return function, len(types), converters


def address_of(array: NDArray[Any]) -> int:
    """For a table of arrays that a kernel reads, as long as each is there; whoever makes it answers for their types."""
    if not array.flags.c_contiguous:
        raise ValueError("an array of addresses' values must be contiguous")
    return int(array.ctypes.data)


def require_library() -> None:
    """Loads it before anyone asks; MissingKernelsError where that cannot be."""
    _library_path()


@lru_cache(1)
def _library_path() -> str:
    """Of a library that can be loaded and is of the sources beside it: a function of older ones may take other
    arguments, which nothing notices."""
    path = next((path for suffix in EXTENSION_SUFFIXES if (path := LIBRARY.with_suffix(suffix)).exists()), None)
    if path is None:
        raise MissingKernelsError(f"{LIBRARY}{EXTENSION_SUFFIXES[0]} is missing: run `make install`")
    sources = digest_sources(LIBRARY.parents[1])
    if sources not in ("", _compiled_digest(path)):
        raise _unusable(path, "it was compiled from other sources than are there now")
    return str(path)


def _compiled_digest(path: Path) -> str:
    ffi = cffi.FFI()
    ffi.cdef("const char *sources_digest(void);")
    try:
        library = ffi.dlopen(str(path))
    except OSError as problem:
        raise _unusable(path, problem) from None
    find_digest = getattr(library, "sources_digest", None)  # None in a version that had none
    digest = ffi.string(find_digest()) if find_digest else b"unknown"
    return digest.decode() if isinstance(digest, bytes) else digest


def _unusable(path: Path | str, problem: object) -> MissingKernelsError:
    return MissingKernelsError(f"{path} cannot be used: delete it and run `make install` ({problem})")


def _converter(ffi: cffi.FFI, item: str, *, writes: bool) -> Callable[[Any], Any]:
    # FFI.from_buffer does no more than call this function, in Python
    dtype, array_type, from_buffer = np.dtype(DTYPES[item]), ffi.typeof(f"{item}[]"), _cffi_backend.from_buffer

    def pointer(array: NDArray[Any]) -> Any:
        if array.dtype != dtype:
            raise TypeError(f"an array of {dtype} is wanted, and not of {array.dtype}")
        return from_buffer(array_type, array, writes)  # type: ignore[call-overload]

    return pointer
