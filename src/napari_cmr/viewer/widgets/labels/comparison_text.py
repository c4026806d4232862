"""What the Compare dock says of a comparison, in words and rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_cmr.analysis.contours import LABELS
from napari_cmr.scan import Label
from napari_cmr.workflow.measure.comparison import Contour, LabelComparison


class SliceRows:
    """What the table of slices says of one frame, or of all of them."""

    def __init__(self, comparison: LabelComparison, row_number: int | None) -> None:
        chosen = slice(None) if row_number is None else slice(row_number, row_number + 1)
        self.dice = comparison.dice[chosen]
        self.hausdorff = comparison.distances.hausdorff[chosen]
        self.delta = comparison.delta_ml[chosen]
        there = (comparison.distances.in_first | comparison.distances.in_second)[chosen]
        self.slices: list[int] = np.flatnonzero(there.any(axis=(0, 2))).tolist()

    def texts(self, z: int) -> tuple[str, ...]:
        """Dice of each label, largest distance, and differences of the volumes of one slice."""
        dice = [_mean(self.dice[:, z, i]) for i in range(len(LABELS))]
        largest = self.hausdorff[:, z]
        apart = None if np.isnan(largest).all() else float(np.nanmax(largest))
        delta = [_largest(self.delta[:, z, LABELS.index(label)]) for label in (Label.LV, Label.RV)]
        return (
            *(shown(value, ".2f") for value in dice),
            shown(apart, ".1f"),
            # A tenth of ten mL is nothing that anybody asks for, and there is no room for it.
            *(shown(value, "+.1f" if abs(value) < 9.95 else "+.0f") for value in delta),
        )


def comparison_text(comparison: LabelComparison, made: Sequence[str] = ()) -> str:
    """Rows of a comparison as tab-separated text; slices and frames count from 1.

    Rows on what both were made from come first.
    """
    rows = comparison.rows()
    lines = [f"{comparison.names[1]} beside {comparison.names[0]}, second minus first"]
    lines += made
    lines.append("\t".join(rows[0]))
    lines += ["\t".join(_text_cell(value) for value in one.values()) for one in rows]
    return "\n".join([*lines, "", "Research use only"])


def _text_cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def place_text(one: Contour) -> str:
    """Where a contour is, and how far it is off."""
    return (
        f"{one.label.name} in slice {one.slice + 1}, frame {one.frame + 1}: "
        f"{one.hausdorff_mm:.1f} mm apart"
    )


def function_text(record: dict[str, Any]) -> str:
    """Differences of the ejection fractions, volumes and masses of a comparison's record."""
    lines = []
    for side in ("lv", "rv"):
        numbers = record["difference"][side]
        if numbers["edv_ml"] is not None:
            lines.append(
                f"{side.upper()}   EF {shown(numbers['ef_percent'], '+.1f')} points   "
                f"EDV {shown(numbers['edv_ml'], '+.0f')} mL   "
                f"ESV {shown(numbers['esv_ml'], '+.0f')} mL"
            )
    mass = record["difference"]["lv_mass_g"]
    if mass is not None:
        lines.append(f"LV mass {shown(mass, '+.0f')} g")
    return "\n".join(lines)


def shown(value: float | None, form: str) -> str:
    """Number in a format with a true minus, a dash if there is none, and no sign on a zero."""
    if value is None:
        return "–"
    text = format(value, form)
    return text.replace("-", "−") if float(text) else text.lstrip("+-")


def _mean(values: np.ndarray) -> float | None:
    return None if np.isnan(values).all() else float(np.nanmean(values))


def _largest(values: np.ndarray) -> float:
    """The value that lies furthest from zero, with its sign."""
    return float(values[np.argmax(np.abs(values))])
