"""A thread calls a function until it is closed."""

import threading

import pytest

from retrieval.runtime.background import PollingThread


def test_an_error_is_logged_and_the_next_call_made(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []
    third = threading.Event()

    def work() -> None:
        calls.append(len(calls))
        if len(calls) == 3:
            third.set()
        raise ValueError("broken")

    thread = PollingThread("test", work, "it failed", seconds=0.001)
    assert third.wait(20)
    thread.close()
    assert caplog.text.count("it failed") >= 3
    made = len(calls)
    thread.wake()
    assert len(calls) == made


def test_without_seconds_it_waits_to_be_woken_and_may_end_itself() -> None:
    called = threading.Event()

    def work() -> None:
        thread.closing.set()
        called.set()

    thread = PollingThread("test", work, "it failed")
    assert not called.wait(0.05)
    thread.wake()
    assert called.wait(20)
    thread.close()
