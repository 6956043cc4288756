"""Threads take turns; the patient ones let the others go first."""

import threading
import time
from collections.abc import Callable

from retrieval.runtime.turns import FreeTurns, Turns
from tests.support.process import PATIENCE


def run_all(*jobs: Callable[[], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    return threads


def wait_for_impatient(turns: Turns) -> None:
    end = time.monotonic() + PATIENCE
    while turns._waiting != 1 and time.monotonic() < end:
        time.sleep(0.001)
    assert turns._waiting == 1


def test_who_is_not_patient_goes_before_the_patient_who_wait() -> None:
    turns, order, at_work, go_on = Turns(), list[str](), threading.Event(), threading.Event()

    def patient(name: str) -> None:
        with turns.taken(patient=True):
            order.append(name)
            at_work.set()
            go_on.wait(5)

    def impatient() -> None:
        with turns.taken():
            order.append("impatient")

    threads = run_all(lambda: patient("first"))
    assert at_work.wait(5)
    threads += run_all(*(lambda n=n: patient(f"patient {n}") for n in range(3)), impatient)
    wait_for_impatient(turns)
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert order[:2] == ["first", "impatient"]
    assert sorted(order[2:]) == ["patient 0", "patient 1", "patient 2"]


def test_the_patient_give_way_halfway() -> None:
    turns, order, at_work, go_on = Turns(), list[str](), threading.Event(), threading.Event()

    def patient() -> None:
        with turns.taken(patient=True) as give_way:
            order.append("half")
            at_work.set()
            go_on.wait(5)
            give_way()
            order.append("whole")
            give_way()  # nobody waits

    def impatient() -> None:
        with turns.taken() as give_way:
            give_way()
            order.append("impatient")

    threads = run_all(patient)
    assert at_work.wait(5)
    threads += run_all(impatient)
    wait_for_impatient(turns)
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert order == ["half", "impatient", "whole"]


def test_a_turn_ends_with_an_error() -> None:
    turns = Turns()
    try:
        with turns.taken(patient=True):
            raise ValueError
    except ValueError:
        pass
    with turns.taken():
        pass


def test_free_turns_are_taken_at_once() -> None:
    turns = FreeTurns()
    with turns.taken(), turns.taken(patient=True) as give_way:
        give_way()
