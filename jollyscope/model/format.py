"""Numbers as people read them, the same on every screen and in every command."""

from __future__ import annotations

__all__ = ["cost", "count", "duration", "size"]


def duration(ms: float | None) -> str:
    """Milliseconds as `840µs`, `12ms`, `1.10s`, `42.0s`, `3m 07s`, `2h 05m`, `4d 03h`; `-` for None."""
    if ms is None:
        return "-"
    if ms < 0.9995:
        return f"{ms * 1000:.0f}µs"
    if ms < 999.5:
        return f"{ms:.0f}ms"
    seconds = ms / 1000
    if seconds < 9.995:
        return f"{seconds:.2f}s"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    for big, small, names in ((86400, 3600, "dh"), (3600, 60, "hm"), (60, 1, "ms")):
        if whole >= big:
            return f"{whole // big}{names[0]} {whole % big // small:02d}{names[1]}"
    return "1m 00s"


def count(number: int | None) -> str:
    """A count in full with separators below 100,000, then `123k`, `1.2M`; `-` for None."""
    if number is None:
        return "-"
    if abs(number) < 100_000:
        return f"{number:,}"
    for bound, unit in ((1e6, "k"), (1e9, "M"), (1e12, "G"), (float("inf"), "T")):
        if abs(number) < bound * 0.9995:
            scaled = number / (bound / 1000 if bound != float("inf") else 1e12)
            return f"{scaled:.0f}{unit}" if abs(scaled) >= 99.95 else f"{scaled:.1f}{unit}"
    return str(number)


def cost(usd: float | None) -> str:
    """US dollars with the digits that matter: `$0.0003`, `$0.021`, `$1.20`; `-` for unknown."""
    if usd is None:
        return "-"
    if usd == 0:
        return "$0"
    if usd < 0:
        return f"-{cost(-usd)}"
    if usd < 0.00005:
        return "<$0.0001"
    if usd < 0.00995:
        return f"${usd:.4f}"
    return f"${usd:.3f}" if usd < 0.9995 else f"${usd:,.2f}"


def size(octets: int | None) -> str:
    """Bytes as `812 B`, `2.1 kB`, `3.4 MB` (powers of 1000); `-` for None."""
    if octets is None:
        return "-"
    if octets < 1000:
        return f"{octets} B"
    scaled = float(octets)
    for unit in ("kB", "MB", "GB"):
        scaled /= 1000
        if scaled < 999.95:
            return f"{scaled:.1f} {unit}"
    return f"{scaled / 1000:.1f} TB"
