"""Compare kinds of units by bit rate, reconstruction error and accent detection of the tokens.

    python recipes/boundaries/compare_units.py ../shared/data

On hand-annotated words (TIMIT; Dutch of ToDI, with accents): tokens with the true words, words
aligned with the true transcript, learned words, learned words at the bit rate of the true words,
acoustic units, and even units of half a second. Accents are predicted from the codes of the unit at
the middle of a word and of its neighbours, with other recordings held out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from align_words import dictionaries
from rich.progress import track
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from prosodytok import Audio, Prosody, ProsodyTokenizer, ProsodyTokens, load, segment
from prosodytok.evaluation import ProsodyErrors, error_intervals, measure_reference, prosody_errors
from prosodytok.io import find_tier, read_textgrid
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.segmentation import align, phrases_by_pauses, segment_even
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.learned.boundary_model import BoundaryModel, load_boundary_model
from prosodytok.segmentation.learned.inputs import BoundaryInputs
from prosodytok.segmentation.learned.network import boundary_logits
from prosodytok.types import Hierarchy
from prosodytok.types.errors import SegmentationError

#: TIMIT files above this RMS turn into noise at some point, and are left out.
MAX_RMS = 0.1
PREFIXES = (("phrase", "word"), ("phrase", "word", "frame"))


@dataclass
class Speech:
    """An utterance with its annotation and measurements."""

    utterance: Utterance
    audio: Audio
    prosody: Prosody
    logits: np.ndarray

    @cached_property
    def truth(self) -> tuple[Prosody, Prosody]:
        """Reference prosody, and second tracker."""
        result = measure_reference(self.audio)
        return result.prosody, result.second

    @cached_property
    def annotated(self) -> Hierarchy:
        """Annotated words."""
        u = self.utterance
        grid = {"textgrid": u.textgrid, "words_tier": u.words_tier, "phrases_tier": u.phrases_tier}
        return segment(self.audio, self.prosody, "textgrid", **grid)

    @cached_property
    def accented(self) -> np.ndarray | None:
        """Whether each annotated word has a pitch accent; None without annotated accents."""
        name = self.utterance.tiers.get("accents")
        if name is None:
            return None
        marks = find_tier(read_textgrid(self.utterance.textgrid), name).entries
        words = self.annotated.words
        accented = np.zeros(len(words), dtype=bool)
        accented[words.unit_at([100 * m.start for m in marks if "*" in m.label])] = True
        return accented


#: Function from an utterance to its units.
Units = Callable[[Speech], Hierarchy]


def read(
    manifest: Path, folder: str, tokenizer: ProsodyTokenizer, model: BoundaryModel
) -> list[Speech]:
    """Intact utterances of a folder, without duplicate recordings."""
    speech, contents = [], set()
    for utterance in track(read_manifest(manifest), f"reading {folder}"):
        if utterance.audio.parent.name != folder:
            continue
        audio = load(utterance.audio)
        content = audio.samples.tobytes()
        noise = folder == "timit" and np.sqrt(np.mean(audio.samples**2)) > MAX_RMS
        if not noise and content not in contents:
            contents.add(content)
            prosody = tokenizer.extract(audio)
            logits = boundary_logits(model.network, BoundaryInputs(audio, prosody))
            speech.append(Speech(utterance, audio, prosody, logits))
    return speech


def aligned(speech: list[Speech]) -> Units:
    """Words of the true transcript by forced alignment."""
    pronunciations = dictionaries(
        [s.utterance.model_copy(update={"text": _text(s)}) for s in speech]
    )

    def units(s: Speech) -> Hierarchy:
        language = (s.utterance.language or "")[:2]
        words = align(s.audio, _text(s), pronunciations.get(language)).words
        return phrases_by_pauses(
            intervals_to_segmentation(words, s.prosody.num_frames), "transcript"
        )

    return units


def _text(s: Speech) -> str:
    return " ".join(label for label in s.annotated.words.labels if label)


def learned(model: BoundaryModel) -> Units:
    """Units of the boundary model."""
    return lambda s: model.decode(s.logits)


def at_rate_of_true_words(
    speech: list[Speech], tokenizer: ProsodyTokenizer, model: BoundaryModel
) -> Units:
    """Learned units with a prior at which phrase and word tokens have the bits of true words."""
    nearest = ProsodyTokenizer.from_network(tokenizer.network, tokenizer.checkpoint, search=False)

    def bits(units: Units) -> float:
        tokens = [nearest.encode(s.prosody, units(s)).select(("phrase", "word")) for s in speech]
        return sum(sum(t.bits.values()) for t in tokens)

    target = bits(lambda s: s.annotated)
    low, high = -6.0, 6.0
    for _ in range(8):
        middle = (low + high) / 2
        prior = model.word.model_copy(update={"bias": middle})
        shifted = BoundaryModel(model.network, prior, model.phrase)
        low, high = (middle, high) if bits(learned(shifted)) < target else (low, middle)
    return learned(shifted)


def accent_auc(
    tokenizer: ProsodyTokenizer, speech: list[Speech], tokens: list[ProsodyTokens]
) -> float:
    """Area under the ROC of accents predicted from the codes around the middle of each word."""
    rows, accented, groups = [], [], []
    for index, (s, t) in enumerate(zip(speech, tokens, strict=True)):
        if s.accented is None:
            return np.nan
        words = s.annotated.words
        spoken = np.array([label != "" for label in words.labels])
        middles = (words.boundaries[:-1] + words.boundaries[1:]) // 2
        rows.append(code_features(tokenizer, t, middles[spoken]))
        accented.append(s.accented[spoken])
        groups += [index] * int(spoken.sum())
    forest = ExtraTreesClassifier(
        500, min_samples_leaf=3, class_weight="balanced", random_state=0, n_jobs=2
    )
    scores = cross_val_predict(
        forest, np.concatenate(rows), np.concatenate(accented), groups=groups,
        cv=GroupKFold(5, shuffle=True, random_state=0), method="predict_proba",
    )  # fmt: skip
    return float(roc_auc_score(np.concatenate(accented), scores[:, 1]))


def code_features(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens, frames: np.ndarray
) -> np.ndarray:
    """Embeddings of the codes of the words at `frames`, of their neighbours and their phrases."""
    books = {name: tokenizer.embed_codes(name, tokens[name].codes.T) for name in ("phrase", "word")}
    around = np.pad(books["word"], [(1, 1), (0, 0)])
    word = tokens["word"].segmentation.unit_at(frames)
    phrase = tokens["phrase"].segmentation.unit_at(frames)
    columns = [around[word], around[word + 1], around[word + 2], books["phrase"][phrase]]
    return np.concatenate(columns, axis=1)


def row(tokenizer: ProsodyTokenizer, speech: list[Speech], name: str, units: Units) -> str:
    """Line of the table."""
    used, tokens = [], []
    for s in track(speech, name):
        try:
            tokens.append(tokenizer.encode(s.prosody, units(s)))
            used.append(s)
        except SegmentationError:
            continue  # a transcript that cannot be aligned
    seconds = sum(t.duration for t in tokens)
    cells = [str(len(used)), f"{sum(len(t['word']) for t in tokens) / seconds:.2f}"]
    for names in PREFIXES:
        selected = [t.select(names) for t in tokens]
        errors: list[ProsodyErrors] = [
            prosody_errors(s.truth[0], tokenizer.decode(t), s.truth[1])
            for s, t in zip(used, selected, strict=True)
        ]
        scores = error_intervals(errors, [s.utterance.speaker for s in used])
        agreed = scores["f0_rmse_agreed"]
        cells += [
            f"{sum(sum(t.bits.values()) for t in selected) / seconds:.1f}",
            f"{agreed.value:.0f} ({agreed.low:.0f} to {agreed.high:.0f})",
            f"{100 * scores['vde'].value:.1f}",
            f"{scores['energy_rmse'].value:.1f}",
        ]
    cells.append(f"{accent_auc(tokenizer, used, tokens):.2f}")
    return f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, help="boundary model (default: bundled)")
    options = parser.parse_args()
    tokenizer = ProsodyTokenizer.from_pretrained()
    model = load_boundary_model(options.model) if options.model else load_boundary_model()
    for folder, manifest in (("timit", "aligned/aligned.jsonl"), ("todi", "tobi/tobi.jsonl")):
        speech = read(options.data / manifest, folder, tokenizer, model)
        kinds: dict[str, Units] = {
            "true words": lambda s: s.annotated,
            "aligned transcript": aligned(speech),
            "learned": learned(model),
            "learned, at the bits of true words": at_rate_of_true_words(speech, tokenizer, model),
            "by rule (acoustic)": lambda s: segment(s.audio, s.prosody, "acoustic"),
            "even, 500 ms": lambda s: segment_even(s.prosody),
        }
        heading = "bit/s | F0 RMSE agreed (c) | VDE % | energy (dB)"
        print(f"\n{folder}: phrase + word, then all levels\n")
        print(f"| units | utterances | units/s | {heading} | {heading} | accent AUC |")
        print("| --- " * 12 + "|")
        for name, units in kinds.items():
            print(row(tokenizer, speech, name, units), flush=True)


if __name__ == "__main__":
    main()
