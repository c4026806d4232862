"""Synthetic late enhancement on disk: stacks, a picture and a record, which all say so."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_cmr.scan import (
    Scan,
    file_stem,
    output_folder,
    save_image,
    save_json,
    save_labels,
    texts_and_details,
    written_together,
)
from napari_cmr.scan.atomic import atomic_path
from napari_cmr.scan.outputs import AnyPath
from napari_cmr.workflow.style.translation import WATERMARK, Translation, as_scan

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation


class TranslatedFiles(NamedTuple):
    """Files of a translation: a stack for each style, labels of each, a picture, a record."""

    images: tuple[Path, ...]
    labels: tuple[Path, ...]
    picture: Path
    record: Path

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file; a stack has its labels behind it."""
        pairs = zip(self.images, self.labels, strict=True) if self.labels else zip(self.images)
        return (*(file for pair in pairs for file in pair), self.picture, self.record)


def translated_paths(
    folder: Path, name: str, n_styles: int, *, with_labels: bool
) -> TranslatedFiles:
    """Files that :func:`save_translation` writes of a scan."""
    stems = [f"{name}_lge{number}" for number in range(1, n_styles + 1)]
    return TranslatedFiles(
        tuple(folder / f"{stem}.nii.gz" for stem in stems),
        tuple(folder / f"{stem}_labels.nii.gz" for stem in stems) if with_labels else (),
        folder / f"{name}_lge.png",
        folder / f"{name}_lge.json",
    )


def save_translation(
    scan: Scan,
    made: Translation,
    folder: AnyPath,
    *,
    record: dict[str, Any],
    inputs: Sequence[AnyPath | None] = (),
    overwrite: bool = False,
) -> TranslatedFiles:
    """Write every style as a stack on the scan's grid, a JSON record, and a picture of them all.

    Parameters
    ----------
    scan : Scan
        What was translated, all of its slices.
    made : Translation
    folder : path
        Made if need be. Gets ``NAME_lge1.nii.gz`` and on, with the frame's labels beside each as
        ``NAME_lge1_labels.nii.gz`` where it has some, ``NAME_lge.json`` and ``NAME_lge.png``.
    record : dict
        How the styles were chosen, for the JSON.
    inputs : sequence of path
        Files and folders that were read for it, beside the scan's own.
    overwrite : bool
        Whether files that exist may be replaced.

    Raises
    ------
    ScanError
        If one of the files may not be written, see :func:`~napari_cmr.scan.check_outputs`. No file
        is left then.
    """
    with output_folder(folder) as place:
        kept = scan.select_slices(made.slices)
        labels = None
        if kept.labels is not None and made.frame in kept.labelled_frames:
            labels = kept.labels[made.frame]
        files = translated_paths(
            place, file_stem(scan), len(made.images), with_labels=labels is not None
        )
        content = {
            "scan": scan.name,
            "synthetic": True,
            "what": "late enhancement rendered by a network from a bSSFP scan; nothing in it was "
            "measured after contrast agent",
            "model": made.model,
            "preset": made.preset,
            "frame": made.frame,
            "slices": made.slices,
            "frames_and_slices_count_from": 0,
            **record,
            "styles": made.codes,
            "heart": {
                "row": made.location.row,
                "column": made.location.column,
                "confidence": made.location.confidence,
            },
            "files": [path.name for path in files.all[:-2]],
            **texts_and_details(made.warnings),
            "use": "research only",
        }
        sources = [scan.source, *inputs]
        with written_together(*files.all, inputs=sources, overwrite=overwrite) as at:
            for number, path in enumerate(files.images):
                still = as_scan(scan, made, number)
                save_image(at[path], still.image, still)
                if labels is not None:
                    save_labels(at[files.labels[number]], labels, still)
            save_picture(at[files.picture], scan, made)
            save_json(at[files.record], content)
        return files


def save_picture(path: Path, scan: Scan, made: Translation, *, side_mm: float = 168.0) -> None:
    """Write a PNG: a row for each slice, the source first, then every style with a watermark."""
    from PIL import Image, ImageDraw
    from PIL.PngImagePlugin import PngInfo

    tile = 160
    columns = 1 + len(made.images)
    picture = Image.new("L", (columns * tile, len(made.slices) * tile))
    draw = ImageDraw.Draw(picture)
    stack = np.abs(scan.image[made.frame, list(made.slices)])
    for z, source in enumerate(stack):
        low, high = np.percentile(source, (1, 99.5))
        shown = [np.clip((source - low) / max(high - low, 1e-6), 0, 1), *made.images[:, z]]
        for k, image in enumerate(shown):
            square = _square(image, scan.spacing[1:], made.location, side_mm)
            left, top = k * tile, z * tile
            picture.paste(Image.fromarray(square).resize((tile, tile)), (left, top))
            if k:
                draw.text((left + 4, top + 3), WATERMARK, fill=255, stroke_width=1, stroke_fill=0)
    information = PngInfo()
    information.add_text("Description", f"{WATERMARK} late enhancement; research only")
    with atomic_path(path) as temporary:
        picture.save(temporary, format="PNG", pnginfo=information)


def _square(
    image: np.ndarray,
    spacing: tuple[float, float],
    location: "HeartLocation",
    side_mm: float,
) -> np.ndarray:
    """Bytes of the part of an image (Y, X) from 0 to 1 around the heart, as far as it reaches."""
    parts = []
    for middle, pixel, length in zip(
        (location.row, location.column), spacing, image.shape, strict=True
    ):
        half = side_mm / pixel / 2
        first = int(np.clip(round(middle - half), 0, length - 1))
        parts.append(slice(first, max(first + 1, min(length, round(middle + half)))))
    square: np.ndarray = (255 * image[tuple(parts)]).round().astype(np.uint8)
    return square
