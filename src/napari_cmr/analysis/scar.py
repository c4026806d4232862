"""Scar and no-reflow inside the myocardium of a late gadolinium enhancement (LGE) image.

Three ways to the threshold, after the consensus of Kim et al. (J Cardiovasc Magn Reson 11:49, 2009)
and the comparison of Flett et al. (JACC Cardiovasc Imaging 4:150, 2011): half of the way to the
brightest scar (FWHM), standard deviations above remote muscle (n-SD), and Otsu's separation of two
classes (IEEE Trans Syst Man Cybern 9:62, 1979). Each is held against blood, which is about as
bright as scar. What is below the threshold but enclosed by scar and cavity is no-reflow, the dark
core of microvascular obstruction.
"""

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.analysis.volumes import MYOCARDIUM
from napari_cmr.scan import Code, Geometry, Label, Notice, ScanError

Method = Literal["nsd", "fwhm", "otsu"]

SMOOTH_MM = 1.0
"""Standard deviation of the blur: less than a pixel of most scans."""

NOISE_SD = 2.0
"""Noise of healthy muscle reaches so many standard deviations above its mean."""

LEAST_SCAR_ML = 0.5
FROM_ENDOCARDIUM_MM = 3.0
CORE_GAP_MM = 3.0
SECTOR_DEG, STEP_DEG = 60, 10
LEAST_REMOTE = 12
UNEVEN_SD = 2.0
"""Remote muscle holds scar in a slice where it is so much less even than in others."""
UNEVEN_PART = 0.2
"""Remote muscle is doubted where its standard deviation is more of the way to blood than this."""
_BRIGHTEST = 0.98


