"""Figure with buttons at the positions of the tokens, and the HTML around it."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.ui.app.edit_session import Session, Swap, Token, codes_of, select, show_levels
from prosodytok.ui.app.session_html import (
    MAX_LISTED,
    changed_html,
    message_html,
    selected_html,
    summary_html,
)
from prosodytok.ui.app.token_figure import Box, draw, figure_html, token_boxes
from prosodytok.viz.figure_style import code_colors
from tests.ui.app.conftest import HOSTILE
from tests.ui.app.page_content import buttons_of


def boxes(session: Session, tokenizer: ProsodyTokenizer) -> list[Box]:
    decoded = tokenizer.decode_prefixes(session.tokens)
    return token_boxes(draw(session, decoded), session.tokens)


@pytest.mark.slow
@pytest.mark.parametrize("levels", [["phrase", "word", "frame"], ["word"]])
def test_boxes_are_at_the_colours_of_their_codes(
    levels: list[str], session: Session, tokenizer: ProsodyTokenizer
) -> None:
    session = show_levels(session, levels)
    tokens = session.tokens
    figure = draw(session, tokenizer.decode_prefixes(tokens))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba())[..., :3] / 255
    height, width = picture.shape[:2]
    found = token_boxes(figure, tokens)
    assert len(found) == sum(len(level) for level in tokens.levels)
    for box in found:
        level = tokens[box.token.level]
        (expected,) = code_colors(level.codes[:1, box.token.unit], level.codebook_sizes[0])
        # Near the lower edge, where no number is written.
        row = int((box.top + box.height) * height) - 3
        column = int((box.left + box.width / 2) * width)
        np.testing.assert_allclose(picture[row, column], expected, atol=0.01)


def test_boxes_follow_the_time_axis(session: Session, tokenizer: ProsodyTokenizer) -> None:
    found = {box.token: box for box in boxes(session, tokenizer)}
    phrase, words = found[Token("phrase", 0)], [found[Token("word", i)] for i in range(4)]
    assert phrase.width > 0.5
    for box, start, end in zip(words, [0, 0.3, 1.0, 1.8], [0.3, 1.0, 1.8, 2.1], strict=True):
        assert box.left == pytest.approx(phrase.left + phrase.width * start / 2.1)
        assert box.width == pytest.approx(phrase.width * (end - start) / 2.1)
    # The box includes the word above the codes.
    assert words[0].height > 1.5 * phrase.height


@pytest.mark.slow
def test_buttons_of_selected_and_changed_tokens(
    session: Session, tokenizer: ProsodyTokenizer
) -> None:
    token = Token("word", 2)
    before = codes_of(session.tokens, token)
    changed = replace(session, swaps=(Swap(token, (1, 2)),), selected=Token("frame", 0))
    html = figure_html(changed, tokenizer.decode_prefixes(changed.tokens))
    found = buttons_of(html)
    assert len(found) == sum(len(level) for level in session.tokens.levels)
    (button,) = [b for b in found if "changed" in b["class"].split()]
    assert (button["data-level"], button["data-unit"]) == ("word", "2")
    names = f"word 3 “löyly”, codes 1 2, changed from {before[0]} {before[1]}"
    assert button["aria-label"] == button["title"] == names
    (pressed,) = [b for b in found if b["aria-pressed"] == "true"]
    assert (pressed["data-level"], pressed["data-unit"]) == ("frame", "0")


def test_labels_are_text(session: Session, tokenizer: ProsodyTokenizer) -> None:
    session = select(session, "word", 1)
    session = replace(session, swaps=(Swap(Token("word", 1), (1, 2)),))
    html = figure_html(session, tokenizer.decode_prefixes(session.tokens))
    for part in (html, selected_html(session), changed_html(session), message_html(HOSTILE)):
        assert "<b id=" not in part
        assert "&lt;b id=" in part


def test_description_of_the_selected_token(session: Session) -> None:
    assert "Click a token" in selected_html(session)
    text = selected_html(select(session, "word", 2))
    codes = codes_of(session.tokens, Token("word", 2))
    for part in ("word 3 “löyly”", "of 4", "1.00 to 1.80 s (800 ms)", f"{codes[0]} {codes[1]}"):
        assert part in text
    assert "was" not in text


def test_list_of_changes(session: Session) -> None:
    assert "No token is changed" in changed_html(session)
    level = session.tokens["frame"]
    (size,) = level.codebook_sizes
    swaps = tuple(
        Swap(Token("frame", unit), ((int(level.codes[0, unit]) + 1) % size,))
        for unit in range(MAX_LISTED + 2)
    )
    one = changed_html(replace(session, swaps=swaps[:1]))
    assert "1 token is changed" in one
    assert f"→ {swaps[0].codes[0]}" in one
    many = changed_html(replace(session, swaps=swaps))
    assert f"{MAX_LISTED + 2} tokens are changed" in many
    assert "and 2 more" in many


def test_summary_counts_shown_tokens(session: Session) -> None:
    assert "1 phrase, 4 word, 27 frame tokens" in summary_html(session)
    fewer = show_levels(session, ["word"])
    assert "4 word tokens" in summary_html(fewer)
    assert f"{fewer.tokens.bitrate:.0f} bit/s" in summary_html(fewer)
