"""The chat messages of a span, whatever convention it carries them in."""

from jollyscope.semconv.messages.conversation import conversation, has_messages
from jollyscope.semconv.messages.shapes import messages_of

__all__ = ["conversation", "has_messages", "messages_of"]
