"""Scar, comparison and styles in a session file: what each was made from, and its numbers."""

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field, model_validator

from napari_cmr.analysis.interpretation import AS_LABELLED, Reading
from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.workflow.session.label_runs import apply_runs, encode_runs
from napari_cmr.workflow.session.record import ModelReference, Record, Runs, Whole

if TYPE_CHECKING:
    from napari_cmr.scan import Scan
    from napari_cmr.workflow.measure.comparison import LabelComparison
    from napari_cmr.workflow.measure.scar import ScarMeasurement
    from napari_cmr.workflow.style.rendering import Styled

_Amount = Annotated[float, Field(ge=0, le=1e6)]
_Part = Annotated[float, Field(ge=0, le=1)]
_Code = Annotated[tuple[float, ...], Field(max_length=4096)]
_Codes = Annotated[tuple[_Code, ...], Field(max_length=64)]
_Areas = Annotated[tuple[_Amount, ...], Field(max_length=64)]
_LABELS = ("lv", "myo", "rv")


class SavedScar(Record):
    """Scar in the muscle of one of the session's label maps.

    Attributes
    ----------
    labels : int
        Which of the session's labels.
    settings : ScarSettings
        Method, n and the rest.
    septum_deg : float or None
        Where the user has put the septum.
    remote : tuple of int or None
        Remote muscle that the user has drawn, as runs of 1 in ``(Z, Y, X)``; None where it was
        found automatically.
    myocardium_g, scar_g, no_reflow_g, scar_percent : float
        See :class:`~napari_cmr.analysis.scar_extent.ScarExtent`.
    """

    labels: Whole
    settings: ScarSettings
    septum_deg: float | None = Field(default=None, ge=-360, le=360)
    remote: Runs | None = None
    myocardium_g: _Amount
    scar_g: _Amount
    no_reflow_g: _Amount
    scar_percent: float = Field(ge=0, le=100)

    @classmethod
    def of(
        cls, labels: int, found: "ScarMeasurement", septum_deg: float | None = None
    ) -> "SavedScar":
        """Put a measurement on record."""
        remote, extent = found.scar.remote, found.extent
        return cls(
            labels=labels,
            settings=found.scar.settings,
            septum_deg=septum_deg,
            remote=encode_runs(remote.mask.astype(np.uint8)) if remote.given else None,
            myocardium_g=extent.myocardium_g,
            scar_g=extent.scar_g,
            no_reflow_g=extent.no_reflow_g,
            scar_percent=extent.scar_percent,
        )

    def remote_mask(self, shape: tuple[int, ...]) -> np.ndarray | None:
        """Remote muscle that was drawn, bool ``(Z, Y, X)``."""
        if self.remote is None:
            return None
        mask: np.ndarray = apply_runs(self.remote, np.zeros(shape, dtype=np.uint8)) > 0
        return mask

    def measure(self, scan: "Scan", labels: np.ndarray) -> "ScarMeasurement":
        """Find the scar again, in labels ``(1, Z, Y, X)``.

        Raises
        ------
        ScanError
            See :func:`~napari_cmr.workflow.measure.scar.measure_scar`.
        """
        from napari_cmr.workflow.measure.scar import measure_scar

        return measure_scar(
            scan,
            self.settings,
            labels=labels,
            remote=self.remote_mask(scan.shape[1:]),
            septum_deg=self.septum_deg,
        )


