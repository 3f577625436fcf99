"""Pictures, sound and files as placeholders: what they are and how large, never their bytes."""

from __future__ import annotations

import re
from typing import Any

from jollyscope.model.messages import Part
from jollyscope.semconv.messages.reading import (
    CUT,
    MAX_NESTING,
    as_dict,
    as_list,
    first,
    plain,
    word,
)

__all__ = ["clean", "media_part", "scrubbed"]

_DATA_URI = re.compile(
    r"data:([\w.+-]++/[\w.+-]++)?+(?:;(?!base64,)[\w.+-]*+=?+[\w.+-]*+)*+;base64,([\w+/=-]*+)",
    re.ASCII,
)
_TYPES = ("mime_type", "media_type", "mimeType", "mediaType", "mimetype", "content_type")
_BYTES = (
    "data", "content", "blob", "bytes", "b64_json", "base64", "file_data", "image", "audio",
    "video", "image_base64",
)  # fmt: skip
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{256,}+={0,2}")


def media_part(kind: str, media_type: str | None, source: Any, *, name: str | None = None) -> Part:
    """A placeholder: `image/png, 12 kB`.

    `kind` is `image`, `audio`, `video` or `file`, used where `media_type` says no more. `source` is
    a URL, a `data:` URI, base64 text, bytes, a list of byte values or nothing.
    """
    if isinstance(source, str):
        embedded = _DATA_URI.match(source)
        if embedded:
            media_type = embedded[1] or media_type
            source = embedded[2]
        elif is_url(source):
            return Part(
                kind="media", text=name or media_type or kind, media_type=media_type or kind,
                uri=source,
            )  # fmt: skip
    size = _size(source)
    text = media_type or kind
    if name:
        text = f"{name}, {text}"
    if size:
        text = f"{text}, {_human(size)}"
    return Part(kind="media", text=text, media_type=media_type or kind)


def is_url(text: str) -> bool:
    """Whether `text` points elsewhere, rather than being the bytes themselves."""
    head, found, _ = text[:40].partition(":")
    return bool(found) and head.replace("+", "").replace("-", "").isalnum() and head != "data"


def _size(source: Any) -> int:
    """Bytes that `source` holds."""
    if isinstance(source, str):
        return len(source) * 3 // 4 - source[-2:].count("=")
    if isinstance(source, bytes):
        return len(source)
    items = as_list(source)
    if items is not None:
        return len(items)
    inner = as_dict(source)
    # Node's `Buffer` and JSON of a typed array.
    return _size(inner["data"]) if inner and isinstance(inner.get("data"), (str, list)) else 0


def _human(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1e6:.1f} MB"


def scrubbed(text: str) -> str:
    """`text` with every `data:` URI in it replaced by its placeholder."""
    if ";base64," not in text:
        return text
    return _DATA_URI.sub(lambda found: f"[{media_part('file', found[1], found[2]).text}]", text)


def clean(value: Any, depth: int = 0) -> Any:
    """A tool's arguments or result as JSON values, media in it as placeholders."""
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, bytes):
        return f"[{media_part('bytes', None, value).text}]"
    if type(value) is int:
        return plain(value)
    if depth >= MAX_NESTING:
        return CUT if isinstance(value, (dict, list)) else value
    items = as_list(value)
    if items is not None:
        return [clean(item, depth + 1) for item in items]
    members = as_dict(value)
    if members is None:
        return value
    return {name: clean(item, depth + 1) for name, item in _without_bytes(members).items()}


def _without_bytes(members: dict[str, Any]) -> dict[str, Any]:
    media_type = word(first(members, *_TYPES))
    if media_type is not None and ("/" not in media_type or media_type.startswith("text/")):
        media_type = None
    made = members
    for name in _BYTES:
        source = members.get(name)
        if not isinstance(source, str) or not source or is_url(source):
            continue
        if media_type or _BASE64.fullmatch(source):
            made = {**made, name: f"[{media_part('bytes', media_type, source).text}]"}
    return made
