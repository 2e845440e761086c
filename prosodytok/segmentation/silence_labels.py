"""Labels of silence in annotations and alignments."""

from __future__ import annotations

import re
from collections.abc import Collection

#: Labels without brackets.
SILENCE_LABELS = {
    "", '""', "#", "##", "_", "-", "h#", "#h", "sil", "ssil", "!sil", "sp", "pau", "pause",
    "silence", "brth", "nsn", ".", "...", "\u2026", ",", "<p>", "<p:>",
    "<s>", "</s>", "<eps>", "<nib>", "<b>",
}  # fmt: skip
#: Words that are silence, breath or noise in brackets, as in ``<sil>``, ``[noise]``, ``{BREATH}``.
SILENT_TAGS = {
    "sil", "ssil", "sp", "sl", "pau", "pause", "silence", "breath", "breathing", "brth", "inhale",
    "exhale", "noise", "vocnoise", "nsn", "b_trans", "e_trans",
}  # fmt: skip
_TAG = re.compile(r"[<\[{(]\s*(\w+)\s*[>\]})]")
#: Pauses of CHAT and GAT: ``(.)``, ``(--)``, ``(0.8)``, ``(1,2 s)``.
_PAUSE = re.compile(r"\(\s*(?:\.+|-+|\u2026|\d*[.,:]?\d+\s*s?)\s*\)")


def is_silence(label: str, further: Collection[str] = ()) -> bool:
    """Whether a label denotes silence, breath or noise, and not speech.

    Laughter, and speech that was not understood (``<unk>``, ``spn``, ``<usb>``, ``xxx``), count as
    words.

    Parameters
    ----------
    label : str
        The label, in upper or lower case.
    further : collection of str
        Labels of silence beside the known ones.
    """
    text = label.strip().lower()
    if text in SILENCE_LABELS or text in {item.strip().lower() for item in further}:
        return True
    tag = _TAG.fullmatch(text)
    return bool(tag and tag[1] in SILENT_TAGS) or bool(_PAUSE.fullmatch(text))
