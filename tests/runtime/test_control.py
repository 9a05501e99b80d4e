"""Pausing, resuming and cancelling."""

import threading

from photosim.runtime.control import JobControl
from tests.support.timeouts import TIMEOUT_S


def test_a_paused_job_waits_until_it_is_resumed() -> None:
    control = JobControl()
    control.pause()
    went_on = threading.Event()
    thread = threading.Thread(target=lambda: control.wait_while_paused() and went_on.set())
    thread.start()
    assert not went_on.wait(0.05)
    control.resume()
    assert went_on.wait(TIMEOUT_S)
    thread.join()


def test_cancelling_wakes_a_paused_job() -> None:
    control = JobControl()
    control.pause()
    control.cancel()
    assert not control.wait_while_paused()
    assert control.cancelled