class ScarSettings(BaseModel):
    """How scar is told from healthy muscle. Frozen and savable; a form can be drawn of it.

    Attributes
    ----------
    n : float
        Standard deviations above remote muscle, for n-SD.
    blood_part : float
        Scar must be brighter than this part of the way from remote muscle to the blood of its
        slice, whatever the method: it is about as bright as blood or brighter, and a coil that
        brightens one side of the heart is not, nor the brighter half of healthy muscle, in which
        FWHM and Otsu find two classes too. The default suited those EMIDEC cases best that are not
        held out. 0 asks for nothing.
    from_endocardium : bool
        Whether scar must come within 3 mm of the cavity.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method = "fwhm"
    n: Annotated[float, Field(ge=1, le=10)] = 5.0
    blood_part: float = Field(
        default=0.65,
        ge=0,
        le=1,
        title="Toward blood",
        description="scar must be brighter than this part of the way from remote muscle to blood",
    )
    from_endocardium: bool = Field(
        default=True,
        title="From the endocardium",
        description="ischaemic scar starts at the cavity; noise, and fat outside, do not",
    )
    least_ml: float = Field(
        default=LEAST_SCAR_ML,
        ge=0,
        le=50,
        title="Smallest scar",
        description="smaller connected spots do not count",
        json_schema_extra={"unit": "mL"},
    )


@dataclass(frozen=True, eq=False)
class Remote:
    """Healthy muscle that the thresholds are measured from.

    Attributes
    ----------
    mask : ndarray of bool, shape (Z, Y, X)
    mean : ndarray, shape (Z,)
        Grey value in every slice; NaN in slices without muscle. Where a slice has no even sector,
        it lies as far below its blood as in the others.
    sd : float
        Median over the slices of the standard deviation.
    given : bool
        Whether the user has drawn it.
    """

    mask: np.ndarray
    mean: np.ndarray
    sd: float
    given: bool


@dataclass(frozen=True, eq=False)
class Scar:
    """What was found in one stack.

    Attributes
    ----------
    labels : ndarray of uint8, shape (Z, Y, X)
        The labels that came in, with ``SCAR`` and ``NO_REFLOW`` inside the muscle.
    threshold : ndarray, shape (Z,)
        Grey value above which muscle is scar; NaN in slices without scar by definition.
    remote : Remote
    settings : ScarSettings
    warnings : tuple of Notice
    """

    labels: np.ndarray
    threshold: np.ndarray
    remote: Remote
    settings: ScarSettings
    warnings: tuple[Notice, ...] = ()


class ScarFinder:
    """Scar of one image inside known muscle, for any settings.

    What does not depend on the settings is computed once: a slider of the threshold stays smooth.

    Parameters
    ----------
    image : ndarray, shape (Z, Y, X)
        LGE magnitude or phase-sensitive image; complex images are taken by their magnitude.
    labels : ndarray of whole numbers, shape (Z, Y, X)
        LV cavity and muscle; scar and no-reflow in them count as muscle.
    geometry : Geometry
    remote : ndarray of bool, shape (Z, Y, X), optional
        Remote muscle drawn by the user, in one slice or more. Found automatically otherwise: in
        every slice the sector of 60 degrees whose mean plus standard deviation is lowest, which is
        neither scar nor a dark core beside it.

    Raises
    ------
    ScanError
        If shapes disagree, there is no muscle, or the remote region holds none of it.
    """

    def __init__(
        self,
        image: np.ndarray,
        labels: np.ndarray,
        geometry: Geometry,
        *,
        remote: np.ndarray | None = None,
    ) -> None:
        image = np.abs(image) if np.iscomplexobj(image) else np.asarray(image)
        labels = np.asarray(labels)
        if image.ndim != 3 or image.shape != labels.shape or len(image) != geometry.n_slices:
            raise ScanError(
                f"image of shape {image.shape}, labels of shape {labels.shape} and "
                f"{geometry.n_slices} slices do not belong together",
                remedy="labels must lie on the image's own grid",
            )
        self.labels, self.geometry = labels.astype(np.uint8), geometry
        self.muscle = np.isin(labels, MYOCARDIUM)
        self.cavity = labels == Label.LV
        if not self.muscle.any():
            raise ScanError(
                "there is no myocardium in the labels",
                remedy="scar is looked for inside the myocardium: label or segment it first",
            )
        rows, columns = (
            np.flatnonzero((self.muscle | self.cavity).any(axis=axes)) for axes in ((0, 2), (0, 1))
        )
        pad = 2
        self._window = (
            slice(None),
            slice(max(0, rows[0] - pad), rows[-1] + pad + 1),
            slice(max(0, columns[0] - pad), columns[-1] + pad + 1),
        )
        self._muscle, self._cavity = self.muscle[self._window], self.cavity[self._window]
        self._grey = self._smooth(image[self._window].astype(float))
        self._blood = np.array(
            [
                image[z][inside].mean() if inside.any() else np.nan
                for z, inside in enumerate(self.cavity)
            ]
        )
        self._near = self._near_cavity()
        self.remote = self._automatic() if remote is None else self._given(remote)

    def find(self, settings: ScarSettings | None = None) -> Scar:
        """Find scar and no-reflow."""
        settings = settings or ScarSettings()
        threshold = self.thresholds(settings)
        with np.errstate(invalid="ignore"):
            bright = self._muscle & (self._grey > threshold[:, None, None])
        scar = self._cleaned(bright, settings)
        core = self._core(scar)
        labels = self.labels.copy()
        labels[self.muscle] = Label.MYO
        inside = labels[self._window]
        inside[scar] = Label.SCAR
        inside[core] = Label.NO_REFLOW
        return Scar(labels, threshold, self.remote, settings, self._warnings(settings))

    def thresholds(self, settings: ScarSettings) -> np.ndarray:
        """Grey value of every slice above which muscle is scar; NaN where there is none."""
        mean, sd = self.remote.mean, self.remote.sd
        if settings.method == "nsd":
            found = mean + settings.n * sd
        else:
            found = np.maximum(self._of_two_classes(settings.method), mean + NOISE_SD * sd)
        return np.maximum(found, mean + settings.blood_part * self._contrast())

    @cached_property
    def by_automatic_remote(self) -> "ScarFinder":
        """The same search with automatic remote muscle, to hold a drawn region against it."""
        if not self.remote.given:
            return self
        other = copy(self)
        other.remote = self._automatic()
        return other

    # -- steps ------------------------------------------------------------------------------------

    def _of_two_classes(self, method: Method) -> np.ndarray:
        """Thresholds of FWHM and Otsu in every slice; NaN without muscle."""
        found = np.full(self.remote.mean.shape, np.nan)
        for z in np.flatnonzero(self._muscle.any(axis=(1, 2))):
            values = self._grey[z][self._muscle[z]]
            if method == "fwhm":
                brightest = float(np.quantile(values, _BRIGHTEST))
                found[z] = 0.5 * (self.remote.mean[z] + brightest)
            else:
                found[z] = otsu_threshold(values)
        return found

    def _contrast(self) -> np.ndarray:
        """Blood minus remote muscle; median of the others in a slice without blood, or 0."""
        contrast = self._blood - self.remote.mean
        if np.isnan(contrast).all():
            return np.zeros_like(contrast)
        return np.fmax(np.where(np.isnan(contrast), np.nanmedian(contrast), contrast), 0.0)

    def _smooth(self, image: np.ndarray) -> np.ndarray:
        """Blur a little within the muscle alone, so that no blood leaks in."""
        from scipy import ndimage

        sigma = (0.0, *(SMOOTH_MM / one for one in self.geometry.spacing[1:]))
        weight = ndimage.gaussian_filter(self._muscle.astype(float), sigma)
        total = ndimage.gaussian_filter(np.where(self._muscle, image, 0.0), sigma)
        return np.where(self._muscle, total / np.maximum(weight, 1e-6), 0.0)

    def _near_cavity(self) -> np.ndarray:
        from scipy import ndimage

        near = np.zeros_like(self._cavity)
        for z in np.flatnonzero(self._cavity.any(axis=(1, 2))):
            away = ndimage.distance_transform_edt(
                ~self._cavity[z], sampling=self.geometry.spacing[1:]
            )
            near[z] = away <= FROM_ENDOCARDIUM_MM
        # The cap has no cavity of its own: there every depth may hold scar.
        near[~self._cavity.any(axis=(1, 2))] = True
        return near

    def _automatic(self) -> Remote:
        mask = np.zeros_like(self._muscle)
        for z in np.flatnonzero(self._muscle.any(axis=(1, 2))):
            y, x = np.nonzero(self._muscle[z])
            every = np.argwhere(self._muscle[z] | self._cavity[z])
            cy, cx = every.mean(axis=0)
            dy, dx = self.geometry.spacing[1:]
            angle = np.rad2deg(np.arctan2((y - cy) * dy, (x - cx) * dx)) % 360
            values = self._grey[z, y, x]
            best, chosen = np.inf, np.ones(y.size, dtype=bool)
            for start in range(0, 360, STEP_DEG):
                inside = (angle - start) % 360 < SECTOR_DEG
                if inside.sum() >= LEAST_REMOTE:
                    score = values[inside].mean() + values[inside].std()
                    if score < best:
                        best, chosen = score, inside
            mask[z, y[chosen], x[chosen]] = True
        return self._measured(mask, given=False)

    def _given(self, remote: np.ndarray) -> Remote:
        remote = np.asarray(remote, dtype=bool)
        if remote.shape != self.muscle.shape:
            raise ScanError(
                f"a remote region of shape {remote.shape} on an image of {self.muscle.shape}",
                remedy="draw it on the image's own grid",
            )
        inside = (remote & self.muscle)[self._window]
        if inside.sum() < LEAST_REMOTE:
            raise ScanError(
                f"the remote region holds {int(inside.sum())} voxels of muscle",
                remedy=f"draw at least {LEAST_REMOTE} inside the myocardium, where it is healthy",
            )
        return self._measured(inside, given=True)

    def _measured(self, mask: np.ndarray, *, given: bool) -> Remote:
        mean, sds = np.full((2, len(mask)), np.nan)
        for z in np.flatnonzero(mask.any(axis=(1, 2))):
            values = self._grey[z][mask[z]]
            mean[z] = values.mean()
            if values.size > 2:
                sds[z] = values.std()
        mean[self._muscle.any(axis=(1, 2)) & np.isnan(mean)] = np.nanmean(mean)
        if not given and np.isfinite(self._blood).any():
            # Scar nearly all round leaves no sector without it: such a slice goes by the others.
            uneven = sds > UNEVEN_SD * np.nanquantile(sds, 0.25)
            darker = self._blood - np.nanmedian((self._blood - mean)[~uneven])
            mean[uneven] = np.fmin(mean, darker)[uneven]
            sds[uneven] = np.nan
        whole = np.zeros(self.muscle.shape, dtype=bool)
        whole[self._window] = mask
        return Remote(whole, mean, float(np.nanmedian(sds)), given)

    def _cleaned(self, bright: np.ndarray, settings: ScarSettings) -> np.ndarray:
        """Drop what is too small, and what lies at the epicardium alone."""
        from scipy import ndimage

        parts, count = ndimage.label(bright, structure=np.ones((3, 3, 3)))
        if not count:
            return bright
        least = settings.least_ml / self.geometry.voxel_volume_ml
        keep = np.bincount(parts.ravel(), minlength=count + 1) >= least
        if settings.from_endocardium:
            reaches = np.zeros(count + 1, dtype=bool)
            reaches[np.unique(parts[bright & self._near])] = True
            keep &= reaches
        keep[0] = False
        return keep[parts]

    def _core(self, scar: np.ndarray) -> np.ndarray:
        """Muscle that scar and cavity enclose, small gaps between them closed."""
        from scipy import ndimage

        reach = max(1, round(CORE_GAP_MM / float(np.mean(self.geometry.spacing[1:]))))
        edge = slice(reach + 1, -reach - 1)
        core = np.zeros_like(scar)
        for z in np.flatnonzero(scar.any(axis=(1, 2))):
            wall = np.pad(scar[z] | self._cavity[z], reach + 1)
            closed = wall | ndimage.binary_closing(wall, iterations=reach)
            filled = ndimage.binary_fill_holes(closed)
            enclosed = (filled & ~closed) | (ndimage.binary_fill_holes(wall) & ~wall)
            # Closing rounds off corners too: what it adds counts only where it rims a true hole.
            parts, _ = ndimage.label(filled & ~wall)
            rims = np.isin(parts, np.unique(parts[enclosed]))
            core[z] = (rims & filled & ~wall)[edge, edge] & self._muscle[z] & ~scar[z]
        return core

    def _warnings(self, settings: ScarSettings) -> tuple[Notice, ...]:
        found = []
        if not self.cavity.any():
            text = (
                "There is no LV cavity in the labels: scar is not held against blood, and a dark "
                "core may be missed."
            )
            found.append(Notice(Code.CAVITY_MISSING, text, "scar"))
        if self.remote.sd <= 0:
            text = "Remote muscle is all of one grey: no standard deviation to go by."
            found.append(Notice(Code.REMOTE_UNIFORM, text, "scar"))
        contrast = float(np.nanmedian(self._contrast()))
        if self.remote.sd > UNEVEN_PART * contrast > 0:
            text = (
                "Remote muscle is uneven: one standard deviation is "
                f"{100 * self.remote.sd / contrast:.0f} % of the way to blood. It may hold scar, "
                "and then scar is missed, by n-SD most of all. Look at it, or draw it by hand."
            )
            found.append(Notice(Code.REMOTE_UNEVEN, text, "scar"))
        if settings.method == "nsd" and settings.n < NOISE_SD:
            text = "Below 2 standard deviations noise of healthy muscle counts as scar."
            found.append(Notice(Code.THRESHOLD_IN_NOISE, text, "scar"))
        return tuple(found)


def otsu_threshold(values: np.ndarray) -> float:
    """Grey value that parts numbers into two classes of greatest variance between them.

    Otsu, IEEE Trans Syst Man Cybern 9:62, 1979, on the values themselves instead of a histogram.
    """
    ordered = np.sort(np.asarray(values, dtype=float).ravel())
    n = ordered.size
    if n < 2 or ordered[0] == ordered[-1]:
        return float(ordered[-1]) if n else float("nan")
    below = np.arange(1, n)
    total = np.cumsum(ordered)
    mean_below = total[:-1] / below
    mean_above = (total[-1] - total[:-1]) / (n - below)
    between = below * (n - below) * (mean_above - mean_below) ** 2
    between[ordered[1:] == ordered[:-1]] = -1.0  # equal values stay together
    k = int(between.argmax())
    return float(0.5 * (ordered[k] + ordered[k + 1]))
