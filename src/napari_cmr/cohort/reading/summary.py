"""All that a reading study found, in one object."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any

import numpy as np

import napari_cmr
from napari_cmr.cohort.reading.scores import (
    Correlation,
    MethodDifference,
    Opinion,
    PanelRating,
    ReaderAgreement,
    between_readers,
    correlations,
    method_differences,
    opinions,
    panel_ratings,
    within_readers,
)
from napari_cmr.workflow.reading.study import Key, StudyFolder, open_study, read_key


@dataclass(frozen=True, eq=False)
class PanelSummary:
    """What a reading study found.

    Attributes
    ----------
    folder : StudyFolder
    key : Key
    ratings : list of PanelRating
        Of readers who have finished.
    unfinished : list of str
        Readers who have not, and are left out.
    opinions : list of Opinion
        The best first.
    differences : list of MethodDifference
        In the order of the opinions.
    within, between : list of ReaderAgreement
    correlations : list of Correlation
    """

    folder: StudyFolder
    key: Key
    ratings: list[PanelRating]
    unfinished: list[str]
    opinions: list[Opinion]
    differences: list[MethodDifference]
    within: list[ReaderAgreement]
    between: list[ReaderAgreement]
    correlations: list[Correlation]

    @property
    def readers(self) -> tuple[str, ...]:
        """Readers who have finished."""
        return tuple(dict.fromkeys(one.reader for one in self.ratings))

    @property
    def titles(self) -> dict[str, str]:
        """What methods are called, by name."""
        return {one.name: one.title for one in self.key.methods}

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary."""
        study = self.folder.study
        return {
            "made_with": f"napari-cmr {napari_cmr.__version__}",
            "study": study.digest,
            "cases": len(self.key.cases),
            "images": len(study.items),
            "repeats": len(study.repeats),
            "readers": list(self.readers),
            "unfinished": self.unfinished,
            "acquisitions": [one.acquisition.model_dump(mode="json") for one in self.key.cases],
            "methods": [one.model_dump(mode="json") for one in self.key.methods],
            "opinions": [asdict(one) for one in self.opinions],
            "differences": [
                {
                    "first": one.first,
                    "second": one.second,
                    **asdict(one.difference),
                    "p_holm": one.p,
                }
                for one in self.differences
            ],
            "within_readers": [asdict(one) for one in self.within],
            "between_readers": [asdict(one) for one in self.between],
            "mean_kappa_within": mean_kappa(self.within),
            "mean_kappa_between": mean_kappa(self.between),
            "correlations": [asdict(one) for one in self.correlations],
            "seconds": {
                reader: float(np.median([x.seconds for x in self.ratings if x.reader == reader]))
                for reader in self.readers
            },
            "use": "research only",
        }


def mean_kappa(several: Sequence[ReaderAgreement]) -> float | None:
    """Mean of the kappas that are defined."""
    known = [one.kappa for one in several if one.kappa is not None]
    return float(np.mean(known)) if known else None


def summarise(study: str | PathLike[str], key: str | PathLike[str] | None = None) -> PanelSummary:
    """Read the ratings of a study and say what they come to.

    Parameters
    ----------
    study : path
    key : path, optional
        Where the key is kept; in the study by default.

    Raises
    ------
    ScanError
        If study, key or a reader's file cannot be used, or no reader has finished.
    """
    folder = open_study(study)
    opened = read_key(folder, key)
    ratings, unfinished = panel_ratings(folder, opened)
    found = opinions(ratings, [one.name for one in opened.methods])
    return PanelSummary(
        folder=folder,
        key=opened,
        ratings=ratings,
        unfinished=unfinished,
        opinions=found,
        differences=method_differences(ratings, [one.method for one in found]),
        within=within_readers(ratings),
        between=between_readers(ratings),
        correlations=correlations(ratings),
    )
