"""Parsers under broken input: `python -m benchmarks.fuzz [--minutes 10] [--seed N]`; what fails is printed whole."""

import argparse
import time

from tests.support.fuzz_inputs import fuzzed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    count = fuzzed(60 * options.minutes, options.seed)
    print(f"seed {options.seed}: {count} inputs in {options.minutes:g} minutes, each read or refused by every parser")


if __name__ == "__main__":
    main()
