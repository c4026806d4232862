"""A folder of labelled subjects, and each of them as a cine with known labels at ED and ES."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_cmr.kspace import Acquisition, Measured, undersample
from napari_cmr.phantom.animation import animate_scan
from napari_cmr.scan import Label, Scan, ScanError, open_scan
from napari_cmr.scan.nifti.file import is_nifti_name
from napari_cmr.scan.nifti.reader import is_label_file
from napari_cmr.training.data.split import split_subjects
from napari_cmr.workflow.segment.cine import Segmentation, locate_heart, segment
from napari_cmr.workflow.trials.line_map import three_slices
from napari_cmr.zoo import ModelChoice

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation

Split = Literal["validation", "training", "all"]


def find_subjects(data: Path, split: Split = "all") -> dict[str, Path]:
    """Subjects of a cohort by name: its sub-folders and its labelled NIfTI files.

    Parameters
    ----------
    data : Path
        Folder of ACDC patient folders, or of scans with labels beside them.
    split : {"validation", "training", "all"}
        Parts of ACDC's fixed split; in other cohorts every fifth name is of the validation part.

    Raises
    ------
    ScanError
        If there are none.
    """
    if not data.is_dir():
        raise ScanError("is no folder of subjects", source=data)
    found = {}
    for path in sorted(data.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            found[path.name] = path
        elif is_nifti_name(path.name) and not is_label_file(path):
            found[path.name.removesuffix(".gz").removesuffix(".nii")] = path
    training, validation = split_subjects(list(found))
    chosen = {"validation": validation, "training": training, "all": list(found)}[split]
    if not chosen:
        raise ScanError(
            f"holds no subject of the {split} part",
            source=data,
            remedy="give a folder of ACDC patient folders, or of labelled scans",
        )
    return {name: found[name] for name in chosen}


@dataclass(frozen=True, eq=False)
class LabelledCine:
    """A cine whose labels at ED and ES are known.

    Attributes
    ----------
    name : str
    scan : Scan
    ed_frame, es_frame : int
    animated : bool
        Whether the cine was made from an ED/ES pair.
    """

    name: str
    scan: Scan
    ed_frame: int
    es_frame: int
    animated: bool
    _locations: dict[Acquisition, "HeartLocation"] = field(default_factory=dict, repr=False)
    _measured: dict[Acquisition, Measured] = field(default_factory=dict, repr=False)

    @property
    def frames(self) -> list[int]:
        """ED and ES."""
        return [self.ed_frame, self.es_frame]

    @property
    def reference(self) -> np.ndarray:
        """Labels at ED and ES, shape (2, Z, Y, X); scar counts as myocardium."""
        labels = self.scan.labels
        assert labels is not None  # see open_cine
        chosen = labels[self.frames]
        return np.where(chosen > Label.RV, np.uint8(Label.MYO), chosen)

    @property
    def three_slices(self) -> tuple[int, ...]:
        """Slices at a quarter, half and three quarters of the LV's extent at ED."""
        return three_slices((self.reference[0] == Label.LV).any(axis=(1, 2)))

    def locate(self, acquisition: Acquisition, device: str) -> "HeartLocation":
        """Where the heart is, from what that acquisition measures of the whole stack."""
        if acquisition not in self._locations:
            self._locations[acquisition] = locate_heart(self.measured(acquisition), device=device)
        return self._locations[acquisition]

    def measured(self, acquisition: Acquisition) -> Measured:
        """What that acquisition measures of the scan; the last one is kept."""
        if acquisition not in self._measured:
            self._measured.clear()
            self._measured[acquisition] = undersample(self.scan, acquisition)
        return self._measured[acquisition]

    def segment(
        self,
        model: ModelChoice,
        acquisition: Acquisition,
        *,
        slices: tuple[int, ...] | None = None,
        views: int = 1,
    ) -> Segmentation:
        """Segment as a user would: the heart is found in the same undersampled data."""
        measured = self.measured(acquisition)
        return segment(
            measured if slices is None else measured.select(slices),
            model,
            location=self.locate(acquisition, model.device),
            views=views,
        )


def open_cine(path: Path, name: str, *, n_frames: int, seed: int) -> LabelledCine:
    """Open a subject; an ED/ES pair is animated first.

    A scan of a whole cycle whose labels at ED and ES are known is used as it is.

    Raises
    ------
    ScanError
        If it cannot be opened, or there are no labels at ED and ES.
    """
    scan = open_scan(path)
    if scan.labels is None or not scan.labelled_frames:
        raise ScanError("there are no labels to compare with", source=path)
    animated = not scan.has_full_cycle
    if animated:
        scan = animate_scan(scan, n_frames, seed=seed)
    labels = scan.labels
    assert labels is not None
    volumes = {frame: int((labels[frame] == Label.LV).sum()) for frame in scan.labelled_frames}
    ed, es = scan.ed_frame, scan.es_frame
    if ed not in volumes:
        ed = max(volumes, key=lambda frame: volumes[frame])
    if es not in volumes:
        es = min(volumes, key=lambda frame: volumes[frame])
    if ed == es or not volumes[ed]:
        raise ScanError("the LV is not labelled at ED and at ES", source=path)
    return LabelledCine(name, scan, ed, es, animated)
