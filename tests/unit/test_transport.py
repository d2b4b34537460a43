"""The connection to AWS, against servers of loopback that behave and that do not."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
    SSLError,
)
from botocore.handlers import BUILTIN_HANDLERS

from rekey.aws import sdk, transport
from rekey.aws.transport import Transport

Serving = Callable[[socket.socket], object]

PATIENCE = 10  # seconds for what comes at once on a quiet machine
SOON = 0.2  # seconds for what never comes


@pytest.fixture
def sending() -> Iterator[Transport]:
    """A transport that gives up nothing that comes at all."""
    sending = Transport(PATIENCE, PATIENCE)
    yield sending
    sending.close()


@contextmanager
def server(*connections: Serving) -> Iterator[str]:
    """A server of one behaviour a connection, in order; its URL. It takes no more connections than that."""
    served = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)

        def run() -> None:
            for serve in connections:
                with suppress(TimeoutError):  # nobody came
                    connection = listening.accept()[0]
                    connection.settimeout(PATIENCE)
                    with connection:
                        serve(connection)
                    served.append(serve)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"http://localhost:{listening.getsockname()[1]}/"
        finally:
            thread.join()
    assert served == [*connections], "not every connection was made"


def request_of(url: str, body: bytes = b"{}") -> AWSPreparedRequest:
    return AWSRequest("POST", url, {"X-Amz-Target": "T"}, body).prepare()


def read_request(connection: socket.socket) -> bytes:
    """One request: all that comes with one reading, for it is written at once."""
    return connection.recv(65536)


def answering(*answers: bytes) -> Serving:
    """A connection on which each request is answered in its turn."""

    def serve(connection: socket.socket) -> None:
        for answer in answers:
            read_request(connection)
            connection.sendall(answer)

    return serve


def answering_once(answer: bytes) -> Serving:
    """A connection that stays open after its answer, and on which no other request may come."""

    def serve(connection: socket.socket) -> None:
        answering(answer)(connection)
        assert connection.recv(1) == b""

    return serve


def ok(body: bytes = b"{}", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), b"x-amzn-RequestId: R", *headers, b"", body]
    return b"\r\n".join(lines)


def test_what_is_sent(sending: Transport) -> None:
    """Request line, host, the request's headers and its body arrive in one piece."""
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        received.append(read_request(connection))
        connection.sendall(ok())

    with server(serve) as url:
        sending.send(request_of(url + "path?a=b", b'{"a": 1}'))

    host = url.removeprefix("http://").rstrip("/")
    assert received[0].startswith(f"POST /path?a=b HTTP/1.1\r\nHost: {host}\r\nX-Amz-Target: T\r\n".encode())
    assert received[0].endswith(b'Content-Length: 8\r\n\r\n{"a": 1}')


