"""Draw the grid of the manual's page on styles: synthetic hearts, each in five styles.

``python tools/style_grid.py`` writes ``docs/images/styles.png``.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from napari_cmr.phantom import SAMPLES
from napari_cmr.workflow.style.translation import load_styler, save_picture, translate_scan

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "styles.png"
HEARTS = ("normal", "infarct", "hypertrophic")
STYLES = 5


def main() -> None:
    """Render the middle slice of each heart in styles of its own."""
    styler = load_styler()
    rows = []
    with TemporaryDirectory() as folder:
        for seed, name in enumerate(HEARTS):
            scan = SAMPLES[name]()
            codes = styler.sample_codes(STYLES, seed)
            made = translate_scan(scan, codes, slices=(scan.n_slices // 2,))
            path = Path(folder) / f"{name}.png"
            save_picture(path, scan, made, side_mm=150.0)
            rows.append(Image.open(path).convert("L"))
    grid = Image.new("L", (rows[0].width, sum(row.height for row in rows)))
    for number, row in enumerate(rows):
        grid.paste(row, (0, number * row.height))
    grid.save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
