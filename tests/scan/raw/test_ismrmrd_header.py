"""The header of ISMRMRD: sizes, person, and what is refused rather than guessed."""

from pathlib import Path

import numpy as np
import pytest

from napari_cmr.scan import Code, ScanError
from napari_cmr.scan.raw.ismrmrd_header import as_sampled, read_encoding

PATH = Path("cine.h5")
PERSON = (
    "<subjectInformation><patientName>Doe</patientName><patientWeight_kg>61</patientWeight_kg>"
    "<patientHeight_m>1.7</patientHeight_m><patientGender>F</patientGender></subjectInformation>"
)


def space(name: str, n: tuple, fov: tuple) -> str:
    sizes = (
        f"<{tag}>"
        + "".join(f"<{a}>{v}</{a}>" for a, v in zip("xyz", values, strict=True))
        + f"</{tag}>"
        for tag, values in (("matrixSize", n), ("fieldOfView_mm", fov))
    )
    return f"<{name}>{''.join(sizes)}</{name}>"


def header(
    *, encoded=((16, 12, 1), (24, 18, 8)), wanted=((8, 12, 1), (12, 18, 8)), trajectory="Cartesian",
    centre: str | None = "5", person: str = PERSON,
) -> np.ndarray:  # fmt: skip
    limits = (
        ""
        if centre is None
        else "<encodingLimits><kspace_encoding_step_1><minimum>0</minimum><maximum>11</maximum>"
        f"<center>{centre}</center></kspace_encoding_step_1></encodingLimits>"
    )
    text = (
        f'<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">{person}<encoding>'
        f"{space('encodedSpace', *encoded)}{space('reconSpace', *wanted)}{limits}"
        f"<trajectory>{trajectory}</trajectory></encoding></ismrmrdHeader>"
    )
    return np.array([text.encode()], dtype=object)


def test_sizes_are_in_samples_and_mm() -> None:
    found = read_encoding(header(), PATH)
    assert (found.matrix, found.pixel, found.columns) == ((16, 12), (1.5, 1.5), 8)
    assert (found.wanted, found.thickness, found.centre_line) == ((8, 12.0), 8.0, 5)
    assert read_encoding(header(centre=None), PATH).centre_line == 6


def test_the_person_is_read_without_the_name() -> None:
    found = read_encoding(header(), PATH).subject
    assert (found.sex, found.height_cm, found.weight_kg) == ("female", 170.0, 61.0)
    assert "Doe" not in repr(found)
    absurd = PERSON.replace("61", "900").replace("1.7", "tall").replace(">F<", ">O<")
    none = read_encoding(header(person=absurd), PATH).subject
    assert (none.sex, none.height_cm, none.weight_kg) == (None, None, None)
    assert read_encoding(header(person=""), PATH).subject.sex is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"trajectory": "radial"}, "trajectory is radial"),
        ({"trajectory": ""}, "not given"),
        ({"encoded": ((16, 12, 4), (24, 18, 8))}, "3-D encoded"),
        ({"encoded": ((16, 0, 1), (24, 18, 8))}, "a matrix of 16 x 0"),
        ({"encoded": ((5000, 12, 1), (24, 18, 8))}, "a matrix of 5000 x 12"),
        ({"encoded": ((16, 12, 1), (24, -18, 8))}, "is no slice"),
        ({"wanted": ((8, 12, 1), (12, 18, 0))}, "is no slice"),
        ({"encoded": (("x", 12, 1), (24, 18, 8))}, "cannot be understood"),
        ({"encoded": (("nan", 12, 1), (24, 18, 8))}, "encodedSpace matrixSize x is missing"),
        ({"centre": "middle"}, "cannot be understood"),
    ],
)
def test_what_is_no_slice_is_refused(changes, problem) -> None:
    with pytest.raises(ScanError, match=problem):
        read_encoding(header(**changes), PATH)


@pytest.mark.parametrize("text", [b"<a", b'<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD"/>'])
def test_text_that_is_no_header_is_refused(text) -> None:
    with pytest.raises(ScanError, match="header cannot be understood"):
        read_encoding(np.array(text, dtype=object), PATH)


def heads(samples: int, centre: int, pre: int = 0, post: int = 0, n: int = 3) -> np.ndarray:
    names = ("number_of_samples", "center_sample", "discard_pre", "discard_post")
    found = np.zeros(n, [(name, np.uint16) for name in names])
    for name, value in zip(names, (samples, centre, pre, post), strict=True):
        found[name] = value
    return found


def test_whole_lines_and_asymmetric_echoes_keep_the_field_of_view() -> None:
    encoding = read_encoding(header(), PATH)
    for one in (heads(16, 8), heads(20, 10, 2, 2), heads(12, 4), heads(11, 8)):
        assert as_sampled(encoding, one, PATH) == (encoding, ())


def test_oversampling_that_was_removed_narrows_it_and_is_told() -> None:
    found, (note,) = as_sampled(read_encoding(header(), PATH), heads(8, 4), PATH)
    assert (found.matrix, found.pixel, found.columns) == ((8, 12), (1.5, 1.5), 8)
    assert note.code == Code.OVERSAMPLING_REMOVED


@pytest.mark.parametrize("one", [heads(10, 5), heads(20, 10), heads(8, 3)])
def test_lines_that_fit_nothing_are_refused(one) -> None:
    with pytest.raises(ScanError, match="the field of view is not known"):
        as_sampled(read_encoding(header(), PATH), one, PATH)
