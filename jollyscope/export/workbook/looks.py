"""The workbook's formats, made with XlsxWriter."""

from __future__ import annotations

from typing import Any

from jollyscope.export.workbook.frame import Styles

__all__ = ["Looks"]

_INK, _PAPER, _RULE = "#1F3A5F", "#FFFFFF", "#C9D3DF"
_FORMATS: dict[str, dict[str, Any]] = {
    "header": {
        "bold": True, "font_color": _PAPER, "bg_color": _INK, "valign": "vcenter", "border": 1,
        "border_color": _RULE,
    },
    "link": {"font_color": "#1155CC", "underline": 1, "valign": "top"},
    # A text that begins like a formula stays one even when it is edited.
    "text": {"quote_prefix": True, "valign": "top"},
    "bool": {"valign": "top"},
    "integer": {"num_format": "#,##0", "valign": "top"},
    "integer_left": {"num_format": "#,##0", "align": "left"},
    "number": {"num_format": "#,##0.0##", "valign": "top"},
    "time": {"num_format": "yyyy-mm-dd hh:mm:ss.000", "valign": "top", "align": "left"},
    "cost_usd": {"num_format": "0.000000", "valign": "top"},
    "title": {"bold": True, "font_size": 18, "font_color": _INK},
    "heading": {"bold": True, "font_size": 13, "font_color": _INK, "bottom": 2, "bottom_color": _INK},
    "heading_right": {
        "bold": True, "font_size": 13, "font_color": _INK, "bottom": 2, "bottom_color": _INK,
        "align": "right",
    },
    "label": {"bold": True, "valign": "top"},
    "wrapped": {"text_wrap": True, "valign": "top", "quote_prefix": True},
    "mean": {"num_format": "#,##0.0"},
    "share": {"num_format": "0.0%"},
    "dollars": {"num_format": "#,##0.0000"},
    "grand": {"num_format": "#,##0", "bold": True, "top": 1},
    "grand_mean": {"num_format": "#,##0.0", "bold": True, "top": 1},
    "grand_dollars": {"num_format": "#,##0.0000", "bold": True, "top": 1},
}  # fmt: skip


class Looks:
    """Formats by name, numbered in this order, and what data sheets need of them."""

    def __init__(self, book: Any) -> None:
        self._formats = {name: book.add_format(made) for name, made in _FORMATS.items()}
        # Rows are written before XlsxWriter would number the formats: at its close, as they are used.
        number = {name: one._get_xf_index() for name, one in self._formats.items()}
        cells = {n: number[n] for n in ("text", "bool", "integer", "number", "time", "cost_usd")}
        cells |= {"json": number["text"], "list": number["text"]}
        self.failed = book.add_format({"bg_color": "#FBE3E1", "font_color": "#9C0006"})
        self.running = book.add_format({"bg_color": "#FFF4CE"})
        self.styles = Styles(
            header=number["header"], link=number["link"], cells=cells,
            failed=self.failed._get_dxf_index(), running=self.running._get_dxf_index(),
        )  # fmt: skip

    def __getitem__(self, name: str) -> Any:
        return self._formats[name]
