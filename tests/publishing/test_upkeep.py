"""What the scheduler does for the worker: late jobs, and work in a process that ends."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan.lib import jobs
from gate_office import Office

from ckanext.sozialdaten.publishing.upkeep import apart, queue_due

QUEUE = "spaeter"


@pytest.fixture
def queue(shared_office: Office) -> Iterator[Any]:
    queue = jobs.get_queue(QUEUE)
    queue.empty()
    yield queue
    queue.delete(delete_jobs=True)


def test_a_job_whose_time_has_come_is_queued_and_no_other(queue: Any) -> None:
    now = dt.datetime.now(dt.UTC)
    due = queue.enqueue_at(now - dt.timedelta(seconds=1), os.getpid)
    later = queue.enqueue_at(now + dt.timedelta(hours=1), os.getpid)
    queue_due()
    assert queue.job_ids == [due.id]
    queue_due()
    assert queue.job_ids == [due.id]
    assert later.get_status(refresh=True) == "scheduled"


def test_work_apart_is_done_in_another_process(queue: Any, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    assert apart(lambda: told.write_text(str(os.getpid())))
    assert told.read_text() != str(os.getpid())


def test_work_apart_that_fails_is_told_and_ends_nobody(queue: Any) -> None:
    def fails() -> None:
        raise OSError("disk")

    assert not apart(fails)
