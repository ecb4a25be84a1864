"""The line between a browser and the site, on which a websocket can go dead without a word to either end."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

READ_LENGTH = 65_536


@dataclass
class Connection:
    browser: socket.socket
    site: socket.socket
    is_websocket: bool = False
    is_dead: bool = False

    def close(self) -> None:
        for end in (self.browser, self.site):
            with end, suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Line:
    def __init__(self, port: int) -> None:
        """To the site at this port, from `url`; when it `is_dead`, what connects is dead from the beginning."""
        self.is_dead = False
        self._port = port
        self._entrance = socket.create_server(("127.0.0.1", 0))
        self._connections: list[Connection] = []
        self.url = f"http://127.0.0.1:{self._entrance.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._connect, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._entrance:
            self._entrance.shutdown(socket.SHUT_RDWR)
        for each in self._connections:
            each.close()

    @property
    def websockets(self) -> list[Connection]:
        """Those that were opened, in order."""
        return [each for each in self._connections if each.is_websocket]

    def _connect(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._entrance.accept()
                site = socket.create_connection(("127.0.0.1", self._port))
                connection = Connection(browser, site, is_dead=self.is_dead)
                self._connections.append(connection)
                for ends in ((browser, site), (site, browser)):
                    threading.Thread(target=_carry, args=(connection, *ends), daemon=True).start()


def _carry(connection: Connection, source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(READ_LENGTH):
            connection.is_websocket |= b"\r\nupgrade: websocket\r\n" in data.lower()
            if not connection.is_dead:
                target.sendall(data)
    if not connection.is_dead:
        connection.close()
