"""The cascade that ships, on a synthetic heart after gadolinium that it has never seen."""

import numpy as np
from helpers.zoo_models import on_cpu

from napari_cmr.analysis.overlap import dice
from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Label
from napari_cmr.workflow.segment.late_enhancement import segment_lge
from napari_cmr.workflow.style.translation import (
    label_styles,
    load_styler,
    style_spread,
    translate_scan,
)


def test_it_labels_a_synthetic_infarct() -> None:
    scan = SAMPLES["infarct-lge"]()
    assert scan.labels is not None
    result = segment_lge(scan, on_cpu("lge-cascade"))
    plain = np.where(scan.labels > Label.RV, np.uint8(Label.MYO), scan.labels)
    lv, myo, rv = dice(result.labels, plain)[0]
    assert lv > 0.9
    assert myo > 0.75
    assert rv > 0.75
    assert result.warnings == ()


def test_it_labels_every_style_of_a_cine() -> None:
    cine = SAMPLES["normal"]()
    styler = load_styler(on_cpu("munit"))
    middle = cine.n_slices // 2
    made = translate_scan(cine, styler.sample_codes(3, 0), on_cpu("munit"), slices=(middle,))
    labels = label_styles(cine, made, device="cpu").labels
    assert labels.shape == (3, *cine.shape[2:])
    spread = style_spread(labels, cine.spacing[1:])
    assert cine.labels is not None
    truth = (cine.labels[made.frame, middle] == Label.LV).sum() * np.prod(cine.spacing[1:]) / 100
    assert spread.lv_dice is not None
    assert spread.lv_dice > 0.9
    assert abs(np.mean(spread.lv_cm2) / truth - 1) < 0.15
