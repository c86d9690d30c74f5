"""What a secret holds, so that a generator can check every answer without being told."""


def value(key, size):
    """The first `size` characters of `key` and a dot, over and over."""
    unit = f"{key}."
    return (unit * (size // len(unit) + 1))[:size]
