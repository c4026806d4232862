"""A report of a sample heart, and what a browser would make of its page."""

from html.parser import HTMLParser

import numpy as np

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Code, Notice, Scan
from napari_cmr.workflow.edit.provenance import Provenance
from napari_cmr.workflow.report.content import ReportContent

VOID = {"meta", "img", "br", "line", "path", "circle", "polyline", "image"}


class Page(HTMLParser):
    """Checks that tags close, and collects what the page would ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.tags, self.addresses = [], [], []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action")]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.words += data + " "


def content(scan: Scan, **changes) -> ReportContent:
    fields = {
        "scan": scan,
        "labels": None if scan.labels is None else np.roll(scan.labels, 3, axis=3),
        "labels_from": "pooled-net",
        "frames": tuple(range(scan.n_frames)),
        "made_from": Provenance(
            model="pooled-net",
            preset="live",
            weights={"pooled-net": "ab" * 32},
            acquisition=Acquisition(n_lines=10, toggled=frozenset({(0, 3)}), noise=0.02),
            lv_ef_percent=48.0,
            lv_ef_interval_percent=(41.0, 55.0),
            rv_ef_percent=52.0,
            rv_ef_interval_percent=(38.0, 63.0),
            warnings=(Notice(Code.HEART_UNSURE, "Look at the <labels> & think.", "heart"),),
            corrected=((2, 3), (2, 4)),
        ),
        "accepted": ((0, 1),),
        "edited_voxels": 7,
    }
    return ReportContent(**(fields | changes))
