"""Where weights lie. Imports no network library, so that a window can list models at once."""

import os
from pathlib import Path
from typing import get_args

from napari_cmr.scan import ScanError
from napari_cmr.scan.file_parts import INDEX
from napari_cmr.training.recipe import Preset
from napari_cmr.training.register import models

#: Environment variable that names a folder of the user's own weights, searched first.
MODELS_VARIABLE = "NAPARI_CMR_MODELS"
_ENDINGS = tuple(f"-{preset}" for preset in get_args(Preset))


def own_models() -> Path | None:
    """Folder of the user's own weights; None if there is none.

    Raises
    ------
    ScanError
        If it does not exist: models of the same name in the package are not those that are meant.
    """
    own = os.environ.get(MODELS_VARIABLE)
    if not own:
        return None
    folder = Path(own).expanduser()
    if not folder.is_dir():
        raise ScanError(
            f"{MODELS_VARIABLE} names no folder",
            source=own,
            remedy="set it to the folder of your own weights, or unset it",
        )
    return folder


def model_folders() -> list[Path]:
    """Folders that are searched for weights: the user's own, ours, then other packages'.

    Raises
    ------
    ScanError
        As :func:`own_models`.
    """
    own = own_models()
    shipped = Path(__file__).parent / "weights"
    others = [model.weights for model in models().values() if model.weights is not None]
    return [*([own] if own else []), shipped, *dict.fromkeys(others)]


def find_models(folder: Path | None = None) -> dict[tuple[str, str], Path]:
    """Weights by (name, preset), whole or in parts; the user's own hide shipped ones of that name.

    Parameters
    ----------
    folder : Path, optional
        Look here alone.
    """
    found: dict[tuple[str, str], Path] = {}
    for one in model_folders() if folder is None else [folder]:
        for path in _weights_in(one):
            name, _, preset = path.stem.rpartition("-")
            found.setdefault((name, preset), path)
    return found


def _weights_in(folder: Path) -> list[Path]:
    """Files of weights of a folder, be there the files or their parts."""
    whole = {path for path in folder.glob("*.safetensors") if path.is_file()}
    indices = (path for path in folder.glob(f"*.safetensors{INDEX}") if path.is_file())
    return sorted(whole | {path.with_name(path.name.removesuffix(INDEX)) for path in indices})


def cards_alone() -> list[Path]:
    """Model cards in the folders of weights that have no weights beside them."""
    found: list[Path] = []
    for folder in model_folders():
        weights = _weights_in(folder)
        cards = (card for card in sorted(folder.glob("*.json")) if card.stem.endswith(_ENDINGS))
        found += [card for card in cards if card.with_suffix(".safetensors") not in weights]
    return found


def find_weights(name: str, preset: str = "live") -> Path:
    """Weights of a model.

    Raises
    ------
    ScanError
        If there are none.
    """
    found = find_models()
    if (name, preset) not in found:
        known = ", ".join(f"{a} ({b})" for a, b in found) or "none"
        raise ScanError(
            f"there are no weights for {name!r} ({preset})", remedy=f"available: {known}"
        )
    return found[name, preset]
