"""The left atrium in axial late enhancement, from the scan to its volume."""

import numpy as np
import pytest
from helpers.notices import codes
from helpers.small_atria import atrium_scan, label_bright

from napari_cmr.cli.output import print_still
from napari_cmr.scan import Label
from napari_cmr.workflow.segment.late_enhancement import is_lge_model, lge_record, segment_lge
from napari_cmr.workflow.segment.segmentation_settings import SegmentationSettings, segment_as_set
from napari_cmr.zoo import default_choice

ATRIUM = default_choice("left atrium", device="cpu")


def test_an_axial_stack_is_labelled_by_the_network_for_atria_unasked(capsys, monkeypatch) -> None:
    label_bright(monkeypatch)
    marked = atrium_scan("case31", (64, 72))
    scan = marked.with_(labels=None, labelled_frames=())
    assert is_lge_model(ATRIUM.name)
    labels, content = segment_as_set(scan, SegmentationSettings(device="cpu"))
    assert content["model"] == ATRIUM.name
    np.testing.assert_array_equal(labels, marked.labels)
    volume = (labels == Label.LA).sum() * np.prod(scan.spacing) / 1000
    assert content["left_atrium_ml"] == pytest.approx(volume)
    assert content["heart_confidence"] is None
    assert content["lv"]["ef_percent"] is None
    said = {one["code"] for one in content["warning_details"]}
    assert not said & {"ventricle-missing", "myocardium-missing", "heart-unsure"}
    print_still(content)
    shown = capsys.readouterr().out
    assert "left atrium's cavity (mL)" in shown
    assert "LV" not in shown


def test_where_no_atrium_is_seen_it_is_said_once() -> None:
    empty = atrium_scan("case31", (64, 72)).with_(labels=None, labelled_frames=())
    empty = empty.with_(image=np.zeros_like(empty.image))
    found = segment_lge(empty, ATRIUM)
    assert not found.labels.any()
    assert codes(found.warnings) == ["nothing-segmented"]
    assert lge_record(empty, found)["left_atrium_ml"] == 0
