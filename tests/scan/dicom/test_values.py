"""Values as broken writers give them: bounded, finite, of one line, or None."""

import io
import logging
import warnings

import pytest

from napari_cmr.scan.dicom.values import (
    BoundedReader,
    as_number,
    as_numbers,
    as_text,
    as_texts,
    as_whole,
    quiet_dicom,
    within,
)


def test_a_reader_gives_no_more_than_is_left() -> None:
    file = io.BytesIO(b"0123456789")
    reader = BoundedReader(file, 6, "name")
    assert reader.read(0) == b""
    assert reader.read(4) == b"0123"
    assert reader.read(2**40) == b"45"
    assert reader.read() == b""
    reader.seek(2)
    assert reader.read() == b"2345"
    assert reader.tell() == 6
    reader.seek(8)
    assert reader.read(1) == b""


def test_remarks_are_kept_away_and_come_back() -> None:
    logger = logging.getLogger("pydicom")
    logger.setLevel(logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with quiet_dicom():
            assert not logger.isEnabledFor(logging.ERROR)
            warnings.warn("remark", stacklevel=1)
    assert logger.level == logging.INFO
    logger.setLevel(logging.NOTSET)


def test_text_is_one_short_line() -> None:
    assert as_text(None) == ""
    assert as_text(" a\n b\tc ") == "a b c"
    assert len(as_text("x" * 500)) == 200


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (None, []),
        (b"1.5\\1.25\0", ["1.5", "1.25"]),
        (" 1.5 \\ 1.25", ["1.5", "1.25"]),
        ([1.5, 2], ["1.5", "2"]),
        (3, ["3"]),
    ],
)
def test_parts_of_a_value(value, parts) -> None:
    assert as_texts(value) == parts


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1.5", 1.5),
        (b"7 ", 7.0),
        (["2"], 2.0),
        (3, 3.0),
        ("1\\2", None),
        ([], None),
        ("nan", None),
        ("1e400", None),
        ("many", None),
        (None, None),
        (10**400, None),
    ],
)
def test_one_finite_number_or_none(value, number) -> None:
    assert as_number(value) == number


def test_whole_numbers_are_exact_or_none() -> None:
    assert as_whole("12.9") == 12
    assert as_whole(2**53) == 2**53
    assert as_whole(2**53 + 2) is None
    assert as_whole("x") is None


def test_as_many_numbers_as_wanted_or_none() -> None:
    assert as_numbers("1\\2\\3", 3) == [1.0, 2.0, 3.0]
    assert as_numbers("1\\2", 3) is None
    assert as_numbers("1\\2\\3\\4", 3) is None
    assert as_numbers("1\\x\\3", 3) is None


def test_ranges_include_their_ends() -> None:
    assert [within(value, 1, 3) for value in (0.9, 1, 3, 3.1, None)] == [None, 1, 3, None, None]
