"""The TTS recipe: conditioning of the acoustic model, and its training."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

RECIPE = Path(__file__).parents[2] / "recipes" / "tts"
sys.path.insert(0, str(RECIPE))
# Other recipes have modules of these names too.
NAMES = ("data", "prepare", "model", "sentence_files")
OTHERS = {name: sys.modules.pop(name) for name in NAMES if name in sys.modules}

from data import Sentence, collate, even_phones, handmade  # noqa: E402
from model import AcousticModel, positions_in_phones, regulate  # noqa: E402
from prepare import split  # noqa: E402
from sentence_files import read, write  # noqa: E402

from prosodytok import Hierarchy, Prosody, ProsodyTokens, Register, Segmentation  # noqa: E402
from prosodytok.types import TokenLevel  # noqa: E402

sys.path.remove(str(RECIPE))
for name in NAMES:
    sys.modules.pop(name, None)
sys.modules.update(OTHERS)

SIZES = {"phrase": (4,), "word": (4, 4), "frame": (8,)}
REGISTER = Register(f0_median_hz=200, f0_spread_st=3, energy_level_db=-20)


def sentence(num_frames=40, seed=0):
    random = np.random.default_rng(seed)
    words = Segmentation([0, 8, 20, num_frames], ("say", "", "so"))
    phones = Segmentation([0, 2, 8, 20, 33, num_frames], ("S", "EY", "", "S", "OW"))
    units = {
        "phrase": Segmentation.unlabelled([0, num_frames]),
        "word": words,
        "frame": Segmentation.grid(num_frames),
    }
    levels = tuple(
        TokenLevel(n, random.integers(0, 4, (len(SIZES[n]), len(units[n]))), SIZES[n], units[n])
        for n in SIZES
    )
    f0 = np.full(num_frames, 200.0)
    f0[:8] = 400
    return Sentence(
        "a",
        Path("a.wav"),
        phones,
        Hierarchy(units["phrase"], words, "transcript"),
        random.normal(size=(num_frames, 80)).astype(np.float16),
        Prosody(f0=f0, voiced=np.arange(num_frames) % 4 > 0, energy=np.full(num_frames, -20.0)),
        ProsodyTokens(levels, REGISTER, num_frames),
    )


def test_phones_are_evenly_spaced_in_their_words():
    assert even_phones(sentence()).tolist() == [0, 4, 8, 20, 30, 40]


def test_hand_made_features():
    features = handmade(sentence(), even_phones(sentence()), REGISTER)
    np.testing.assert_allclose(features[:2, 0], 4)  # an octave, over a spread of 3 semitones
    np.testing.assert_allclose(features[2:, :2], 0)
    np.testing.assert_allclose(features[:, 2], np.log2(np.array([8, 8, 12, 20, 20]) / 25))
    np.testing.assert_allclose(features[:, 3], [-0.5, 0.5, 0, -0.5, 0.5])


def test_held_out_sentences_do_not_occur_in_train(tmp_path):
    def write(part, texts):
        rows = [
            {"audio": f"{part}{i}.wav", "id": f"{part}{i}", "speaker": "k", "text": text}
            for i, text in enumerate(texts)
        ]
        text = "\n".join(map(json.dumps, rows))
        (tmp_path / f"{part}.jsonl").write_text(text, encoding="utf-8")

    write("train", ["Say so.", "Never mind!"])
    write("dev", ["say so", "Well, well."])
    train, dev = split(tmp_path, "k")
    assert [u.id for u in train] == ["train1"]
    assert [u.id for u in dev] == ["dev0", "dev1"]


def test_sentences_round_trip_through_files(tmp_path):
    before = [sentence(), sentence(44, seed=1)]
    before[1].tokens = None
    write(tmp_path, "train", before)
    after = read(tmp_path, "train")
    assert {path.name for path in tmp_path.iterdir()} == {"train.jsonl", "train.safetensors"}
    for a, b in zip(before, after, strict=True):
        assert (a.id, a.audio, a.hierarchy.source) == (b.id, b.audio, b.hierarchy.source)
        for x, y in ((a.phones, b.phones), (a.hierarchy.words, b.hierarchy.words)):
            np.testing.assert_array_equal(x.boundaries, y.boundaries)
            assert x.labels == y.labels
        np.testing.assert_array_equal(a.mel, b.mel)
        np.testing.assert_array_equal(a.prosody.f0, b.prosody.f0)
        np.testing.assert_array_equal(a.prosody.voiced, b.prosody.voiced)
        assert (a.tokens is None) == (b.tokens is None)
    np.testing.assert_array_equal(before[0].tokens.levels[1].codes, after[0].tokens.levels[1].codes)


def test_the_length_regulator():
    durations = torch.tensor([[2, 1, 0], [1, 1, 3]])
    x = torch.arange(6.0).view(2, 3, 1)
    assert regulate(x, durations)[..., 0].tolist() == [[0, 0, 1, 0, 0], [3, 4, 5, 5, 5]]
    positions = positions_in_phones(durations)
    torch.testing.assert_close(positions[0], torch.tensor([0.25, 0.75, 0.5, 0, 0]))


@pytest.mark.parametrize("condition", ["none", "tokens", "handmade"])
def test_training_reduces_the_loss(condition):
    torch.manual_seed(0)
    batch = collate([sentence(), sentence(44, seed=1)], REGISTER)
    model = AcousticModel(condition, SIZES)
    predicted = model(batch)
    assert predicted.log_durations.shape == (2, 5)
    assert predicted.mel.shape == (2, 44, 80)
    assert predicted.f0.shape == predicted.voicing.shape == (2, 44)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    losses = []
    for _ in range(12):
        loss = sum(model.losses(batch).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_only_the_model_with_tokens_depends_on_them():
    batch, other = (collate([s], REGISTER) for s in (sentence(), sentence(seed=1)))
    for condition, differs in (("none", False), ("tokens", True)):
        torch.manual_seed(0)
        model = AcousticModel(condition, SIZES).eval()
        assert torch.allclose(model(batch).f0, model(other).f0) != differs
        torch.testing.assert_close(model(batch, []).f0, model(other, []).f0)
