"""How the left ventricle empties and fills over one heart cycle."""

from dataclasses import dataclass

import numpy as np

from napari_cmr.scan import ScanError


@dataclass(frozen=True)
class VolumeCurve:
    """Shape of a ventricle's volume over the cycle, from end-diastole to end-diastole.

    After the R wave the volume holds for the isovolumic contraction, falls fast and then slower
    until end-systole, holds for the isovolumic relaxation, rises fast (early filling), hardly at
    all (diastasis), and once more with the atrial kick (the phases
    of Wiggers' diagram).

    Attributes
    ----------
    systole : float
        Part of the cycle from end-diastole to end-systole, 0.2 to 0.6.
    contraction, relaxation : float
        Parts of the cycle that the isovolumic phases take.
    early_filling : float
        Part of *diastole* (after relaxation) that the early filling takes.
    atrial_filling : float
        Part of *diastole* (after relaxation) that the atrial kick takes; what is left between the
        two is diastasis.
    early_share : float
        Part of the stroke volume that has come back when diastasis begins.
    late_share : float
        Part of the stroke volume that the atrial kick brings.
    """

    systole: float = 0.36
    contraction: float = 0.04
    relaxation: float = 0.06
    early_filling: float = 0.38
    atrial_filling: float = 0.27
    early_share: float = 0.70
    late_share: float = 0.24

    def __post_init__(self) -> None:
        if not 0.2 <= self.systole <= 0.6:
            raise ScanError(f"systole takes {self.systole:g} of the cycle, outside 0.2 to 0.6")
        if not (0 <= self.contraction < self.systole / 2 and 0 <= self.relaxation < 0.2):
            raise ScanError("the isovolumic phases leave no time for ejection or filling")
        if not (self.early_filling > 0 and self.atrial_filling > 0) or (
            self.early_filling + self.atrial_filling > 1
        ):
            raise ScanError("early and atrial filling do not fit into diastole")
        if not (self.early_share > 0 and self.late_share > 0) or (
            self.early_share + self.late_share > 1
        ):
            raise ScanError("early and atrial filling bring more than the stroke volume")

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "VolumeCurve":
        """Draw a curve: from slow hearts with a long diastasis to fast ones with hardly any."""
        systole = rng.uniform(0.30, 0.46)
        haste = np.clip((systole - 0.30) / 0.16 + rng.normal(0, 0.15), 0, 1)
        early_share = rng.uniform(0.50, 0.80)
        return cls(
            systole=systole,
            contraction=rng.uniform(0.02, 0.05),
            relaxation=rng.uniform(0.04, 0.08),
            early_filling=0.34 + 0.16 * haste,
            atrial_filling=0.22 + 0.16 * haste,
            early_share=early_share,
            late_share=(1 - early_share) * rng.uniform(0.75, 0.95),
        )

    def es_frame(self, n_frames: int) -> int:
        """0-based end-systolic frame among ``n_frames`` evenly spaced ones from end-diastole."""
        return int(np.clip(round(self.systole * n_frames), 1, n_frames - 1))

    def emptying(self, n_frames: int) -> np.ndarray:
        """How far the ventricle has emptied in each frame.

        Parameters
        ----------
        n_frames : int
            Frames in the cycle, at least 3.

        Returns
        -------
        ndarray of float64, shape (n_frames,)
            0 in frame 0 (end-diastole) and exactly 1 in :meth:`es_frame`; strictly rising before
            it and strictly falling after it, on the way back to frame 0.

        Raises
        ------
        ScanError
            If there are fewer than 3 frames.
        """
        if n_frames < 3:
            raise ScanError(f"a heart cycle of {n_frames} frames is too short", remedy="ask for 3+")
        from scipy.interpolate import PchipInterpolator

        # End-systole is moved onto the nearest frame, so that this frame is the real one.
        systole = self.es_frame(n_frames) / n_frames
        start = min(self.contraction, systole / 3)
        filling = systole + min(self.relaxation, (1 - systole) / 3)
        diastole = 1 - filling
        ejection = systole - start
        knots = [
            (0.0, 0.0),
            (start, 0.01),
            (start + 0.30 * ejection, 0.42),
            (start + 0.60 * ejection, 0.80),
            (systole, 1.0),
            (filling, 0.985),
            (filling + 0.5 * self.early_filling * diastole, 1 - 0.58 * self.early_share),
            (filling + self.early_filling * diastole, 1 - self.early_share),
            (1 - self.atrial_filling * diastole, self.late_share),
            (1.0, 0.0),
        ]
        if self.early_filling + self.atrial_filling == 1:
            del knots[8]
        if start == 0:
            del knots[1]
        times, values = np.array(knots).T
        emptying = PchipInterpolator(times, values)(np.arange(n_frames) / n_frames)
        emptying[0], emptying[self.es_frame(n_frames)] = 0.0, 1.0
        return emptying