def test_what_is_answered(sending: Transport) -> None:
    """Status, headers, whatever their case, and content come back."""
    with server(answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nX-Amz-Crc32:\t7 \r\n\r\nabc")) as url:
        answer = sending.send(request_of(url))

    assert (answer.status_code, answer.headers["x-amz-crc32"], answer.content) == (400, "7", b"abc")


def test_chunked(sending: Transport) -> None:
    """An answer in chunks is put together."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with server(answering(chunked, ok(b"next"))) as url:
        assert [sending.send(request_of(url)).content for _ in range(2)] == [b"abcde", b"next"]


def test_no_content(sending: Transport) -> None:
    """An answer that has no content by its status has none, and the connection goes on."""
    with server(answering(b"HTTP/1.1 204 No Content\r\n\r\n", ok(b"next"))) as url:
        assert [sending.send(request_of(url)).content for _ in range(2)] == [b"", b"next"]


def test_in_pieces(sending: Transport) -> None:
    """An answer is whole however its bytes come, one by one too; what came before it, by its status, is no answer."""

    def serve(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        read_request(connection)
        for byte in b"HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n" + ok(b"whole"):
            connection.sendall(bytes([byte]))

    with server(serve) as url:
        answer = sending.send(request_of(url))

    assert (answer.status_code, answer.content) == (200, b"whole")
    assert answer.headers == {"content-length": "5", "x-amzn-requestid": "R"}


def test_connection_is_kept(sending: Transport) -> None:
    """One request after the other goes over one connection."""
    with server(answering(ok(b"1"), ok(b"2"), ok(b"3"))) as url:
        assert [sending.send(request_of(url)).content for _ in range(3)] == [b"1", b"2", b"3"]


def test_threads_have_connections_of_their_own(sending: Transport) -> None:
    """Two requests at once are on two connections: their answers cannot be mixed up."""
    both = threading.Barrier(2)

    def serve_at_once(connection: socket.socket) -> None:
        both.wait(PATIENCE)
        body = read_request(connection).rpartition(b"\r\n\r\n")[2]
        connection.sendall(ok(body))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        answers = {}
        askers = [
            threading.Thread(
                target=lambda name=name: answers.update({name: sending.send(request_of(url, name)).content})
            )
            for name in (b"one", b"two")
        ]
        for asker in askers:
            asker.start()
        accepted = [listening.accept()[0] for _ in askers]
        servers = [threading.Thread(target=serve_at_once, args=(connection,)) for connection in accepted]
        for thread in (*servers, *askers):
            if thread in servers:
                thread.start()
        for thread in (*servers, *askers):
            thread.join(PATIENCE)
        for connection in accepted:
            connection.close()

    assert answers == {b"one": b"one", b"two": b"two"}


def wait_for_end(sock: socket.socket) -> None:
    """Until it has arrived that the other side hung up, or its word about it."""
    assert select.select([sock], [], [], PATIENCE)[0]


@pytest.mark.parametrize("goodbye", [b"", b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"])
def test_a_connection_that_was_hung_up_is_not_used(sending: Transport, goodbye: bytes) -> None:
    """A server closes what is idle for long, with a word or without: the next request has a new connection."""
    idle = threading.Event()

    def hang_up(connection: socket.socket) -> None:
        answering(ok(b"1"))(connection)
        idle.wait(PATIENCE)
        connection.sendall(goodbye)

    with server(hang_up, answering(ok(b"2"))) as url:
        assert sending.send(request_of(url)).content == b"1"
        idle.set()
        ((connection,),) = sending._idle.values()
        wait_for_end(connection.sock)
        assert sending.send(request_of(url)).content == b"2"


def test_hung_up_between_look_and_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may hang up just after the look at the connection: botocore tries the call again, once, on a new one."""
    looked = threading.Event()

    def hang_up(connection: socket.socket) -> None:
        answering(ok())(connection)
        looked.wait(PATIENCE)

    def look_just_before(sock: socket.socket) -> bool:
        readable = is_readable(sock)
        looked.set()
        wait_for_end(sock)
        return readable

    is_readable = transport._is_readable
    monkeypatch.setattr(transport, "_is_readable", look_just_before)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with server(hang_up, answering(ok(b'{"TableNames": ["T"]}'))) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        first, second = (sdk.dynamodb().list_tables() for _ in range(2))

    assert first["ResponseMetadata"]["RetryAttempts"] == 0
    assert second["ResponseMetadata"]["RetryAttempts"] == 1
    assert second["TableNames"] == ["T"]


@pytest.mark.parametrize("more", [ok(b"nobody's"), b"no HTTP"])
def test_what_follows_an_answer_is_nobodys(sending: Transport, more: bytes) -> None:
    """Where more came than the answer, the answer counts, and its connection is not used again."""
    with server(answering_once(ok(b"1") + more), answering(ok(b"2"))) as url:
        answers = [sending.send(request_of(url)) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"1"), (200, b"2")]


def test_an_answer_that_closes(sending: Transport) -> None:
    """After `Connection: close`, HTTP/1.0 and an answer without a length, the next request has a new connection."""
    closing = (
        answering_once(ok(b"1", b"Connection: close")),
        answering_once(ok(b"2").replace(b"HTTP/1.1", b"HTTP/1.0")),
        answering(b"HTTP/1.1 200 OK\r\n\r\nto the end"),
        answering(ok(b"4")),
    )
    with server(*closing) as url:
        assert [sending.send(request_of(url)).content for _ in closing] == [b"1", b"2", b"to the end", b"4"]


def test_a_late_answer_is_nobody_elses(sending: Transport) -> None:
    """When an answer does not come in time its connection is closed: the next request does not get it."""
    given_up, answered = threading.Event(), threading.Event()

    def serve_late(connection: socket.socket) -> None:
        read_request(connection)
        given_up.wait(PATIENCE)
        connection.sendall(ok(b"the first's"))
        answered.set()

    with server(serve_late, answering(ok(b"the second's"))) as url:
        sending._read_timeout = SOON
        with pytest.raises(ReadTimeoutError):
            sending.send(request_of(url))
        given_up.set()
        assert answered.wait(PATIENCE)
        sending._read_timeout = PATIENCE
        assert sending.send(request_of(url)).content == b"the second's"


BROKEN = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "no length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 2\r\n\r\nabc",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer(sending: Transport, answer: bytes) -> None:
    """An answer that breaks off, or is none, is what botocore calls a closed connection: it may be tried again."""
    with server(answering(answer), answering(ok(b"next"))) as url:
        with pytest.raises(ConnectionClosedError):
            sending.send(request_of(url))
        assert sending.send(request_of(url)).content == b"next"


