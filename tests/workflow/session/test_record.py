"""How files of one record are read, and refused."""

from typing import Literal

import pytest

from napari_cmr.scan import ScanError
from napari_cmr.workflow.session.record import FileKind, Record, Whole, read_record

KIND = FileKind("list", choose="choose a list", mend="write it again", max_bytes=2**20, version=3)


class Numbers(Record):
    format: Literal["numbers"] = "numbers"
    version: Literal[3] = 3
    values: tuple[Whole, ...]


def test_a_record_comes_back(tmp_path) -> None:
    path = tmp_path / "numbers.json"
    path.write_text(Numbers(values=(1, 2)).model_dump_json())
    assert read_record(path, Numbers, KIND).values == (1, 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not readable JSON"),
        (b'{"values": [1', "is not readable JSON"),
        (b"[1, 2]", "is no list of napari-cmr (choose a list)"),
        (b'{"format": "letters", "values": []}', "is no list of napari-cmr"),
        (b'{"version": 4, "values": []}', "of another version of the list file than"),
        (b'{"values": [-1]}', "is not a valid list: values.0: "),
        (b'{"values": [1], "more": 2}', "is not a valid list: more: "),
        (b'{"values": [1.5]}', "(write it again)"),
        (b" " * (2**20 + 1), "is larger than 1 MB, which no list is"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence(tmp_path, content, said) -> None:
    path = tmp_path / "numbers.json"
    path.write_bytes(content)
    with pytest.raises(ScanError) as caught:
        read_record(path, Numbers, KIND)
    assert said in str(caught.value)
    assert caught.value.source == str(path)


def test_what_is_no_file_is_refused(tmp_path) -> None:
    with pytest.raises(ScanError, match="no such file"):
        read_record(tmp_path / "none.json", Numbers, KIND)
    with pytest.raises(ScanError, match="is not a file"):
        read_record(tmp_path, Numbers, KIND)
