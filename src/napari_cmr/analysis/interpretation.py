"""How the user reads labels: which frames are ED and ES, which slices count, what is blood."""

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from napari_cmr.scan import Code, Label, Notice, ScanError, Ventricle, of_ventricle

Frame = Annotated[int, Field(ge=0)]
Slices = tuple[Frame, Frame]
"""First and last slice that count, both included, from 0."""


class VentricleReading(BaseModel):
    """Choices for one ventricle; None leaves them to what is measured.

    Attributes
    ----------
    ed_frame, es_frame : int or None
        0-based frames that are taken as end-diastole and end-systole, in place of those of the
        largest and smallest volume.
    ed_slices, es_slices : (int, int) or None
        First and last slice, from 0 and both included, whose labels count at that phase. Near the
        base a slice may hold ventricle at one phase and atrium at the other.
    held : tuple of {"ed", "es"}
        Phases whose frame nobody has set: it is where it was before the labels were corrected.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ed_frame: Frame | None = None
    es_frame: Frame | None = None
    ed_slices: Slices | None = None
    es_slices: Slices | None = None
    held: tuple[Literal["ed", "es"], ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.ed_frame is not None and self.ed_frame == self.es_frame:
            raise ValueError("one frame cannot be both end-diastole and end-systole")
        for slices in (self.ed_slices, self.es_slices):
            if slices is not None and slices[0] > slices[1]:
                raise ValueError("the first slice lies behind the last")
        if any(getattr(self, f"{phase}_frame") is None for phase in self.held):
            raise ValueError("a phase is held at no frame")
        return self

    def counted(self, slices: np.ndarray, *phases: str) -> np.ndarray:
        """Voxel counts (..., Z) with zeros outside the slices of the phases ("ed", "es").

        Of several phases a slice counts if it does at one of them.
        """
        n_slices = slices.shape[-1]
        keep = np.zeros(n_slices, dtype=bool)
        for phase in phases:
            first, last = getattr(self, f"{phase}_slices") or (0, n_slices - 1)
            keep[first : last + 1] = True
        return np.where(keep, slices, 0)


class Reading(BaseModel):
    """How labels are turned into numbers. Frozen, and small enough for a session file.

    Attributes
    ----------
    lv, rv : VentricleReading
    papillary_in_blood : bool
        Count the papillary muscles and trabeculae of the LV as blood, see
        :func:`napari_cmr.analysis.papillary.fill_cavity`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lv: VentricleReading = VentricleReading()
    rv: VentricleReading = VentricleReading()
    papillary_in_blood: bool = False

    def of(self, label: Label) -> VentricleReading:
        """Choices for the LV or the RV."""
        return self.lv if label is Label.LV else self.rv

    def with_ventricle(self, label: Label, **changes: object) -> "Reading":
        """Return a reading with other choices for one ventricle.

        Raises
        ------
        ValueError
            If they contradict each other.
        """
        fields = {name: getattr(self.of(label), name) for name in VentricleReading.model_fields}
        return self.model_copy(
            update={label.name.lower(): VentricleReading(**{**fields, **changes})}
        )

    def check(self, n_frames: int, n_slices: int) -> None:
        """Check the choices against labels of that many frames and slices.

        Raises
        ------
        ScanError
            If a frame or a slice lies outside of them.
        """
        for one in (self.lv, self.rv):
            for frame in (one.ed_frame, one.es_frame):
                if frame is not None and frame >= n_frames:
                    raise ScanError(
                        f"frame {frame + 1} lies outside the {n_frames} frames of the labels"
                    )
            for slices in (one.ed_slices, one.es_slices):
                if slices is not None and slices[1] >= n_slices:
                    raise ScanError(
                        f"slice {slices[1] + 1} lies outside the {n_slices} slices of the labels"
                    )


AS_LABELLED = Reading()
"""Everything as it is labelled and found."""


def reading_warnings(
    name: Ventricle, reading: VentricleReading, volumes: np.ndarray, n_slices: int
) -> list[Notice]:
    """Say which numbers hang on the user's choice, and by how much.

    Parameters
    ----------
    name : {"LV", "RV"}
    reading : VentricleReading
    volumes : ndarray, shape (T,)
        In mL; NaN where not measured.
    n_slices : int
    """
    found = []
    for phase, extreme, best in (
        ("ed", "largest", np.nanargmax),
        ("es", "smallest", np.nanargmin),
    ):
        long_name = "end-diastole" if phase == "ed" else "end-systole"
        frame = getattr(reading, f"{phase}_frame")
        if frame is not None and not np.isnan(volumes).all():
            if np.isnan(volumes[frame]):
                text = (
                    f"not labelled in frame {frame + 1}, which was set as {long_name}; the "
                    f"{extreme} volume is used."
                )
                found.append(of_ventricle(Code.SET_FRAME_NOT_LABELLED, name, text, frames=(frame,)))
            elif volumes[best(volumes)] != volumes[frame] and phase not in reading.held:
                other = int(best(volumes))
                text = (
                    f"{long_name} was set by hand to frame {frame + 1} ({volumes[frame]:.0f} mL); "
                    f"the volume is {extreme} in frame {other + 1} ({volumes[other]:.0f} mL)."
                )
                found.append(
                    of_ventricle(Code.FRAME_SET_BY_HAND, name, text, frames=(frame, other))
                )
        slices = getattr(reading, f"{phase}_slices")
        if slices is not None and slices != (0, n_slices - 1):
            counted = tuple(range(slices[0], slices[1] + 1))
            shown = f"slices {slices[0] + 1} to {slices[1] + 1}"
            text = f"only {shown} count at {long_name}, as set by hand."
            found.append(of_ventricle(Code.SLICES_SET_BY_HAND, name, text, slices=counted))
    return found
