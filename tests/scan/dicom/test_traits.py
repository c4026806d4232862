"""Which component an image is, and what tells kinds of image of one series apart."""

import pytest
from pydicom.dataset import Dataset

from napari_cmr.scan.dicom.traits import TRAITS, component_of, is_preferred, traits_of


def lookup(**values):
    """Values by keyword; private ones by their number."""
    private = {0x00430010: values.pop("creator", None), 0x0043102F: values.pop("component", None)}
    return lambda name, sequence="": private.get(name, values.get(name))


@pytest.mark.parametrize(
    ("tokens", "values", "component"),
    [
        ({"ORIGINAL", "M"}, {}, "magnitude"),
        (set(), {}, "magnitude"),
        ({"P"}, {}, "phase"),
        ({"VELOCITY MAP"}, {}, "phase"),
        ({"P", "M"}, {}, "magnitude"),
        ({"R"}, {}, "real"),
        ({"R", "MAGNITUDE"}, {}, "magnitude"),
        ({"I", "M"}, {}, "imaginary"),
        (set(), {"ComplexImageComponent": "phase"}, "phase"),
        (set(), {"creator": "GEMS_PARM_01", "component": 2}, "real"),
        (set(), {"creator": "GEMS_PARM_01", "component": b"\x03\x00"}, "imaginary"),
        (set(), {"creator": "GEMS_PARM_01", "component": 0}, "magnitude"),
        (set(), {"creator": "OTHER", "component": 1}, "magnitude"),
        ({"M"}, {"creator": "GEMS_PARM_01", "component": 1}, "phase"),
    ],
)
def test_the_component_is_what_the_header_says_in_any_of_its_places(
    tokens, values, component
) -> None:
    assert component_of(lookup(**values), tokens) == component


def test_private_elements_are_read_by_their_value() -> None:
    data = Dataset()
    data.add_new(0x00430010, "LO", "GEMS_PARM_01")
    data.add_new(0x0043102F, "SS", [1])
    assert component_of(lambda name, sequence="": data.get(name), set()) == "phase"


def test_traits_have_a_place_each_and_agree_when_rounded() -> None:
    found = traits_of(
        lookup(
            EchoTime="1.2345",
            EchoNumbers=2,
            InversionTime=300.4,
            FlipAngle=59.6,
            SequenceName="tfi2d1",
            ImageComments="a\nb",
            SeriesDescription="cine",
            VelocityEncodingDirection=[0, 0, 1],
        ),
        {"ORIGINAL", "PRIMARY", "W", "DIXON"},
    )
    assert dict(zip(TRAITS, found, strict=True)) == {
        "echo": "2/0001.2",
        "image type": "DIXON W",
        "inversion time": "300",
        "sequence name": "tfi2d1",
        "flip angle": "60",
        "velocity encoding": "0.0 0.0 1.0",
        "image comments": "a b",
        "description": "cine",
    }
    assert traits_of(lookup(), set()) == ("/", "", "", "", "", "", "", "")
    named = lookup(PulseSequenceName="fiesta", SequenceName="x", EffectiveEchoTime=3, EchoTime=4)
    assert traits_of(named, set())[0] == "/0003.0"
    assert traits_of(named, set())[3] == "fiesta"


def test_water_looks_like_a_cine_and_fat_does_not() -> None:
    assert is_preferred("image type", "DIXON WATER")
    assert not is_preferred("image type", "DIXON FAT")
    assert not is_preferred("description", "WATER")
