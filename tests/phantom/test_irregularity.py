import numpy as np

from napari_cmr.phantom.irregularity import Irregularity


def test_a_contour_closes_and_keeps_its_mean_radius():
    irregular = Irregularity.draw(np.random.default_rng(0), amplitude=0.05, drift=0.5)
    around = np.linspace(0, 2 * np.pi, 361)
    change = irregular(around, np.array(0.3))
    assert abs(change[0] - change[-1]) < 1e-5
    assert abs(change[:-1].mean()) < 1e-5  # no order of 0: it is no larger for it
    assert 0.003 < change.std() < 0.2


def test_it_turns_slowly_along_the_long_axis_and_not_without_drift():
    around = np.linspace(0, 2 * np.pi, 90)
    rng = np.random.default_rng(1)
    for drift, moves in ((0.0, False), (0.5, True)):
        irregular = Irregularity.draw(rng, amplitude=0.05, drift=drift)
        near = np.abs(irregular(around, np.array(0.1)) - irregular(around, np.array(0.0))).max()
        assert (near > 1e-6) == moves
        assert near < 0.03
