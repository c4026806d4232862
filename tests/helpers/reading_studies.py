"""Small reading studies, and scripted readers: no score in the tests is that of a person."""

from collections.abc import Callable
from pathlib import Path

from helpers.small_scans import make_scan
from napari_cmr.scan import save_image, save_labels
from napari_cmr.workflow.reading.making import Source, StudySettings, make_study
from napari_cmr.workflow.reading.ratings import PanelReading
from napari_cmr.workflow.reading.study import Made, StudyFolder, read_key

METHODS = ("full", "view-sharing", "zero-filled")
GIVEN = {"full": 4, "view-sharing": 3, "zero-filled": 1}
"""What a scripted reader gives."""


def write_cases(folder: Path, n: int = 2, *, labels: bool = True, n_frames: int = 4) -> list[Path]:
    """Files of small cines, with the name of a patient in theirs."""
    paths = []
    for number in range(n):
        scan = make_scan("Jane Doe", n_frames=n_frames, shape=(24 + 2 * number, 20))
        path = folder / f"jane-doe-{number}.nii.gz"
        save_image(path, scan.image, scan)
        if labels:
            save_labels(folder / f"jane-doe-{number}_labels.nii.gz", scan.labels, scan)
        paths.append(path)
    return paths


def small_study(folder: Path, *, n_cases: int = 2, **settings) -> StudyFolder:
    """Study of small cines in ``folder/study``."""
    given = {"methods": METHODS, "lines": "4x", "repeats": 0.5, "sis": False, **settings}
    paths = write_cases(folder, n_cases, labels=False)
    sources = [Source(path) for path in paths]
    return make_study(sources, folder / "study", StudySettings(**given))


def by_method(made: Made) -> int:
    """Score that goes by the method alone."""
    return GIVEN[made.method]


def rate_all(
    study: StudyFolder,
    reader: str,
    score: Callable[[Made], int] = by_method,
    *,
    n: int | None = None,
) -> PanelReading:
    """Let a scripted reader rate all images, or the first ones, by what made them."""
    made = {one.id: one for one in read_key(study).made}
    reading = PanelReading(study, reader)
    while reading.item is not None and reading.n_rated != n:
        reading.rate(score(made[reading.item.id]), 2.0)
    return reading
