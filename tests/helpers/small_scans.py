import numpy as np

from napari_cmr.scan import Geometry, Label, Scan, Subject


def make_scan(name="small", n_frames=6, n_slices=3, shape=(48, 40), labels=True, **more):
    """A bright LV that beats in a grey ring, beside an RV: its volumes are plain to see."""
    rng = np.random.default_rng(0)
    y, x = np.indices(shape) - np.array(shape)[:, None, None] / 2
    image = np.zeros((n_frames, n_slices, *shape), dtype=np.float32)
    truth = np.zeros(image.shape, dtype=np.uint8)
    for t in range(n_frames):
        inner = 9 - 3 * np.sin(np.pi * t / n_frames)
        for z in range(n_slices):
            distance = np.hypot(y, x)
            truth[t, z][np.hypot(y, x + 13) < inner - 3] = Label.RV
            truth[t, z][distance < inner + 4] = Label.MYO
            truth[t, z][distance < inner] = Label.LV
    for label, grey in ((Label.LV, 1.0), (Label.MYO, 0.3), (Label.RV, 0.9)):
        image[truth == label] = grey
    image += rng.normal(0.1, 0.02, image.shape).astype(np.float32)
    return Scan(
        image=image,
        geometry=Geometry.regular((10.0, 1.5, 1.5), n_slices),
        name=name,
        cycle_ms=900.0,
        subject=Subject(sex="male", height_cm=180, weight_kg=80),
        labels=truth if labels else None,
        **more,
    )
