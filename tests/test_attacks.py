"""Damaged files of each kind are read, or refused in one line (see ``tools/mutations.py``)."""

from pathlib import Path

import numpy as np
import pytest
from helpers.attacks import all_attacks, json_values
from helpers.mutations import no_hang

from napari_cmr.viewer.core.recovery import FOLDER_VARIABLE
from napari_cmr.zoo.folders import MODELS_VARIABLE


@pytest.fixture
def attacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in (FOLDER_VARIABLE, MODELS_VARIABLE):
        monkeypatch.setenv(name, str(tmp_path))  # which comes back to what it was
    return all_attacks(tmp_path, raw=False)  # raw data take a process each: see scan/


def test_each_kind_of_file_is_read_or_refused_in_one_line(attacks) -> None:
    assert len(attacks) > 20
    for attack in attacks:
        intact = attack.file.read_bytes()
        assert attack.read() == "done", f"{attack.name}: the intact file is refused"
        for index in range(2):
            with no_hang(60):
                assert attack.strike(intact, seed=7, index=index) in ("done", "refused")
        attack.file.write_bytes(intact)


def test_damage_to_json_reaches_values_and_keys() -> None:
    content = b'{"a": 1, "b": {"c": "text", "d": [1, 2, 3]}}'
    made = [json_values(content, np.random.default_rng(seed)) for seed in range(200)]
    assert made == [json_values(content, np.random.default_rng(seed)) for seed in range(200)]
    assert sum(one != content for one in made) > 190
    for what in (b"null", b"NaN", b"[[[[", b"9" * 5000, b"\\u001b"):
        assert any(what in one for one in made), what
    assert any(b's": ' in one for one in made), "no key was changed"


def test_a_command_that_fails_otherwise_is_found_out(attacks, monkeypatch) -> None:
    from napari_cmr.cli import options, root

    attack = next(one for one in attacks if one.name == "NIfTI")
    attack.file.write_bytes(b"no scan")
    assert attack.read() == "refused"
    monkeypatch.setattr(root, "tell", lambda text: options.tell(f"{text}\nand more"))
    with pytest.raises(AssertionError, match="and more"):
        attack.read()
    monkeypatch.setattr(root, "_message", lambda _: None)
    with pytest.raises(ValueError, match="not a NIfTI"):
        attack.read()
