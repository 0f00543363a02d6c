"""uvicorn's WebSocket protocol with bounds on what one client can make the app hold.

uvicorn 0.54 parses all that it was given at once, answers the pings of a client that reads
nothing, leaves a handshake that websockets refuses without an answer, logs a traceback for a
text that is no UTF-8, and resets the connection of a client that still sends when it is told to
go or the app is stopped. The limits are constants: no honest client comes near them.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request

from uvicorn_runner.figures import FIGURES
from uvicorn_runner.inbox import Inbox

# Bytes that are parsed before the app is asked again whether it takes more: 11 000 of the
# shortest frames. Smaller steps cost large messages a fifth of their CPU.
STEP = 65536
# The same where messages may be deflated, at most a thousandfold: 4 MiB.
DEFLATED_STEP = 4096
# Fragments of one message: at the default WS_MAX_SIZE they are 1 KiB each.
MAX_FRAGMENTS = 16384
# Seconds that an app has to accept or refuse a handshake.
HANDSHAKE_TIMEOUT = 60.0
# Seconds without data after which a client that was told to go has stopped sending, and
# seconds after which it is cut.
QUIET = 0.5
LINGER = 5.0
# Seconds that a client has to answer the Close frame of an app that is stopped.
FAREWELL = 1.0


class BoundedProtocol(WebSocketsSansIOProtocol):
    """For uvicorn's setting `ws`, which takes a class.

    Parsing stops while the app has a message to take: a connection holds two messages of
    WS_MAX_SIZE, one reply, and its transport's buffers.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue: Inbox[ASGIReceiveEvent] = Inbox()  # type: ignore[assignment]
        self._step = DEFLATED_STEP if self.config.ws_per_message_deflate else STEP
        self._unparsed = b""
        self._pong = b""  # for a ping of a client that does not read now
        self._failed = False
        self._cut_at = 0.0  # seconds of the loop's clock
        self._patience: asyncio.TimerHandle | None = None
        self._opened = False

    def data_received(self, data: bytes) -> None:
        if self._failed:
            self._close_when_quiet()
            return
        self._parse(self._unparsed + data if self._unparsed else data)

    def _parse(self, data: bytes) -> None:
        at = 0
        while at < len(data) and not self._failed and (self.close_sent or not self.read_paused):
            super().data_received(data[at : at + self._step])
            at += self._step
            if self.conn.handshake_exc is not None and not self.handshake_initiated:
                self._refuse_handshake(self.conn.handshake_exc)
        self._unparsed = b"" if self._failed else data[at:]

    async def receive(self) -> ASGIReceiveEvent:
        event = await super().receive()
        self._parse_more()
        return event

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.send":
            FIGURES.sent += 1
            FIGURES.sent_bytes += _size(message.get("bytes"), message.get("text"))
        elif self.handshake_complete:
            self._answered()
        if self.close_sent:  # the client's Close frame may be behind other messages
            self._parse_more()

    def _parse_more(self) -> None:
        if self._unparsed:
            self._parse(self._unparsed)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            self._patience = self.loop.call_later(HANDSHAKE_TIMEOUT, self._time_out)

    def start_keepalive(self) -> None:
        """uvicorn calls this once, when the app has accepted."""
        self._opened = True
        FIGURES.opened += 1
        super().start_keepalive()

    def connection_lost(self, exc: Exception | None) -> None:
        self._answered()
        if self._opened:
            FIGURES.closed[self._code()] += 1
        super().connection_lost(exc)

    def _code(self) -> int:
        """The code of the first Close frame: of the app's own, or of its answer to the client's,
        which repeats that one's code (RFC 6455, section 5.5.1). Without any frame, 1006."""
        sent = self.conn.close_sent
        return sent.code if sent else CloseCode.ABNORMAL_CLOSURE

    def _answered(self) -> None:
        # The app has its own copy of the headers, and nobody else reads them again.
        self.request = self.response = None  # type: ignore[assignment]
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _time_out(self) -> None:
        self.logger.error("the app did not answer a handshake in %.0f s", HANDSHAKE_TIMEOUT)
        text = f"The app did not answer this handshake in {HANDSHAKE_TIMEOUT:.0f} seconds.\n"
        response = self.conn.reject(HTTPStatus.GATEWAY_TIMEOUT, text)
        self.handshake_complete = self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.conn.send_response(response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def handle_ping(self) -> None:
        """Answers at once while the client reads, else only its latest ping, later
        (RFC 6455, section 5.5.3)."""
        # Those of all pings that were parsed in one step, so none at the next ping of it.
        pongs = self.conn.data_to_send()
        if self.writable.is_set() or self.conn.close_sent is not None:
            self.transport.write(b"".join(pongs))
        elif pongs:
            self._pong = pongs[-1]

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._pong and not self.close_sent:
            self.transport.write(self._pong)
        self._pong = b""

    def handle_cont(self, event: Frame) -> None:
        if self._failed:
            return
        if len(self.frames) >= MAX_FRAGMENTS:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, f"over {MAX_FRAGMENTS} fragments")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """As uvicorn has it, which logs a traceback for each text that is no UTF-8: a client
        could fill the log with them."""
        if self.close_sent:
            super().send_receive_event_to_app()
            return
        if self.curr_msg_data_type != "text":
            FIGURES.received += 1
            FIGURES.received_bytes += sum(map(len, self.frames))
            super().send_receive_event_to_app()
            return
        data = b"".join(self.frames)
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            reason = f"{error.reason} at position {error.start}"
            self.conn.fail(CloseCode.INVALID_DATA, reason)
            self.handle_parser_exception()
            return
        FIGURES.received += 1
        FIGURES.received_bytes += len(data)
        self.frames = []
        self.queue.put_nowait({"type": "websocket.receive", "text": text})
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def handle_parser_exception(self) -> None:
        """Tells the app and the client that the connection has failed. Then the client's data
        is discarded while it comes: the system resets a connection that is closed with data
        unread, and the Close frame may be lost with it (RFC 2525, section 2.17)."""
        assert self.conn.close_sent is not None  # noqa: S101 # as uvicorn has it
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.close_sent = self._failed = True
        self.frames = []
        self.stop_keepalive()
        self._end(b"".join(self.conn.data_to_send()))

    def shutdown(self) -> None:
        """Tells the client that the app goes, and discards what it sends until it has answered:
        at once closed, the connection of a client that still sends would be reset, and most
        would see 1006 in the place of 1012."""
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.SERVICE_RESTART})
        self.conn.send_close(CloseCode.SERVICE_RESTART)
        # The app's next send is one to a client that is gone.
        self.close_sent = self.disconnected = True
        self._unparsed, self.frames = b"", []
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_timer = self.loop.call_later(FAREWELL, self.transport.abort)
        self._read_on()

    def _refuse_handshake(self, error: Exception) -> None:
        """Answers what websockets cannot read as a handshake: too many headers, a body."""
        answer = b"".join(self.conn.data_to_send())
        if not answer:
            why = error.__cause__ or error
            answer = self.conn.reject(HTTPStatus.BAD_REQUEST, f"{why}\n").serialize()
        self.handshake_complete = self.close_sent = self._failed = True
        self._end(answer)

    def _end(self, last: bytes) -> None:
        # No write_eof: nginx takes it for the end, and resets the client in its turn.
        self.transport.write(last)
        self._cut_at = self.loop.time() + LINGER
        self._close_when_quiet()
        self._read_on()

    def _read_on(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def _close_when_quiet(self) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
        left = self._cut_at - self.loop.time()
        # uvicorn's close_timer: while there is one, the end of the app does not close.
        close = self.transport.close if left > QUIET else self.transport.abort
        self.close_timer = self.loop.call_later(min(QUIET, left), close)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        # transport.close() waits until all was sent: a client that does not read keeps it.
        self.loop.call_later(LINGER, self.transport.abort)


def _size(data: bytes | None, text: str | None) -> int:
    """In bytes, of what uvicorn sends of these two."""
    if data is not None:
        return len(data)
    if text is None:
        return 0
    return len(text) if text.isascii() else len(text.encode())
