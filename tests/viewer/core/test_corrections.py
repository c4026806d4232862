"""ED and ES that are kept while labels are corrected, apart from those that the user has set."""

from napari_cmr.analysis import Reading, VentricleReading
from napari_cmr.viewer.core.corrections import parted, with_held

HELD = Reading(
    lv=VentricleReading(ed_frame=0, es_frame=4), rv=VentricleReading(ed_frame=1, es_frame=5)
)


def test_what_the_user_has_set_comes_before_what_is_held() -> None:
    own = Reading(lv=VentricleReading(ed_frame=2, ed_slices=(0, 3)), papillary_in_blood=True)
    merged = with_held(own, HELD)
    assert (merged.lv.ed_frame, merged.lv.es_frame, merged.lv.held) == (2, 4, ("es",))
    assert (merged.rv.ed_frame, merged.rv.es_frame, merged.rv.held) == (1, 5, ("ed", "es"))
    assert merged.lv.ed_slices == (0, 3)
    assert merged.papillary_in_blood


def test_a_reading_comes_apart_as_it_was_put_together() -> None:
    own = Reading(lv=VentricleReading(ed_frame=2, es_slices=(1, 3)))
    again, held = parted(Reading.model_validate_json(with_held(own, HELD).model_dump_json()))
    assert again == own
    assert held == Reading(lv=VentricleReading(es_frame=4), rv=HELD.rv)
    assert parted(own) == (own, None)


def test_one_frame_is_never_held_as_both() -> None:
    own = Reading(lv=VentricleReading(ed_frame=4))
    assert with_held(own, HELD).lv == own.lv
