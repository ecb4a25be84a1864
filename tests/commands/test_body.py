"""Bodies through the server: never whole in memory, neither on the way in nor on the way out."""

import asyncio
import io

from chat.management.body import KEY, PIECE, Flow, Withheld, read_in_pieces


async def received(content: bytes) -> list[dict]:
    found = []

    async def application(scope, receive, send):
        assert KEY not in scope
        while True:
            found.append(await receive())
            if not found[-1].get("more_body"):
                break
        found.append(await receive())

    queue = asyncio.Queue()
    queue.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    queue.put_nowait({"type": "http.disconnect"})
    await read_in_pieces(application)({"type": "http", KEY: io.BytesIO(content)}, queue.get, None)
    return found


async def test_a_body_comes_in_pieces_and_then_what_the_server_says():
    for size in (0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE):
        *pieces, last = await received(b"x" * size)
        assert sum(len(piece["body"]) for piece in pieces) == size
        assert all(len(piece["body"]) <= PIECE for piece in pieces)
        assert last == {"type": "http.disconnect"}


async def test_a_body_that_is_gone_leaves_what_the_server_says():
    content = io.BytesIO(b"x" * PIECE * 2)
    content.close()
    queue = asyncio.Queue()
    queue.put_nowait({"type": "http.disconnect"})
    found = []

    async def application(scope, receive, send):
        found.append(await receive())

    await read_in_pieces(application)({"type": "http", KEY: content}, queue.get, None)
    assert found == [{"type": "http.disconnect"}]


def test_to_the_server_a_withheld_body_seems_empty():
    content = io.BytesIO(b"abc")
    withheld = Withheld(content)
    assert withheld.read(2) == b""
    assert not withheld.closed
    withheld.close()
    assert content.closed


async def test_a_writer_waits_while_the_reader_is_behind():
    flow = Flow()
    await flow.wait()
    flow.pauseProducing()
    waiting = asyncio.create_task(flow.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    flow.resumeProducing()
    await waiting
    flow.pauseProducing()
    flow.stopProducing()
    await flow.wait()