class SavedComparison(Record):
    """How two of the session's label maps differ, second minus first.

    Attributes
    ----------
    first, second : int
        Which of the session's labels.
    reading : Reading
        How both were turned into volumes.
    dice : dict of str to float or None
        Of all common frames, by label.
    ef_points : dict of str to float or None
        Difference of the ejection fractions, by ventricle.
    """

    first: Whole
    second: Whole
    reading: Reading = AS_LABELLED
    dice: dict[Annotated[str, Field(max_length=3)], _Part | None] = Field(max_length=3)
    ef_points: dict[Annotated[str, Field(max_length=2)], float | None] = Field(max_length=2)

    @classmethod
    def of(
        cls, first: int, second: int, found: "LabelComparison", reading: Reading = AS_LABELLED
    ) -> "SavedComparison":
        """Put a comparison on record."""
        record = found.to_dict()
        return cls(
            first=first,
            second=second,
            reading=reading,
            dice={name: record["labels"][name]["dice"] for name in _LABELS},
            ef_points={side: record["difference"][side]["ef_percent"] for side in ("lv", "rv")},
        )

    def compare(
        self, scan: "Scan", first: np.ndarray, second: np.ndarray, names: tuple[str, str]
    ) -> "LabelComparison":
        """Compare two label maps again.

        Raises
        ------
        ScanError
            See :func:`~napari_cmr.workflow.measure.comparison.compare_labels`.
        """
        from napari_cmr.workflow.measure.comparison import compare_labels

        return compare_labels(scan, first, second, names=names, reading=self.reading)


class SavedSpread(Record):
    """How much labels move from style to style.

    Fields are those of :class:`~napari_cmr.workflow.style.translation.StyleSpread`.
    """

    lv_cm2: _Areas
    myo_cm2: _Areas
    lv_dice: _Part | None = None
    myo_dice: _Part | None = None


class SavedStyles(Record):
    """Styles of one slice. Pictures are rendered again from the codes.

    Attributes
    ----------
    frame, slice : int
        From 0.
    seed : int
        That drew the styles that were not given.
    names : tuple of str
        One for each style, empty for drawn ones.
    codes : tuple of tuples of float
        As they were rendered.
    given : tuple of tuples of float
        Styles of real slices, before they were moved.
    shifts : tuple of float
    model : str
        That rendered them.
    models : tuple of ModelReference
        All models that ran, with their weights.
    spread : SavedSpread or None
    """

    frame: Whole
    slice: Whole
    seed: Whole
    names: tuple[Annotated[str, Field(max_length=200)], ...] = Field(min_length=1, max_length=64)
    codes: _Codes
    given: _Codes = ()
    shifts: tuple[float, ...] = Field(default=(), max_length=64)
    model: str = Field(min_length=1, max_length=200)
    models: tuple[ModelReference, ...] = Field(max_length=16)
    spread: SavedSpread | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> "SavedStyles":
        if len({len(code) for code in (*self.codes, *self.given)}) != 1:
            raise ValueError("codes of styles have different lengths")
        if len(self.codes) != len(self.names):
            raise ValueError("each style needs a name and a code")
        if self.model not in {one.name for one in self.models}:
            raise ValueError("the model that rendered the styles is not among their models")
        return self

    @classmethod
    def of(cls, styled: "Styled") -> "SavedStyles":
        """Put rendered styles on record."""
        spread = styled.spread
        return cls(
            frame=styled.frame,
            slice=styled.z,
            seed=styled.seed,
            names=styled.names,
            codes=_tuples(styled.codes),
            given=_tuples(styled.given),
            shifts=styled.shifts,
            model=styled.model,
            models=tuple(
                ModelReference(name=name, preset="live", sha256=digest)
                for name, digest in styled.weights.items()
            ),
            spread=None if spread is None else SavedSpread(**vars(spread)),
        )

    def styled(self) -> "Styled":
        """Styles without pictures, to be rendered again."""
        from napari_cmr.workflow.style.rendering import Styled
        from napari_cmr.workflow.style.translation import StyleSpread

        n = len(self.codes[0])
        spread = None if self.spread is None else StyleSpread(**self.spread.model_dump())
        return Styled(
            frame=self.frame,
            z=self.slice,
            seed=self.seed,
            names=self.names,
            codes=np.array(self.codes, dtype=np.float32),
            given=np.array(self.given, dtype=np.float32).reshape(-1, n),
            shifts=self.shifts,
            model=self.model,
            weights={one.name: one.sha256 for one in self.models},
            spread=spread,
        )


def _tuples(codes: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in code) for code in codes)
