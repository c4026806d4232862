"""Turn the pictures of the demo into those of the manual: 256 colours, a fraction of the size.

``make pictures`` runs this after ``napari-cmr demo --screenshots``.
"""

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]


def main(source: Path) -> None:
    """Take those that the manual shows from `source`, without the numbers in their names."""
    target = ROOT / "docs" / "images"
    manual = "".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    target.mkdir(exist_ok=True)
    for path in sorted(source.glob("[0-9][0-9]-*.png")):
        name = path.name.partition("-")[2]
        if f"images/{name})" not in manual:
            continue
        # Colours that few pixels have, as in a curve or a label, stay what they are.
        picture = (
            Image.open(path)
            .convert("RGB")
            .quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
        )
        picture.save(target / name, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
