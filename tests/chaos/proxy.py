"""A network that is slow, halves what it carries, and cuts connections. Loopback only."""

from __future__ import annotations

import random
import selectors
import socket
import struct
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

__all__ = ["Proxy"]

Mood = Literal["fair", "slow", "cut", "reset", "silent"]


class Proxy:
    """Carries connections from `port` to another. `mood` may change at any time: `slow` carries some
    hundred bytes at a time, `cut` closes in the middle of something, `reset` so that the other side
    hears of an error, `silent` carries nothing and says nothing.
    """

    def __init__(self, target: int, seed: int) -> None:
        self.mood: Mood = "fair"
        self.cuts = 0
        self._target = target
        self._rng = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cut all."""
        self._over.set()
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _tb: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._target), 5)
        except OSError:
            near.close()
            return
        both = {near: far, far: near}
        with selectors.DefaultSelector() as chosen, near, far:
            for one in both:
                chosen.register(one, selectors.EVENT_READ)
            with suppress(OSError):
                while not self._over.is_set():
                    for key, _ in chosen.select(0.1):
                        one = key.fileobj
                        assert isinstance(one, socket.socket)
                        if not self._pass(one, both[one]):
                            return

    def _pass(self, one: socket.socket, other: socket.socket) -> bool:
        """Carry what is there; whether the connection goes on."""
        mood = self.mood
        if mood == "silent":
            time.sleep(0.02)  # what comes waits in the system's buffers
            return True
        data = one.recv(300 if mood == "slow" else 65_536)
        if not data:
            return False
        if mood == "slow":
            time.sleep(0.002)  # the slow line itself
        if mood in ("cut", "reset") and self._rng.random() < 0.3:
            other.sendall(data[: self._rng.randrange(len(data) + 1)])
            self.cuts += 1
            if mood == "reset":
                for end in (one, other):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        other.sendall(data)
        return True
