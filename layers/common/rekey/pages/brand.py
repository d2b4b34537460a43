"""A company's accent colour, made readable: whatever it is, text in it and on it keeps WCAG's 4.5 to 1."""

WHITE, BLACK = "#ffffff", "#000000"
DAY, NIGHT = "#f4f5f7", "#1d222a"  # of the grounds in style.css, those that links stand out from least
_ENOUGH = 4.5


def style(accent: str) -> str:
    """The custom properties that the pages' style sheet draws with."""
    light = f"--accent:{accent};--on-accent:{text_on(accent)};--link:{_readable(accent, DAY, 0)}"
    dark = f"--link:{_readable(accent, NIGHT, 255)}"
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def text_on(accent: str) -> str:
    """White or black, whichever stands out more."""
    return max((WHITE, BLACK), key=lambda text: _contrast(text, accent))


def _readable(accent: str, background: str, towards: int) -> str:
    """The colour itself, or as little darker or lighter as it takes."""
    parts = _parts(accent)
    shades = (
        "#" + "".join(f"{round(part + (towards - part) * step / 20):02x}" for part in parts) for step in range(21)
    )
    return next(shade for shade in shades if _contrast(shade, background) >= _ENOUGH)


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's constants
        for value in (part / 255 for part in _parts(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
