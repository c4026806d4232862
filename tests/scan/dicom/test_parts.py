"""Series taken apart by orientation, size, series and kind, and put in slices from base to apex."""

import numpy as np
import pytest
from helpers.dicom_planes import cine, plane, turned

from napari_cmr.scan import Code, ScanError
from napari_cmr.scan.dicom import parts as module
from napari_cmr.scan.dicom.parts import alike, normal_of, slices_of, split


def traits(**values: str) -> tuple[str, ...]:
    """Traits of an image, some of them given with underscores for spaces."""
    return tuple(values.get(name.replace(" ", "_"), "") for name in module.TRAITS)


def test_one_series_is_one_part_of_its_slices() -> None:
    images = [one for z in (2, 0, 1) for one in cine([0.0, 30.0], z)]
    (part,) = split(images)
    assert part.key == "7"
    assert [group[0].position.tolist() for group in part.slices] == [
        plane(z).position.tolist() for z in ((0, 1, 2) if down() else (2, 1, 0))
    ]
    assert [len(group) for group in part.slices] == [2, 2, 2]
    assert (part.flavour, part.is_aside, part.notes) == ("", False, ())


def down() -> bool:
    """Whether slices are counted in the direction of base to apex, as they must be."""
    return float((plane(1).position - plane(0).position) @ normal_of(plane())) > 0


def test_slices_run_from_base_to_apex() -> None:
    assert down()
    turned_over = plane(column_direction=-plane().column_direction)
    np.testing.assert_allclose(normal_of(turned_over), normal_of(plane()))
    lost = plane(placed=False, column_direction=-plane().column_direction)
    np.testing.assert_allclose(normal_of(lost), lost.normal)


def test_images_half_a_millimetre_apart_are_of_one_place() -> None:
    near = plane(position=plane().position + 0.4 * normal_of(plane()))
    far = plane(position=plane().position + 0.6 * normal_of(plane()))
    assert len(slices_of([plane(), near])) == 1
    assert len(slices_of([plane(), far])) == 2


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"rows": 13}, False),
        ({"columns": 17}, False),
        ({"component": "phase"}, False),
        ({"inverted": True}, False),
        ({"placed": False}, False),
        ({"spacing": (1.5, 1.26)}, False),
        ({"spacing": (1.5, 1.2505)}, True),
        (turned(1.5), False),
        (turned(0.5), True),
        ({"row_direction": -plane().row_direction}, False),
        ({"number": 9}, True),
    ],
)
def test_what_makes_images_alike(change, same) -> None:
    assert alike(plane(), plane(**change)) is same


def test_an_angle_may_be_allowed() -> None:
    assert alike(plane(), plane(**turned(4)), degrees=5)


def test_orientations_of_a_series_are_parts_with_names() -> None:
    both = [*cine([0.0, 30.0]), *cine([0.0, 30.0], **turned(60))]
    assert [part.key for part in split(both)] == ["7.1", "7.2"]
    two = [*cine([0.0, 30.0]), *cine([0.0, 30.0], series="1.2.8")]
    assert [part.key for part in split(two)] == ["7", "7-2"]
    later = [*cine([0.0, 30.0], number=12, series="a"), *cine([0.0, 30.0], number=3, series="b")]
    assert [part.key for part in split(later)] == ["3", "12"]


def test_two_echoes_are_two_parts_and_the_first_is_the_cine() -> None:
    echoes = [
        plane(instance=10 * k + n, trigger_ms=30.0 * n, traits=traits(echo=f"{k}/{time}"))
        for k, time in ((2, "0003.5"), (1, "0001.5"))
        for n in range(3)
    ]
    first, second = split(echoes)
    assert first.flavour == "echo 1.5 ms"
    assert second.flavour == "echo 3.5 ms"
    assert (first.is_aside, second.is_aside) == (False, True)
    assert [note.code for note in first.notes] == [Code.SERIES_SPLIT]
    assert "echo: 1.5 ms, 3.5 ms" in first.notes[0].text


def test_water_comes_before_fat() -> None:
    kinds = [
        plane(instance=n, trigger_ms=30.0 * (n % 3), traits=traits(image_type=kind))
        for n, kind in enumerate(["FAT"] * 3 + ["WATER"] * 3)
    ]
    assert [part.flavour for part in split(kinds)] == ["image type WATER", "image type FAT"]


def test_what_shares_no_place_and_time_is_not_split() -> None:
    images = [
        plane(instance=n, trigger_ms=30.0 * n, traits=traits(image_comments=f"take {n % 2}"))
        for n in range(4)
    ]
    assert len(split(images)) == 1


@pytest.mark.parametrize(("kinds", "n_parts"), [("aabb", 2), ("aaab", 1), ("ab", 1)])
def test_without_times_kinds_have_equal_numbers_of_images(kinds, n_parts) -> None:
    images = [plane(instance=n, traits=traits(image_type=k)) for n, k in enumerate(kinds)]
    assert len(split(images)) == n_parts


def test_uids_of_an_anonymiser_are_not_taken_for_series() -> None:
    apart = [plane(instance=n, trigger_ms=30.0 * n, series=f"1.{n}") for n in range(4)]
    (part,) = split(apart)
    assert len(part.planes) == 4
    assert [note.code for note in part.notes] == [Code.SERIES_JOINED]
    assert len(split(apart[:3])) == 3
    studies = [plane(instance=n, trigger_ms=30.0 * n, study=f"1.{n}") for n in range(4)]
    assert len(split(studies)) == 1


def test_one_position_for_all_gives_way_to_the_slice_location() -> None:
    stuck = [plane(instance=n, position=plane().position, location=float(8 * n)) for n in range(3)]
    (part,) = split(stuck)
    assert len(part.slices) == 3
    assert "SliceLocation" in part.notes[0].text
    assert not part.first.placed
    one_place = [plane(instance=n, position=plane().position, location=8.0) for n in range(3)]
    assert len(split(one_place)[0].slices) == 1


def test_a_folder_of_all_sorts_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_PARTS", 3)
    with pytest.raises(ScanError, match="more than 3 different orientations"):
        split([plane(instance=n, rows=12 + n) for n in range(4)])
