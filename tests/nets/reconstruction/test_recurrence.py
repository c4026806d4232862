import torch

from napari_cmr.nets.reconstruction.recurrence import both_ways


def decay(state: torch.Tensor) -> torch.Tensor:
    return 0.1 * state


def pulse(frame: int) -> torch.Tensor:
    given = torch.zeros(8, 1, 1, 1)
    given[frame] = 1.0
    return given


def test_states_decay_both_ways_from_what_is_given() -> None:
    states = both_ways(pulse(3), decay, torch.relu, periodic=False).flatten()
    wanted = [0.001, 0.01, 0.1, 2.0, 0.1, 0.01, 0.001, 0.0001]
    torch.testing.assert_close(states, torch.tensor(wanted))


def test_a_closed_cycle_has_no_first_frame() -> None:
    first = both_ways(pulse(0), decay, torch.relu, periodic=True)
    fourth = both_ways(pulse(3), decay, torch.relu, periodic=True)
    torch.testing.assert_close(first.roll(3, 0), fourth, atol=2e-4, rtol=0)
    open_ended = both_ways(pulse(0), decay, torch.relu, periodic=False).flatten()
    assert open_ended[-1] < 1e-6 < first.flatten()[-1]


def test_a_cycle_may_be_shorter_than_its_beginning() -> None:
    assert both_ways(pulse(0)[:2], decay, torch.relu, periodic=True).shape == (2, 1, 1, 1)
