"""A term put into a filter that a person wrote, or taken out again; the rest stays as written."""

from __future__ import annotations

from jollyscope.query.filter.errors import FilterError
from jollyscope.query.filter.nodes import And, Node, Or, Term
from jollyscope.query.filter.parser import parse_tree

__all__ = ["add_term", "drop_term", "has_term"]


def add_term(text: str, term: str) -> str:
    """The filter that also demands `term`. Raises `FilterError` where either is none."""
    root = parse_tree(text)
    if root is None:
        return term
    if has_term(text, term):
        return text
    return f"({text.strip()}) {term}" if isinstance(root, Or) else f"{text.strip()} {term}"


def drop_term(text: str, term: str) -> str:
    """The filter without `term`, where that is one of the terms that all must hold."""
    parts = _parts(text)
    found = _find(parts, term)
    if found is None:
        return text
    before, after = text[: found.place.at], text[found.place.at + found.place.length :]
    cut = f"{before.rstrip()} {after.lstrip()}".strip()
    rest = _joined(tuple(part for part in parts if part is not found))
    # An `AND` or a parenthesis beside the term is left alone there: then the tree is written anew.
    return cut if _means(cut, rest) else str(rest or "")


def has_term(text: str, term: str) -> bool:
    """Whether `term` is one of the terms that all must hold."""
    return _find(_parts(text), term) is not None


def _find(parts: tuple[Node, ...], term: str) -> Term | None:
    wanted = parse_tree(term)
    # The last one, since that is where `add_term` puts it.
    terms = (part for part in reversed(parts) if isinstance(part, Term))
    return next((part for part in terms if part == wanted), None)


def _parts(text: str) -> tuple[Node, ...]:
    root = parse_tree(text)
    return root.parts if isinstance(root, And) else (root,) if root else ()


def _joined(parts: tuple[Node, ...]) -> Node | None:
    return And(parts) if len(parts) > 1 else parts[0] if parts else None


def _means(text: str, root: Node | None) -> bool:
    try:
        return parse_tree(text) == root
    except FilterError:
        return False
