"""Typer's parameters without the 110 ms that it spends on plain parameters.

Typer 0.29 imports pydantic to turn a `str` option into a `str`, on every command, even for options
that were not given. Parameters of the plain kinds used here are converted by hand instead; any
other kind, and other versions of Typer, go Typer's own way.
"""

from __future__ import annotations

from typing import Any, get_args

import typer

__all__ = ["lighten"]


def lighten(command: Any, above: Any = None) -> None:
    """Make the parameters of a command, and of all below it, lean."""
    # The context names the help option, which exists only once it was asked for.
    context = typer.Context(command, parent=above, **command.context_settings)
    for param in [*command.params, command.get_help_option(context)]:
        descriptor = getattr(param, "type_descriptor", None)
        # An attribute that is there and None: where Typer keeps its converter once it is built.
        if descriptor is None or getattr(param, "_runtime_param", ...) is not None:
            continue
        converter = _converter(descriptor)
        if converter is not None:
            param._runtime_param = converter
    for below in getattr(command, "commands", {}).values():
        if below is not None:  # one that is not made yet (`app`)
            lighten(below, context)


def _converter(descriptor: Any) -> _Plain | None:
    annotation = descriptor.annotation
    if descriptor.is_list:
        (annotation,) = get_args(annotation)
    if annotation is bool or (descriptor.choices and isinstance(descriptor.choices[0], str)):
        return _Plain(annotation, descriptor.choices)
    if annotation in (str, int) and not descriptor.is_ranged:
        return _Plain(annotation, None)
    return None


class _Plain:
    """Stands where Typer's own converter would: the same call, the same outcome."""

    def __init__(self, kind: Any, choices: tuple[Any, ...] | None) -> None:
        self.kind = kind
        self.choices = choices

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as the command gets it. Raises `typer.BadParameter`."""
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        if many:
            return [self._one(item, param, ctx) for item in value]
        return self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        if self.choices is not None:
            if value not in self.choices:
                named = ", ".join(self.choices)
                raise typer.BadParameter(f"{value!r} is none of {named}.", ctx=ctx, param=param)
            return value
        if self.kind is int and not isinstance(value, int):
            try:
                return int(value)
            except ValueError:
                message = f"{value!r} is not a whole number."
                raise typer.BadParameter(message, ctx=ctx, param=param) from None
        return value
