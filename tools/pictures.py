"""Turn the pictures of the demo into those of the manual: 256 colours, a fraction of the size.

``make pictures`` runs this after ``napari-cmr demo --screenshots``.
"""

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]


def main(source: Path) -> None:
    """Replace docs/images by the pictures in `source`, without the numbers in their names."""
    target = ROOT / "docs" / "images"
    target.mkdir(exist_ok=True)
    for path in sorted(source.glob("[0-9][0-9]-*.png")):
        picture = Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        picture.save(target / path.name.partition("-")[2], optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