def test_a_head_without_an_end(sending: Transport) -> None:
    """Nobody reads headers for ever: there is a limit."""

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        with suppress(ConnectionError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000)
            connection.recv(1)  # until the other side has had enough

    with server(serve) as url, pytest.raises(ConnectionClosedError):
        sending.send(request_of(url))


def test_nobody_there(sending: Transport) -> None:
    """A port nobody listens on, and a name nobody has, are what botocore calls an endpoint not reached."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    for url in (f"http://127.0.0.1:{port}/", "http://name.invalid/"):
        with pytest.raises(EndpointConnectionError):
            sending.send(request_of(url))


def test_connecting_takes_too_long() -> None:
    """A server that accepts nobody any more is given up after the time limit."""
    sending = Transport(SOON, SOON)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        address = listening.getsockname()
        with socket.create_connection(address), pytest.raises((ConnectTimeoutError, ReadTimeoutError)):
            sending.send(request_of(f"http://127.0.0.1:{address[1]}/"))


def test_a_header_of_two_lines_is_not_sent(sending: Transport) -> None:
    """A line break in a header would begin another header, or the body: it is refused before anything is sent."""
    request = AWSRequest("POST", "http://127.0.0.1:9/", {"X-Amz-Target": "T\r\nX-Injected: 1"}, b"{}").prepare()

    with pytest.raises(ValueError, match="more than one line"):
        sending.send(request)


AUTHORITY = trustme.CA()


def secured(names: str, inner: Serving) -> Serving:
    """A connection of TLS, with a certificate of the authority for the name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(names).configure_cert(context)

    def serve(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as wrapped:
                inner(wrapped)
        except (ssl.SSLError, ConnectionError):
            pass  # the client hung up, as it should

    return serve


@pytest.fixture
def _authority(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS_CA_BUNDLE names the authority."""
    with AUTHORITY.cert_pem.tempfile() as path:
        monkeypatch.setenv("AWS_CA_BUNDLE", path)
        transport._tls.cache_clear()
        yield
    transport._tls.cache_clear()


@pytest.mark.usefixtures("_authority")
def test_tls(sending: Transport) -> None:
    """Over TLS the connection is kept too."""
    with server(secured("localhost", answering(ok(b"1"), ok(b"2")))) as url:
        secure = url.replace("http:", "https:")
        assert [sending.send(request_of(secure)).content for _ in range(2)] == [b"1", b"2"]


@pytest.mark.usefixtures("_authority")
def test_certificate_of_another_name(sending: Transport) -> None:
    """A certificate for another host is refused before anything is sent."""
    received: list[bytes] = []
    refused = pytest.raises(SSLError)
    with server(secured("dynamodb.example.com", lambda it: received.append(read_request(it)))) as url, refused:
        sending.send(request_of(url.replace("http:", "https:")))

    assert received in ([], [b""])


def test_certificate_of_an_unknown_authority(sending: Transport) -> None:
    """A certificate that no trusted authority signed is refused."""
    transport._tls.cache_clear()
    with server(secured("localhost", answering(ok()))) as url, pytest.raises(SSLError):
        sending.send(request_of(url.replace("http:", "https:")))


def test_every_client_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore sends by this and by nothing else: if its pinned version had no such place, this would say so."""
    sent: list[str] = []

    def send(_transport: Transport, request: AWSPreparedRequest) -> None:
        sent.append(request.url)
        raise HTTPClientError(error="not sent")

    monkeypatch.setattr(Transport, "send", send)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    calls = (
        lambda: sdk.dynamodb().list_tables(),
        lambda: sdk.kms().list_keys(),
        lambda: sdk.ses().get_account(),
        lambda: sdk.eventbridge().list_event_buses(),
        lambda: sdk.tagging().get_resources(),
    )
    for call in calls:
        with pytest.raises(HTTPClientError):
            call()

    hosts = [url.split(".")[0] for url in sent]
    assert hosts == [
        f"https://{service}" for service in ("dynamodb", "kms", "email", "events", "tagging") for _ in range(3)
    ]


def test_no_hook_of_our_services_is_left_out() -> None:
    """The session registers botocore's hooks for all services; should one come for a service of ours, this says so."""
    ours = {"dynamodb", "kms", "ses", "sesv2", "events", "eventbridge", "resource-groups-tagging-api"}

    assert [spec[0] for spec in BUILTIN_HANDLERS if ours & {*spec[0].split(".")}] == []
    assert any(
        handler.__name__ == "generate_idempotent_uuid" for event, handler, *_ in BUILTIN_HANDLERS if "." not in event
    )
