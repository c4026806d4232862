from napari_cmr.training.register import find


def test_a_card_says_which_lines_and_phases_a_network_has_seen() -> None:
    recipe = find("recnet-lge").tiny
    one = recipe.with_(accelerations=(8.0, 8.0), centre_lines=(4, 10), phase=0.8).sampling(30)
    assert "; 8-fold acceleration" in one
    assert "4 to 10 of them at the centre" in one
    assert "80 % of the slices" in one
    assert "6- to 10-fold acceleration" in recipe.with_(accelerations=(6.0, 10.0)).sampling(30)
