import numpy as np

from napari_cmr.phantom.flow import flow_void
from napari_cmr.phantom.time_course import filled_fraction

TIMES = np.arange(30) * 30.0
FILLED = filled_fraction(TIMES, 900.0)
X, Y = (axis.ravel().astype(np.float32) for axis in np.meshgrid(*[np.arange(-24.0, 25.0)] * 2))


def void(zeta: float) -> np.ndarray:
    return flow_void(X, Y, np.full(30, 22.0), np.full(30, zeta), FILLED)


def test_blood_darkens_while_it_moves_and_near_the_valves_alone():
    base, apex = void(0.9), void(0.2)
    strongest = base.max(axis=1)
    ejecting = np.diff(FILLED, append=FILLED[0]) < -0.04
    assert strongest[ejecting].min() > 0.05
    assert strongest[FILLED < 0.01].max() < 0.05  # end-systole: nothing flows
    assert 0.2 < strongest.max() < 0.5
    assert apex.max() == 0


def test_outflow_is_anterior_and_septal_and_inflow_is_not():
    base = void(0.9)
    rate = np.gradient(FILLED)
    for frame, septal in ((rate.argmin(), True), (rate.argmax(), False)):
        darkest = base[frame].argmax()
        assert (X[darkest] < 0 and Y[darkest] < 0) == septal


def test_nothing_flows_in_a_single_frame_or_without_a_cavity():
    assert flow_void(X, Y, np.array([22.0]), np.array([0.9]), np.array([0.5])).max() == 0
    assert flow_void(X, Y, np.zeros(30), np.full(30, 0.9), FILLED).max() == 0
