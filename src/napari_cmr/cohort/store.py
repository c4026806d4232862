"""One result file for each subject, experiment and model, so that a stopped run goes on."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan import atomic_path, save_json

#: By one of these a folder is known to hold results of an earlier run, of any experiment.
RESULTS = ("subjects", "scar.csv", "style.csv")


@dataclass(frozen=True)
class Part:
    """One experiment with one model; ``digest`` tells whether an old result still holds."""

    experiment: str
    model: str
    digest: str


@dataclass(frozen=True, eq=False)
class Result:
    """What one part gave for one subject.

    Attributes
    ----------
    subject : str
    group : str or None
        Diagnosis group, if the data set says it.
    part : Part
    record : dict
        JSON-ready numbers; None where a number is not defined.
    arrays : dict of str to ndarray
        Shapes and codes.
    """

    subject: str
    group: str | None
    part: Part
    record: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


class ResultStore:
    """Results in ``OUT/subjects``: JSON, and an ``.npz`` beside it where there are arrays."""

    def __init__(self, out: Path) -> None:
        self.folder = out / RESULTS[0]
        self.folder.mkdir(parents=True, exist_ok=True)

    def _path(self, subject: str, part: Part) -> Path:
        return self.folder / f"{subject}.{part.experiment}.{part.model}.json"

    def save(self, result: Result) -> None:
        """Write a result; the JSON comes last, so that it never speaks of missing arrays."""
        path = self._path(result.subject, result.part)
        if result.arrays:
            with atomic_path(path.with_suffix(".npz")) as temporary, open(temporary, "wb") as file:
                np.savez_compressed(file, **result.arrays)  # type: ignore[arg-type]
        save_json(
            path,
            {
                "subject": result.subject,
                "group": result.group,
                "settings": result.part.digest,
                "arrays": sorted(result.arrays),
                "record": result.record,
            },
        )

    def load(self, subject: str, part: Part) -> Result | None:
        """Read a result; None if it is missing, damaged, or was made with other settings."""
        path = self._path(subject, part)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["settings"] != part.digest:
                return None
            arrays: dict[str, np.ndarray] = {}
            if content["arrays"]:
                with (
                    open(path.with_suffix(".npz"), "rb") as stream,
                    np.load(stream, allow_pickle=False) as file,
                ):
                    arrays = {name: file[name] for name in content["arrays"]}
            return Result(subject, content["group"], part, dict(content["record"]), arrays)
        except Exception:  # damaged bytes end in whatever error they please
            return None  # as good as missing: it is made again
