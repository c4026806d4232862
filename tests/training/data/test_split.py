"""Which subjects are kept from training."""

import pytest

from napari_cmr.training.data.split import split_atria, split_subjects

pytest.importorskip("lightning", reason="the extra 'train' is not installed")


def test_the_fixed_split_is_by_patient() -> None:
    names = [f"patient{number:03d}" for number in (*range(1, 17), *range(81, 97))]
    training, validation = split_subjects(names)
    assert validation == [f"patient{n:03d}" for n in (14, 15, 16, 94, 95, 96)]
    assert not set(training) & set(validation)
    assert len(training) + len(validation) == len(names)


def test_other_data_keep_every_fifth_subject() -> None:
    names = [f"s{number}" for number in range(10)]
    assert split_subjects(names)[1] == ["s4", "s9"]
    assert split_subjects(["a", "b"])[1] == ["b"]


def test_every_fifth_name_validates_whatever_their_order_and_at_least_one() -> None:
    names = [f"case{n:02d}" for n in (3, 1, 2, 7, 5, 6, 4, 10, 9, 8)]
    training, validation = split_subjects(names)
    assert validation == ["case05", "case10"]
    assert training == [name for name in names if name not in validation]  # in their own order
    assert split_subjects(["b", "a"]) == (["a"], ["b"])
    assert split_subjects([]) == ([], [])


def test_names_that_only_look_like_patients_are_not_of_the_fixed_split() -> None:
    training, validation = split_subjects(["patient014", "patient0140", "patient1", "patient034"])
    assert validation == ["patient014", "patient034"]
    assert training == ["patient0140", "patient1"]


def test_the_left_atria_are_parted_by_patient() -> None:
    names = [f"case{number:02d}" for number in range(37, 0, -1)]
    training, validation, test = split_atria(names)
    assert sorted(training) == [f"case{number:02d}" for number in range(1, 23)]
    assert sorted(validation) == [f"case{number:02d}" for number in range(23, 30)]
    assert sorted(test) == [f"case{number:02d}" for number in range(30, 38)]
    with pytest.raises(ValueError, match="'patient014' is no patient"):
        split_atria(["case01", "patient014"])
