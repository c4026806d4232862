"""The manual says what there is: commands, keys, pictures, links."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)]+))?\)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            path = page.parent / target if target else page
            assert path.exists() or path.with_suffix(".ipynb").exists(), target
            if anchor and path.suffix == ".md":
                assert anchor in anchors(path), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """What the headings of a page are linked by, as MkDocs makes it of them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), flags=re.MULTILINE)
    words = (re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings)
    return {re.sub(r"[-\s]+", "-", one) for one in words}


def test_every_command_is_in_the_manual() -> None:
    from napari_cmr.cli.root import app

    page = (ROOT / "docs" / "how-to" / "command-line.md").read_text()
    listed = set(re.findall(r"^\| `([a-z-]+)[ `]", page, flags=re.MULTILINE))
    commands = {
        (one.name or one.callback.__name__).replace("_", "-") for one in app.registered_commands
    }
    commands |= {one.name for one in app.registered_groups}
    assert listed == commands
    for group in app.registered_groups:
        for one in group.typer_instance.registered_commands:
            assert f"| `{group.name} {one.callback.__name__} " in page


def test_every_key_is_in_the_manual() -> None:
    from napari_cmr.viewer.core.keys import KEYS, READING_KEYS

    page = (ROOT / "docs" / "reference" / "keys.md").read_text()
    for part, keys in zip(page.split("[reading study]"), (KEYS, READING_KEYS), strict=True):
        rows = re.findall(r"^\| ([^k-].*?|K) \|", part, flags=re.MULTILINE)
        assert {key for row in rows for key in row.split(", ")} == {one.key for one in keys}


def test_every_json_number_of_a_measurement_is_in_the_manual() -> None:
    from napari_cmr.analysis import cardiac_function
    from napari_cmr.phantom import SAMPLES
    from napari_cmr.workflow.measure.function import measure_segments, measurement_record

    scan = SAMPLES["normal"]()
    function = cardiac_function(scan.labels, scan.geometry)
    record = measurement_record(scan, function, segments=measure_segments(scan, function))
    segments = record["segments"]
    page = (ROOT / "docs" / "reference" / "json.md").read_text()
    names = {f"lv.{name}" for name in record["lv"]} | set(record) - {"lv", "rv"}
    names |= set(segments) | set(segments["values"][0])
    assert names <= set(re.findall(r"`([a-z0-9_.]+)`", page))


def test_results_are_of_the_weights_that_ship() -> None:
    weights = ROOT / "src" / "napari_cmr" / "zoo" / "weights"
    cards = [json.loads(path.read_text()) for path in weights.glob("*.json")]
    shipped = {card["sha256"] for card in cards}
    pages = [page.read_text() for page in (ROOT / "docs").glob("results*.md")]
    named = [digest for page in pages for digest in re.findall(r"`([0-9a-f]{64})` \|", page)]
    assert named
    assert set(named) <= shipped

    page = (ROOT / "docs" / "results.md").read_text()
    metrics = {card["name"]: card["metrics"] for card in cards if card["preset"] == "live"}
    rows = re.findall(
        r"^\| (\S+) \| (\d+|full) \| \d+ \|((?: \S+ ± \S+ \|){3})$", page, re.MULTILINE
    )
    assert {"pooled-net", "syn-net", "li-net"} <= {model for model, _, _ in rows}
    for model, lines, numbers in rows:
        dice = metrics[model]["all lines" if lines == "full" else f"{lines} lines"]["dice"]
        found = [float(one) for one in re.findall(r"(\S+) ±", numbers)]
        assert found == [dice["lv"], dice["myo"], dice["rv"]], (model, lines)


def test_pictures_are_small_and_used() -> None:
    manual = "".join(page.read_text() for page in PAGES)
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < 400_000, picture.name
        assert f"images/{picture.name})" in manual, picture.name
