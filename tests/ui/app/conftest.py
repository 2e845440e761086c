"""Sounds for the page, and a session after tokenization."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prosodytok.io.sound import load
from prosodytok.samples import sample_manifest
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.ui.app.edit_session import Session
from prosodytok.ui.app.uploads import Upload, open_recording
from tests.synth import constant, harmonics, silence, write, write_annotated
from tests.ui.app.server import Server, served

if TYPE_CHECKING:
    from tests.ui.app.page_driver import AppPage

#: A malicious label for HTML, JavaScript template literals and Handlebars.
HOSTILE = "<b id='harm'>${document.body.remove()}{{harm}}</b>"


@pytest.fixture(scope="session")
def tokenizer() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained()


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with good and bad sounds and TextGrids."""
    folder = tmp_path_factory.mktemp("sounds")
    write_annotated(folder / "good.wav", HOSTILE)
    write(harmonics(constant(150), 1.0), folder / "other.wav")
    write(silence(1.0), folder / "silent.wav")
    write(harmonics(constant(150), 31.0), folder / "long.wav")
    (folder / "text.wav").write_text("this is no sound\n" * 50)
    (folder / "empty.wav").touch()
    (folder / "broken.TextGrid").write_text("this is no TextGrid")
    return folder


@pytest.fixture(scope="session")
def session(tokenizer: ProsodyTokenizer, sounds: Path) -> Session:
    """Two words, annotated."""
    grid = sounds / "good.TextGrid"
    return open_recording(tokenizer, Upload(sounds / "good.wav", "textgrid", grid))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Server of the page for all tests."""
    pytest.importorskip("gradio", reason="make test installs gradio")
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="session")
def page(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator["AppPage"]:
    """Chromium with a recording as its microphone, shared by all tests."""
    from tests.ui.app.page_driver import AppPage
    from tests.ui.report.browser import open_browser

    recording = load(sample_manifest().parent / "austen-0890.flac").resample(48_000)
    file = write(recording, tmp_path_factory.mktemp("microphone") / "recording.wav")
    microphone = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}",
    )
    with open_browser(*microphone) as browser:
        yield AppPage(browser, server)
