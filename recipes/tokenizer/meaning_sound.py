"""Parts of `meaning.py` without labels of words: questions, edges, final movement, speakers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from meaning_data import Line, Speech, scene_of, speaker_of
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from prosodytok import ProsodyTokenizer
from prosodytok.evaluation.annotation.label_features import unit_features
from prosodytok.evaluation.annotation.label_probe import probe_scores
from prosodytok.evaluation.annotation.label_tasks import Task
from prosodytok.evaluation.boundaries.edge_matching import edge_scores, match_edges
from prosodytok.evaluation.leakage.measure_leakage import feature_views
from prosodytok.evaluation.leakage.resynthesis_probe import LeakageItem
from prosodytok.evaluation.leakage.speaker_probe import STRENGTH, probe_speakers
from prosodytok.evaluation.stats.bootstrap import Interval, bootstrap, ratio
from prosodytok.io.manifest import Utterance
from prosodytok.segmentation import hierarchy_from_textgrid
from prosodytok.tokenizer import TokenizedUtterance
from prosodytok.types import Segmentation
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import FRAME_RATE, hz_to_semitones

#: Cross-validations over which AUC is averaged.
REPEATS = 5
#: Tolerance of an edge (s).
TOLERANCE = 0.05
#: Voiced frames of a final movement, and the most frames over which they may be spread.
FINAL_FRAMES, FINAL_SPREAD = 15, 30
#: Slopes (st/s) of a rise, and of what is left of it; those above `STEEPEST` are octave jumps.
RISE, STAYS, STEEPEST = 12.0, 6.0, 80.0
#: Attacks on the speaker, see `feature_views`.
VIEWS = ("all codes", "all codes and pairs of codes", "durations of units, no codes", "register")


def questions(speech: Speech) -> list[Line]:
    """Yes-no and wh questions against statements, with other scenes held out."""
    pairs = speech.tokenized(u for u in speech.utterances("expressive") if kind_of(u))
    tokenized = [t for _, t in pairs]
    kinds = np.array([kind_of(u) for u, _ in pairs])
    scenes = np.array([scene_of(u) for u, _ in pairs])
    views = {
        "phrase + last two word codes, embeddings": final_embeddings(speech.tokenizer, tokenized),
        "phrase + last two word codes, one-hot": final_one_hot(tokenized),
        "raw prosody (gradient boosting)": np.array([raw_features(t) for t in tokenized]),
        "log duration and number of words": np.array(
            [[np.log(t.tokens.num_frames), len(t.tokens["word"])] for t in tokenized]
        ),
    }
    found = []
    for kind in ("yes-no", "wh"):
        rows = np.isin(kinds, (kind, "statement"))
        for source, features in views.items():
            value = question_auc(features[rows], kinds[rows] == kind, scenes[rows], source)
            measure = f"expressive, {kind} question or statement, AUC"
            found.append(Line("questions", measure, source, value, int(rows.sum())))
    return found


def kind_of(utterance: Utterance) -> str:
    """Kind of a line: "yes-no", "wh", "statement", or "" for others."""
    extra = utterance.model_extra or {}
    if extra.get("sentence") == "statement":
        return "statement"
    return str(extra.get("question") or "")


def last_spoken(tokenized: TokenizedUtterance, count: int = 2) -> np.ndarray:
    """Indices of the last spoken words; the first is repeated if there are fewer."""
    spoken = np.flatnonzero(tokenized.example.hierarchy.spoken)[-count:]
    return np.concatenate([np.repeat(spoken[:1], count - len(spoken)), spoken])


def final_codes(tokenized: TokenizedUtterance) -> tuple[np.ndarray, np.ndarray]:
    """Codes (1, K) of the phrase of the last spoken word, and (2, K) of the last two words."""
    tokens = tokenized.tokens
    words = last_spoken(tokenized)
    start = tokens["word"].segmentation.boundaries[words[-1]]
    phrase = tokens["phrase"].segmentation.unit_at([start])
    return tokens["phrase"].codes.T[phrase].copy(), tokens["word"].codes.T[words].copy()


def final_embeddings(
    tokenizer: ProsodyTokenizer, utterances: Sequence[TokenizedUtterance]
) -> np.ndarray:
    """Embeddings of `final_codes`, (N, D)."""
    rows = []
    for tokenized in utterances:
        phrase, words = final_codes(tokenized)
        embedded = tokenizer.embed_codes("phrase", phrase), tokenizer.embed_codes("word", words)
        rows.append(np.concatenate([part.ravel() for part in embedded]))
    return np.array(rows, dtype=np.float64)


def final_one_hot(utterances: Sequence[TokenizedUtterance]) -> np.ndarray:
    """One-hot `final_codes` of all codebooks, (N, D)."""
    rows = []
    for tokenized in utterances:
        names = ("phrase", "word")
        sizes = [tokenized.tokens[name].codebook_sizes for name in names]
        parts = [
            np.eye(size)[code]
            for codes, own in zip(final_codes(tokenized), sizes, strict=True)
            for unit in codes
            for code, size in zip(unit, own, strict=True)
        ]
        rows.append(np.concatenate(parts))
    return np.array(rows)


def raw_features(tokenized: TokenizedUtterance) -> np.ndarray:
    """Features of the last two words and of the whole utterance, from the sound."""
    example = tokenized.example
    measured = (example.prosody, example.hierarchy.words, example.register)
    whole = Segmentation.unlabelled([0, example.prosody.num_frames])
    return np.concatenate(
        [
            unit_features(*measured)[last_spoken(tokenized)].ravel(),
            unit_features(example.prosody, whole, example.register)[0],
        ]
    )


def question_auc(
    features: np.ndarray, positive: np.ndarray, groups: np.ndarray, source: str
) -> Interval:
    """AUC with other groups held out, mean over `REPEATS` divisions, interval over groups."""
    if source.startswith("raw"):
        model = HistGradientBoostingClassifier(max_iter=60, early_stopping=False, random_state=0)
    else:
        linear = LogisticRegression(C=STRENGTH / features.shape[1], max_iter=500)
        model = make_pipeline(StandardScaler(), linear)
    cases = np.arange(len(positive))
    task = Task("accent", cases, np.zeros_like(cases), positive.astype(str))
    found = []
    for seed in range(REPEATS):
        folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        predicted = cross_val_predict(
            model, features, positive, groups=groups, cv=folds, method="predict_proba"
        )
        found.append(probe_scores(predicted, task, groups.tolist(), seed)["auc"])
    return mean_interval(found)


def mean_interval(intervals: Sequence[Interval]) -> Interval:
    """Mean of values and of their limits."""
    return Interval(*np.mean([[x.value, x.low, x.high] for x in intervals], axis=0).tolist())


def edges(speech: Speech) -> list[Line]:
    """Edges of the found words of TIMIT speakers against hand-marked ones, at 50 ms."""
    counts: dict[str, list] = {f"{speech.segments} units": [], "evenly spaced, true count": []}
    speakers = []
    for utterance, tokenized in speech.tokenized(speech.utterances("timit")):
        frames = tokenized.tokens.num_frames
        marked = hierarchy_from_textgrid(
            utterance.textgrid, frames, words_tier=utterance.words_tier
        ).words.boundaries
        found = tokenized.tokens["word"].segmentation.boundaries
        even = np.linspace(0, frames, len(marked))
        for own, predicted in zip(counts.values(), (found, even), strict=True):
            matched = match_edges(
                marked[1:-1] / FRAME_RATE, predicted[1:-1] / FRAME_RATE, TOLERANCE
            )
            own.append(matched.sums)
        speakers.append(utterance.speaker)
    lines = []
    for source, sums in counts.items():
        scores = bootstrap(sums, speakers, edge_scores)
        for name in ("f1", "r_value"):
            measure = f"timit word edges, 50 ms, {name}"
            lines.append(Line("edges", measure, source, scores[name], len(speakers)))
    return lines


@dataclass(frozen=True)
class Movement:
    """Slope (st/s) of the last voiced frames, and range (st, 5th to 95th percentile)."""

    slope: float
    range: float


def movement(f0: np.ndarray, voiced: np.ndarray) -> Movement | None:
    """Movement of F0 (Hz) in voiced frames; None if these are too few or too scattered."""
    frames = np.flatnonzero(voiced)
    last = frames[-FINAL_FRAMES:]
    if len(last) < FINAL_FRAMES or last[-1] - last[0] >= FINAL_SPREAD:
        return None
    semitones = hz_to_semitones(f0.astype(np.float64), 100.0)
    low, high = np.percentile(semitones[frames], [5, 95])
    return Movement(float(np.polyfit(last / FRAME_RATE, semitones[last], 1)[0]), high - low)


def finals(speech: Speech) -> list[Line]:
    """Final slopes and ranges of decoded F0 against measured, in the measured voiced frames."""
    lines = []
    for name, group_of in (("expressive", scene_of), ("speech", speaker_of)):
        pairs = speech.tokenized(speech.utterances(name))
        groups = [group_of(u) for u, _ in pairs]
        tokens = [t.tokens for _, t in pairs]
        for levels in (("phrase",), ("phrase", "word"), ("phrase", "word", "frame")):
            decoded = speech.tokenizer.decode_batch(tokens, levels)
            rows, owners = [], []
            for (_, t), found, group in zip(pairs, decoded, groups, strict=True):
                row = movement_sums(t.prosody, found)
                if row is not None:
                    rows.append(row)
                    owners.append(group)
            totals = np.sum(rows, axis=0)
            cases = {"rises kept": totals[5], "falls kept": totals[7]}
            for measure, value in bootstrap(rows, owners, movement_scores).items():
                count = int(cases.get(measure, len(rows)))
                lines.append(Line("finals", f"{name}: {measure}", " + ".join(levels), value, count))
    return lines


def movement_sums(measured: Prosody, decoded: Prosody) -> list[float] | None:
    """Sums of `movement_scores` of one utterance; None where its end is not measured."""
    true = movement(measured.f0, measured.voiced)
    found = movement(decoded.f0, measured.voiced)
    if true is None or found is None or abs(true.slope) > STEEPEST:
        return None
    x, y = true.slope, found.slope
    rises, falls = x > RISE, x < -RISE
    kept = [rises, rises and y > STAYS, falls, falls and y < -STAYS]
    return [1.0, x, y, x * x, x * y, *map(float, kept), true.range, found.range]


def movement_scores(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Scores from sums (R, 11): regression of decoded on measured slopes; rises and falls kept."""
    n, x, y, xx, xy, rises, rises_kept, falls, falls_kept, true, found = sums.T
    return {
        "final slope, decoded on measured": ratio(n * xy - x * y, n * xx - x * x),
        "rises kept": ratio(rises_kept, rises),
        "falls kept": ratio(falls_kept, falls),
        "range, decoded / measured": ratio(found, true),
    }


def speakers(speech: Speech) -> list[Line]:
    """Speakers of speechocean identified from tokens: balanced accuracy of the best attacker."""
    pairs = speech.tokenized(speech.utterances("speechocean"))
    items = [LeakageItem(u.speaker, t.audio, t.prosody, t.tokens) for u, t in pairs]
    names = [item.speaker for item in items]
    views = feature_views(speech.tokenizer, items)
    found = [
        Line(
            "speakers",
            f"{len(set(names))} speakers, accuracy",
            view,
            probe_speakers(views[view], names).balanced,
            len(names),
        )
        for view in VIEWS
    ]
    chance = 1 / len(set(names))
    return [
        *found,
        Line("speakers", found[0].measure, "chance", Interval(*[chance] * 3), len(names)),
    ]
