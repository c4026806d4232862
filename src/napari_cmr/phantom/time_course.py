"""How the volume of a ventricle runs through the heart cycle."""

import numpy as np


def smooth_step(x: np.ndarray | float, start: float, end: float) -> np.ndarray:
    """Rise from 0 at ``start`` to 1 at ``end``, with a smooth derivative."""
    s = np.clip((np.asarray(x) - start) / (end - start), 0.0, 1.0)
    return s * s * s * (s * (6.0 * s - 15.0) + 10.0)


def end_systole_ms(cycle_ms: float) -> float:
    """Time of end-systole after the R wave.

    Electromechanical systole shortens linearly with heart rate (Weissler et al., Circulation
    1968: QS2 = 546 - 2.1 x heart rate in ms). Scanners trigger some 20 ms into the QRS complex and
    the volume is smallest some 30 ms before the valve closes, hence 50 ms less; bounded for very
    fast and very slow hearts.
    """
    heart_rate = 60_000.0 / cycle_ms
    return float(min(max(496.0 - 2.1 * heart_rate, 0.3 * cycle_ms), 0.5 * cycle_ms))


def filled_fraction(
    times_ms: np.ndarray, cycle_ms: float, *, delay_ms: float = 0.0, atrial_kick: float = 0.22
) -> np.ndarray:
    """How full a ventricle is: 1 at end-diastole, 0 at end-systole.

    Isovolumic contraction, fast then slowing ejection, isovolumic relaxation, rapid filling, a
    diastasis that shortens first when the heart beats faster, and the atrial kick.

    Parameters
    ----------
    times_ms : ndarray
        Times after the R wave; the curve is periodic.
    cycle_ms : float
        Length of the heart cycle.
    delay_ms : float
        How much later this ventricle reaches end-systole.
    atrial_kick : float
        Part of the stroke volume that the atrium adds at the end of diastole.

    Returns
    -------
    ndarray
        The same shape as ``times_ms``, between 0 and 1.
    """
    times = np.mod(np.asarray(times_ms, dtype=np.float64), cycle_ms)
    systole = end_systole_ms(cycle_ms) + delay_ms
    diastole = cycle_ms - systole
    contraction = min(45.0, 0.12 * systole)
    # Ejection is fastest early: run the step on a time axis bent towards its start.
    through = np.clip((times - contraction) / (systole - contraction), 0.0, 1.0)
    ejected = smooth_step(through**0.8, 0.0, 1.0)
    relaxation = systole + min(60.0, 0.12 * diastole)
    rapid_end = relaxation + min(210.0, 0.55 * diastole)
    kick_start = cycle_ms - min(130.0, 0.35 * diastole)
    slow = 0.08
    rapid = 1.0 - atrial_kick - slow
    filled = (
        rapid * smooth_step(times, relaxation, rapid_end)
        + slow * smooth_step(times, relaxation, cycle_ms)
        + atrial_kick * smooth_step(times, kick_start, cycle_ms)
    )
    return 1.0 - ejected + filled
