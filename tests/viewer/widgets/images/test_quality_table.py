"""The table of how close methods come; docks/test_reconstruct.py has it at work."""

import numpy as np

from napari_cmr.analysis.image_quality import ImageQuality
from napari_cmr.viewer.core.slice_images import SliceImage
from napari_cmr.viewer.widgets.images.quality_table import MOVING, quality_table, show_quality
from napari_cmr.viewer.widgets.parts import OLD_COLOUR
from napari_cmr.viewer.workbench import workbench_of


def test_numbers_are_black_where_they_belong_and_grey_where_they_do_not(open_viewer, small_scan):
    bench = workbench_of(open_viewer(small_scan))
    live, images = bench.reconstruction, bench.session.reconstructions
    live.set_methods(("average",))
    table = quality_table()
    show_quality(table, live)
    assert table.rowCount() == 0
    source = live.source("average")
    image = np.abs(small_scan.image[:, 1])
    images.take(SliceImage(1, source, image, None, 0.1), small_scan.n_slices)
    show_quality(table, live)
    assert [table.item(0, place).text() for place in range(6)] == ["average", *"–––––"]
    images.judge(source, 1, ImageQuality(np.inf, 31.25, 0.9871, 0.05))
    show_quality(table, live)
    texts = [table.item(0, place).text() for place in range(5)]
    assert texts == ["average", "∞", "31.2", ".987", ".050"]
    assert table.item(0, 1).foreground().color().name() != OLD_COLOUR
    assert not table.isColumnHidden(MOVING)
    bench.session.set_acquisition(n_lines=20)
    show_quality(table, live)
    assert table.item(0, 1).foreground().color().name() == OLD_COLOUR
    assert "Made from" in table.item(0, 1).toolTip()
