"""TextGrid files of given tiers, in the short text format."""

WORDS = [(0.0, 0.5, ""), (0.5, 1.0, "née"), (1.0, 1.4, 'a "b"'), (1.4, 1.8, "sil"), (1.8, 2.2, "d")]
TONES = [(1.4, "L%"), (1.5, "H*")]


def short_textgrid(path, *tiers, start=0, end=2.2):
    """Write tiers, pairs of a name and a list of intervals or points; return the path."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", start, end, "<exists>"]
    lines.append(len(tiers))
    for name, entries in tiers:
        points = bool(entries) and len(entries[0]) == 2
        lines += [f'"{"TextTier" if points else "IntervalTier"}"', f'"{name}"', start, end]
        lines.append(len(entries))
        for *times, label in entries:
            quoted = label.replace('"', '""')
            lines += [*times, f'"{quoted}"']
    path.write_text("\n".join(map(str, lines)) + "\n", encoding="utf-8")
    return path
