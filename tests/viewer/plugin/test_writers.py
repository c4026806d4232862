from pathlib import Path

import numpy as np
import pytest

from napari_cmr.scan import Geometry, Scan, ScanError, open_scan, save_image
from napari_cmr.scan.notices import Code
from napari_cmr.viewer.layers.state import metadata
from napari_cmr.viewer.plugin.writers import write_image, write_labels


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    image = np.random.default_rng(0).random((2, 3, 8, 8), np.float32)
    path = tmp_path / "heart.nii.gz"
    save_image(path, image, Scan(image, Geometry.regular((8, 2, 2), 3)))
    return open_scan(path)


def test_a_layer_replaces_anything_but_its_own_scan(scan: Scan, tmp_path: Path) -> None:
    attributes = {"metadata": metadata(scan, "labels")}
    target = tmp_path / "labels.nii.gz"
    target.write_text("napari has asked about this name")
    labels = np.ones(scan.shape, np.uint8)
    assert write_labels(str(target), labels, attributes) == [str(target)]
    assert (open_scan(target).image == 1).all()
    still = tmp_path / "average.nii.gz"
    write_image(str(still), scan.image[0], attributes)
    assert open_scan(still).shape == (1, *scan.shape[1:])
    before = scan.source.read_bytes()
    for write, data in ((write_labels, labels), (write_image, scan.image)):
        with pytest.raises(ScanError, match="would replace what is read"):
            write(str(scan.source), data, attributes)
    assert scan.source.read_bytes() == before


@pytest.mark.parametrize(
    ("state", "codes"),
    [
        ({"role": "image"}, []),
        ({"role": "zero_filled"}, [Code.IMAGE_OF_FEW_LINES]),
        ({"role": "tile", "picture": "image"}, []),
        (
            {"role": "reconstructed", "invents": "Details may be invented."},
            [Code.IMAGE_OF_FEW_LINES, Code.DETAILS_INVENTED],
        ),
    ],
    ids=str,
)
def test_a_picture_that_is_saved_says_what_it_was_made_of(scan, tmp_path, state, codes) -> None:
    target = tmp_path / "picture.nii.gz"
    write_image(str(target), scan.image, {"metadata": metadata(scan, **state)})
    assert {one.code for one in open_scan(target).notes} - {Code.ORIENTATION_UNKNOWN} == set(codes)
