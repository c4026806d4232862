"""What a calibration found, in the card of its model."""

from pathlib import Path

from napari_cmr.experiments.certainty.calibration import Calibration
from napari_cmr.experiments.certainty.calibration_runs import QUANTILE
from napari_cmr.zoo import ModelCard, ModelChoice, find_weights, read_card
from napari_cmr.zoo.cards import ByLines, write_card


def write_calibration(model: ModelChoice, found: Calibration) -> Path:
    """Write a calibration into the card of a model; its path."""
    path = find_weights(model.name, model.preset)
    card = read_card(path)
    metrics = card.metrics | {
        "calibration": {
            "what": f"{found.subjects} subjects, {found.runs} acquisitions; coverage and median "
            "width of the 90 % interval of the EF, of the LV also its bias and mean absolute error "
            "in points at the model's own ED and ES, each without the subject itself",
            "pixel_log_loss_before_after": [round(v, 4) for v in found.log_loss],
            "volume_error_percent_before_after": [round(v, 2) for v in found.volume_error],
            "pixel_calibration_error_before_after": [round(v, 4) for v in found.calibration_error],
            "ef_interval_coverage": {
                side: round(coverage, 3) for side, coverage in found.coverage.items()
            },
            "ef_by_lines": {
                side: {
                    lines: {name: round(value, 2) for name, value in told.items()}
                    for lines, told in by.items()
                }
                for side, by in found.by_lines.items()
            },
        }
    }
    changed = card.model_dump() | {
        "temperature": _rounded(found.temperature),
        "cavity_offset": found.cavity_offset,
        "rv_offset": found.rv_offset,
        "sharpening": found.sharpening,
        **{f"{side.lower()}_quantile": QUANTILE for side in found.widenings},
        **{f"{side.lower()}_widening": _rounded(one) for side, one in found.widenings.items()},
        "metrics": metrics,
    }
    return write_card(path, ModelCard.model_validate(changed))


def _rounded(value: float | ByLines[float]) -> float | ByLines[float]:
    if isinstance(value, float):
        return round(value, 3)
    return value  # pairs are
