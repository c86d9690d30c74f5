"""Verdicts for people and for programs: the terminal table and the JSON files under bench/results."""

import json
import os


def number(value):
    """A figure in at most four significant digits, or a dash."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(verdicts):
    """One line a verdict, columns as wide as they must be."""
    head = ("figure", "ours", "peer", "unit", "ratio", "bound", "spread", "holds")
    lines = [head]
    for each in verdicts:
        sign = ">=" if each.direction == "at least" else "<="
        lines.append((
            each.name, number(each.ours), number(each.peer), each.unit, number(each.ratio),
            f"{sign} {each.bound:g}", f"{each.spread:.0%}", "yes" if each.holds else "NO",
        ))
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = []
    for line in lines:
        cells = [
            cell.rjust(width) if 1 <= column <= 6 and column != 3 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ]
        texts.append("  ".join(cells).rstrip())
    texts.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(texts)


def write_json(path, value):
    """Writes `value` whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(value, indent=2) + "\n")
    os.replace(fresh, path)
