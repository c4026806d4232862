"""Labels in a report are named with what they were made from."""

import numpy as np
from helpers.small_scans import make_scan

from napari_cmr.workflow.report.content import ReportContent


def test_labels_are_named_with_their_source_where_it_is_known() -> None:
    scan = make_scan()
    content = ReportContent(
        scan, np.zeros(scan.shape, np.uint8), "x", (0,), sources={"Mine": "drawn"}
    )
    assert content.source_of("Mine") == "Mine (drawn)"
    assert content.source_of("Yours") == "Yours"
