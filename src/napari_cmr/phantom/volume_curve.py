"""How far a left ventricle has emptied in each frame of a cine."""

from dataclasses import dataclass

import numpy as np

from napari_cmr.phantom.time_course import end_systole_ms, filled_fraction
from napari_cmr.scan import ScanError

# The heart goes on moving while its volume holds (both isovolumic phases, diastasis): this part of
# the emptying runs evenly through the cycle, so that no frame is a copy of another.
EVEN_PART = 0.05


@dataclass(frozen=True)
class VolumeCurve:
    """Timing of a heart cycle, sampled so that end-systole falls on a frame.

    Attributes
    ----------
    cycle_ms : float
        Length of the cycle; the faster the heart, the larger the part of the cycle that systole
        takes and the shorter the diastasis.
    atrial_kick : float
        Part of the stroke volume that the atrium brings at the end of diastole.
    """

    cycle_ms: float = 900.0
    atrial_kick: float = 0.22

    def __post_init__(self) -> None:
        if not 250 <= self.cycle_ms <= 3000:
            raise ScanError(f"a heart cycle of {self.cycle_ms:g} ms is not one of a living heart")
        if not 0 <= self.atrial_kick <= 0.6:
            raise ScanError(f"an atrial kick of {self.atrial_kick:g} is not between 0 and 0.6")

    @classmethod
    def sample(cls, seed: int, *, cycle_ms: float | None = None) -> "VolumeCurve":
        """Draw a heart of 48 to 105 beats a minute (or the given cycle) and its atrial kick."""
        rng = np.random.default_rng(seed)
        drawn_ms, atrial_kick = 60_000.0 / rng.uniform(48, 105), rng.uniform(0.10, 0.38)
        return cls(drawn_ms if cycle_ms is None else cycle_ms, atrial_kick)

    def es_frame(self, n_frames: int) -> int:
        """0-based end-systolic frame among ``n_frames`` evenly spaced ones from end-diastole.

        Raises
        ------
        ScanError
            If there are fewer than 3 frames.
        """
        if n_frames < 3:
            raise ScanError(
                f"{n_frames} frames cannot show a heart cycle", remedy="ask for at least 3"
            )
        return max(round(end_systole_ms(self.cycle_ms) / self.cycle_ms * n_frames), 1)

    def emptying(self, n_frames: int) -> np.ndarray:
        """Part of the stroke volume that has left the ventricle in each frame.

        Parameters
        ----------
        n_frames : int
            Frames in the cycle, at least 3.

        Returns
        -------
        ndarray of float64, shape (n_frames,)
            0 in frame 0 (end-diastole) and exactly 1 in :meth:`es_frame`; strictly rising before
            it, and strictly falling after it on the way back to frame 0.

        Raises
        ------
        ScanError
            If there are fewer than 3 frames.
        """
        es = self.es_frame(n_frames)
        systole = end_systole_ms(self.cycle_ms)
        frames = np.arange(n_frames)
        # Time runs a little faster or slower so that end-systole is reached on a frame.
        times = np.interp(frames, [0, es, n_frames], [0.0, systole, self.cycle_ms])
        emptied = 1 - filled_fraction(times, self.cycle_ms, atrial_kick=self.atrial_kick)
        even = np.interp(frames, [0, es, n_frames], [0.0, 1.0, 0.0])
        emptying = (1 - EVEN_PART) * emptied + EVEN_PART * even
        emptying[0], emptying[es] = 0.0, 1.0
        return emptying
