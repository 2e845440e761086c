"""One panel per prefix of levels, with its contour and error."""

from dataclasses import replace

import numpy as np
import pytest

from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.viz import plot_levels
from tests.viz.figure_text import assert_legible, words_of


def prosody_of(num_frames: int = 200) -> Prosody:
    f0 = 120 * np.exp2(np.sin(np.arange(num_frames) / 20) / 4)
    return Prosody(f0, np.arange(num_frames) % 50 < 40, np.zeros(num_frames))


def decoded_of(prosody: Prosody) -> dict[str, Prosody]:
    raised = {"phrase": 100, "phrase + word": 50, "phrase + word + frame": 12}
    return {name: replace(prosody, f0=prosody.f0 * 2 ** (c / 1200)) for name, c in raised.items()}


@pytest.mark.slow
@pytest.mark.parametrize("num_frames", [1, 10, 200, 1600])
def test_each_prefix_has_a_panel_and_an_error(num_frames):
    prosody = prosody_of(num_frames)
    figure = plot_levels(prosody, decoded_of(prosody), title="an $utterance$_^")
    assert_legible(figure)
    assert len(figure.axes) == 3
    assert [ax.get_title(loc="left") for ax in figure.axes] == list(decoded_of(prosody))
    errors = [ax.get_title(loc="right") for ax in figure.axes]
    assert errors == [f"mean absolute error {cents} cents" for cents in (100, 50, 12)]
    assert "an $utterance$_^" in words_of(figure)


def test_panels_have_the_measured_and_one_decoded_contour():
    prosody = prosody_of()
    figure = plot_levels(prosody, decoded_of(prosody), reference_hz=100.0)
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    for ax, decoded in zip(figure.axes, decoded_of(prosody).values(), strict=True):
        measured, contour = ax.lines[0].get_ydata(), ax.lines[1].get_ydata()
        voiced = prosody.voiced
        np.testing.assert_allclose(
            measured[voiced], 12 * np.log2(prosody.f0[voiced] / 100), atol=1e-4
        )
        np.testing.assert_allclose(
            contour[voiced], 12 * np.log2(decoded.f0[voiced] / 100), atol=1e-4
        )
        assert np.isnan(contour[~voiced]).all()
    assert len({ax.lines[1].get_color() for ax in figure.axes}) == 3


def test_an_unvoiced_utterance_has_no_error():
    silent = replace(prosody_of(), voiced=np.zeros(200, dtype=bool))
    assert "no voiced frame" in words_of(plot_levels(silent, {"all": silent}))


def test_unusual_names_are_verbatim():
    prosody = prosody_of()
    figure = plot_levels(prosody, {"$a$_^": prosody, "уровень " * 40: prosody})
    assert_legible(figure)
    assert "$a$_^" in words_of(figure)


def test_invalid_inputs():
    prosody = prosody_of()
    with pytest.raises(ProsodytokError, match="phrase: 201 frames"):
        plot_levels(prosody, {"phrase": prosody_of(201)})
    with pytest.raises(ProsodytokError, match="no level"):
        plot_levels(prosody, {})
