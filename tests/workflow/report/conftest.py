import pytest
from helpers.report_pages import Page, content

from napari_cmr.phantom.samples import SAMPLES
from napari_cmr.scan import Scan
from napari_cmr.workflow.report.page import render_report


@pytest.fixture(scope="module")
def heart() -> Scan:
    return SAMPLES["normal"]()


@pytest.fixture(scope="module")
def page(heart) -> Page:
    return Page(render_report(content(heart)))
