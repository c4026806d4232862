"""k-t FOCUSS keeps what was measured, and its weights make changes sparse."""

import numpy as np
from helpers.beating_discs import disc_image, disc_slice, error

from napari_cmr.solvers import find_solver
from napari_cmr.solvers.sparsity import to_frequencies


def run(**settings):
    one = disc_slice(12, centre_lines=6)
    return one, find_solver("kt-focuss").run(one, settings).image


def test_renewed_weights_come_closer_and_make_changes_sparser() -> None:
    one, once = run(rounds=1)
    _, again = run(rounds=3)
    assert error(again, disc_image()) < error(once, disc_image())

    def sparsity(image: np.ndarray) -> float:
        changes = np.abs(to_frequencies(image - one.temporal_average))
        return float(changes.sum() / np.linalg.norm(changes))

    assert sparsity(again) < sparsity(once)


def test_damping_leaves_the_average() -> None:
    one, damped = run(damping=1.0, rounds=1, iterations=1)
    _, free = run(damping=1e-3)
    average = np.broadcast_to(one.temporal_average, damped.shape)
    assert np.linalg.norm(damped - average) < np.linalg.norm(free - average)


def test_progress_counts_every_step() -> None:
    told = []
    find_solver("kt-focuss").run(
        disc_slice(12, centre_lines=6), {"rounds": 2, "iterations": 3}, progress=told.append
    )
    assert told == sorted(told)
    assert told[-1] == 1
    assert len(told) > 5
