import numpy as np

from napari_cmr.training.augment.variety import bias_field, vary_appearance


def picture() -> np.ndarray:
    frames = np.full((3, 40, 48), 0.2, np.float32)
    frames[:, 12:28, 16:32] = 1.0
    return frames


def test_shading_contrast_and_sharpness_differ_from_draw_to_draw():
    widths, ratios = [], []
    for seed in range(60):
        varied = vary_appearance(picture(), (1.5, 1.5), np.random.default_rng(seed))
        assert varied.shape == (3, 40, 48)
        assert varied.dtype == np.float32
        np.testing.assert_array_equal(varied[0], varied[2])  # what stands still keeps still
        profile = varied[0, 20]
        middle, outside = profile[22:26].mean(), profile[2:6].mean()
        ratios.append(middle / outside)
        widths.append(np.abs(np.diff(profile[8:24])).max() / (middle - outside))
    assert np.std(np.log(ratios)) > 0.1
    # a step between two pixels stays one, or is spread over several
    assert max(widths) > 0.8
    assert min(widths) < 0.6
    assert 0.15 < np.mean(np.array(widths) < 0.7) < 0.45


def test_a_blur_is_as_wide_in_mm_along_both_axes():
    for seed in range(40):
        fine = np.zeros((1, 60, 60), np.float32)
        fine[0, 30, 30] = 1.0
        varied = vary_appearance(fine, (2.0, 1.0), np.random.default_rng(seed))[0]
        if varied[30, 31] > 0.05 * varied[30, 30]:
            assert varied[31, 30] < varied[30, 31]
            return
    raise AssertionError("no draw was blurred")


def test_a_bias_field_is_smooth_and_positive():
    fields = [bias_field((40, 48), np.random.default_rng(seed)) for seed in range(40)]
    assert min(field.min() for field in fields) > 0.1
    assert max(np.abs(np.diff(np.log(field), axis=0)).max() for field in fields) < 0.15
