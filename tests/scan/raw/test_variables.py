"""Arrays of MATLAB and HDF5 files: which are numbers, how complex ones are kept, refusals."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from napari_cmr.scan import ScanError
from napari_cmr.scan.raw import variables as module
from napari_cmr.scan.raw.variables import hdf5_variables, matlab5_variables

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)
WHOLE = VALUES + 1j * VALUES[::-1]


def of_hdf5(tmp_path: Path, **arrays):
    """Variables with their numbers, and whether these are complex, by name."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    with h5py.File(path, "r") as file:
        found = hdf5_variables(file, path)
        return {one.name: (one, np.asarray(one.read(())), one.is_complex) for one in found}


@pytest.mark.parametrize("fields", [("real", "imag"), ("r", "i"), ("Re", "Im")])
def test_compound_numbers_are_complex(tmp_path: Path, fields) -> None:
    pairs = np.empty(VALUES.shape, [(name, "<f4") for name in fields])
    pairs[fields[0]], pairs[fields[1]] = WHOLE.real, WHOLE.imag
    ((one, values, is_complex),) = of_hdf5(tmp_path, k=pairs).values()
    np.testing.assert_array_equal(values, WHOLE)
    assert is_complex
    assert (one.shape, one.size) == ((2, 3), 6)


def test_numbers_are_taken_and_all_else_is_left(tmp_path: Path) -> None:
    text = np.array([b"words"])
    named = np.zeros(3, [("x", "<f4"), ("y", "<f4")])
    texts = np.zeros(3, [("real", "S2"), ("imag", "S2")])
    found = of_hdf5(
        tmp_path, a=VALUES, b=VALUES > 2, text=text, named=named, texts=texts, scalar=3.0,
        **{"#refs#": VALUES},
    )  # fmt: skip
    assert set(found) == {"a", "b"}
    assert not found["a"][2]


def test_an_empty_array_is_not_read_to_find_out(tmp_path: Path) -> None:
    ((one, _, is_complex),) = of_hdf5(tmp_path, a=np.zeros((0, 3))).values()
    assert (one.size, is_complex) == (0, False)


@pytest.mark.parametrize(
    "names",
    [("k_real", "k_imag"), ("kReal", "kImag"), ("k_re", "k_im"), ("K_REAL", "k_imag")],
)
def test_two_arrays_are_one_complex_one(tmp_path: Path, names) -> None:
    found = of_hdf5(tmp_path, **{names[0]: WHOLE.real, names[1]: WHOLE.imag, "mask": VALUES})
    assert np.array_equal(next(v for n, (_, v, _) in found.items() if n.lower() == "k"), WHOLE)
    apart = of_hdf5(tmp_path, k_real=WHOLE.real, k_imag=WHOLE.imag[:1])
    assert set(apart) == {"k_real", "k_imag"}


def test_links_and_numbers_elsewhere_are_not_followed(tmp_path: Path) -> None:
    secret, path = tmp_path / "secret.h5", tmp_path / "a.h5"
    with h5py.File(secret, "w") as file:
        file["k"] = VALUES
    with h5py.File(path, "w") as file:
        file["k"] = h5py.ExternalLink(secret, "/k")
    with h5py.File(path, "r") as file, pytest.raises(ScanError, match="a link to somewhere else"):
        hdf5_variables(file, path)
    (tmp_path / "numbers").write_bytes(VALUES.tobytes())
    with h5py.File(path, "w") as file:
        file.create_dataset("k", VALUES.shape, "f4", external=[(str(tmp_path / "numbers"), 0, 24)])
    with h5py.File(path, "r") as file, pytest.raises(ScanError, match="stored in another file"):
        hdf5_variables(file, path)


def test_more_than_the_file_can_hold_is_refused(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("k", (10**6,), "f4", chunks=(100,), compression="gzip")
    with h5py.File(path, "r") as file, pytest.raises(ScanError, match="promises 4 MB for 'k'"):
        hdf5_variables(file, path)
    monkeypatch.setattr(module, "SMALL_BYTES", 1000)
    savemat(tmp_path / "b.mat", {"k": np.zeros((100, 1000))}, do_compression=True)
    with pytest.raises(ScanError, match=r"promises 0.8 MB for 'k'"):
        matlab5_variables(tmp_path / "b.mat")


def test_old_matlab_files_have_their_axes_turned(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"k": WHOLE, "name": "words", "mask": VALUES > 2})
    found = {one.name: one for one in matlab5_variables(tmp_path / "a.mat")}
    assert set(found) == {"k", "mask"}
    assert found["k"].shape == (3, 2)
    np.testing.assert_array_equal(found["k"].read(()), WHOLE.T)
    np.testing.assert_array_equal(found["k"].read((1,)), WHOLE[:, 1])


def test_damage_is_told_when_it_is_met(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"k": np.random.default_rng(0).normal(size=(50, 50))}, do_compression=True)
    content = path.read_bytes()
    path.write_bytes(content[:200])
    with pytest.raises(ScanError, match="MATLAB file is damaged"):
        matlab5_variables(path)
    path.write_bytes(content[:-500] + bytes(500))
    with pytest.raises(ScanError, match="MATLAB file is damaged"):
        [one.read(()) for one in matlab5_variables(path)]
