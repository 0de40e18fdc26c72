"""Run jobs here in several processes, or on a Ray cluster."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.job import Job, Outcome, run_job
from panoenv_tasks.synthesis.vocabulary import Engine

#: Ray tasks handed out at once, per worker CPU of the cluster, so that a build of any length fits in memory.
_AHEAD = 4


def run_jobs(jobs: Sequence[Job], engine: Engine, workers: int) -> Iterator[Outcome]:
    """Yield the outcome of every job as it is done, in any order.

    Args:
        jobs: What to build.
        engine: ``local``, or ``ray``: the cluster at ``$RAY_ADDRESS`` or the one this machine is part of.
            The output folder must then be on storage that all its machines share.
        workers: Processes of the local engine.

    Raises:
        OSError: The output cannot be written; no further job is started.
        DataError: There is no Ray cluster, or Ray is not installed.
    """
    if engine == "ray":
        return _on_ray(jobs)
    return map(run_job, jobs) if workers <= 1 else _in_processes(jobs, workers)


def _in_processes(jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # Started afresh, not forked: the caller may have threads.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_one_thread)
    try:
        for future in as_completed([pool.submit(run_job, job) for job in jobs]):
            yield future.result()
    except BrokenProcessPool:
        raise DataError(
            f"one of {workers} workers was killed, for want of memory (about 1 GB each)? "
            "run the same command again with fewer --workers; what is done is kept"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    """Keep each worker on one core; the workers are the parallelism. End it when its parent ends."""
    import cv2

    os.environ["OMP_NUM_THREADS"] = "1"
    cv2.setNumThreads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the parent's end, however it comes: a killed one cannot tell its workers to stop."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _on_ray(jobs: Sequence[Job]) -> Iterator[Outcome]:
    try:
        import ray
    except ModuleNotFoundError:
        raise DataError("engine ray needs Ray; run: pip install 'panoenv[ray]'") from None
    if not ray.is_initialized():
        try:
            ray.init(address="auto", log_to_driver=False)
        except ConnectionError:
            raise DataError(
                "no Ray cluster found; set RAY_ADDRESS, or start one with `ray start --head`"
            ) from None
    task: Any = ray.remote(num_cpus=1)(run_job)
    ahead = max(1, int(ray.cluster_resources().get("CPU", 1))) * _AHEAD
    waiting: list[Any] = []
    left = iter(jobs)
    try:
        while True:
            waiting += [task.remote(job) for job in islice(left, ahead - len(waiting))]
            if not waiting:
                return
            (done,), waiting = ray.wait(waiting)
            yield _result(ray, done)
    finally:
        for reference in waiting:
            ray.cancel(reference)


def _result(ray: Any, reference: Any) -> Outcome:
    try:
        outcome: Outcome = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, OSError):
            raise error.cause from None
        raise
    return outcome
