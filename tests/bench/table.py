"""How every benchmark reports: one row a figure, with its peer, the ratio and the aim."""

from __future__ import annotations

from typing import Any

__all__ = ["print_rows", "row"]


def row(
    what: str, value: float, unit: str, *, peer: str = "", peer_value: float | None = None,
    aim: str = "", met: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A figure. `ratio` is value over the peer's value."""
    ratio = value / peer_value if peer_value else None
    return {
        "what": what, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value,
        "ratio": ratio, "aim": aim, "met": met,
    }  # fmt: skip


def print_rows(title: str, rows: list[dict[str, Any]]) -> None:
    """The rows as an aligned table on stdout."""
    print(f"\n{title}")
    for r in rows:
        ratio = f"{r['ratio']:.3f} x" if r.get("ratio") else ""
        peer = f"{r['peer']} {r['peer_value']:,.4g}" if r.get("peer_value") else r.get("peer", "")
        met = {True: "met", False: "NOT MET", None: ""}[r.get("met")]
        figure = f"{r['value']:>12,.4g} {r['unit']:<9} {ratio:<9}"
        print(f"  {r['what']:<52} {figure} {peer:<44} {r['aim']:<12} {met}")
