"""The scores that readers give, from 1 to 4, and what each of them means."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from napari_cmr.scan import ScanError

SCORES = (1, 2, 3, 4)
Score = Annotated[int, Field(ge=min(SCORES), le=max(SCORES))]
NAMES = ("Very poor", "Poor", "Good", "Very good")
"""Of :data:`SCORES`: the scale of Seitzer et al., MICCAI 2018, from 1 to 4."""

Sentence = Annotated[str, Field(min_length=1, max_length=200)]
Criteria = tuple[Sentence, Sentence, Sentence, Sentence]
_CRITERIA: dict[str, Criteria] = {
    "cine": (
        "The chambers cannot be told from their surroundings, or artefacts hide them.",
        "The chambers can be seen, but borders are blurred, or artefacts disturb the reading.",
        "Borders can be followed over the whole cycle. Slight blur or artefacts do not disturb.",
        "Borders, papillary muscles and motion are sharp. No artefact that would be noticed.",
    ),
    "lge": (
        "Wall and scar cannot be told from their surroundings, or artefacts hide them.",
        "The wall can be seen, but scar is doubtful, or artefacts disturb the reading.",
        "Wall and scar can be outlined. Slight blur or artefacts do not disturb.",
        "Wall and scar are sharp, with good contrast. No artefact that would be noticed.",
    ),
    "other": (
        "Anatomy cannot be told from its surroundings, or artefacts hide it.",
        "Anatomy can be seen, but borders are blurred, or artefacts disturb the reading.",
        "Borders can be followed. Slight blur or artefacts do not disturb.",
        "Borders and fine structures are sharp. No artefact that would be noticed.",
    ),
}


def criteria_for(kinds: Iterable[str]) -> Criteria:
    """What the scores mean for scans of these kinds: general words where they are mixed.

    Overall quality, visibility of what is looked for, and artefacts: what the expert of Seitzer et
    al. went by.

    Parameters
    ----------
    kinds : iterable of {"cine", "lge", "other"}
    """
    found = set(kinds)
    return _CRITERIA[found.pop() if len(found) == 1 else "other"]


def read_criteria(path: Path) -> Criteria:
    """Criteria of one's own: a text file with a line for each score, from 1 to 4.

    Raises
    ------
    ScanError
        If it cannot be read, or does not hold four lines of at most 200 characters.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ScanError(f"cannot be read: {error}", source=path) from error
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    try:
        return TypeAdapter(Criteria).validate_python(lines)
    except ValidationError as error:
        raise ScanError(
            f"holds {len(lines)} criteria, or one of more than 200 characters",
            source=path,
            remedy="give a line for each score, from 1, very poor, to 4, very good",
        ) from error
