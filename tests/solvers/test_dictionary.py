"""Sparse codes of patches, and a dictionary that explains them better."""

import numpy as np
from helpers.beating_discs import random_images

from napari_cmr.solvers.dictionary import better_dictionary, sparse_codes


def test_matching_pursuit_finds_the_atoms_of_a_patch():
    rng = np.random.default_rng(0)
    dictionary = np.linalg.qr(random_images(16, 16))[0][:12]
    codes = np.zeros((200, 12), np.complex64)
    for row in codes:
        chosen = rng.choice(12, 3, replace=False)
        row[chosen] = rng.uniform(1, 2, 3) * np.exp(1j * rng.uniform(0, 6, 3))
    found = sparse_codes(codes @ dictionary, dictionary, 3)
    np.testing.assert_allclose(found, codes, atol=1e-3)


def test_the_renewed_dictionary_explains_the_patches_better():
    patches = random_images(300, 16)
    dictionary = np.linalg.qr(random_images(16, 16))[0][:10]
    codes = sparse_codes(patches, dictionary, 3)
    before = np.linalg.norm(patches - codes @ dictionary)
    renewed = better_dictionary(patches, codes, dictionary)
    again = sparse_codes(patches, renewed, 3)
    assert np.linalg.norm(patches - again @ renewed) < before
    np.testing.assert_allclose(np.linalg.norm(renewed, axis=1), 1, atol=1e-4)
