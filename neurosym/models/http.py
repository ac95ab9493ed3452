"""A language model behind an OpenAI-compatible server (vLLM, llama.cpp, `transformers serve`, a provider).

Contract: what the server says is data. Whatever is wrong with one answer (a refusal, no answer in time, no JSON, no
text, too much of it) is an `Output` with its error, after bounded tries where trying again can help. A UsageError means
that the server cannot be asked at all: nobody listens, or it refuses the key or the model's name before it answered
anything. The key is read from the environment, sent in one header, and never part of a name, an error or a log.

Protocol: POST URL/chat/completions, https://platform.openai.com/docs/api-reference/chat. Fields that a server refuses
(logprobs, seed, n) are left out from then on; samples that it leaves out are asked for again.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from neurosym.core import Record, stream
from neurosym.errors import UsageError
from neurosym.models import Output, Sampling

ATTEMPTS = 5
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds before the second try, twice as many before each further one; what the server asks for if it is longer."""

CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 600.0
MOST_TEXT, MOST_RESPONSE = 1 << 20, 16 << 20
"""Bytes of one answer, and of the response around all samples of one record."""

TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
NOT_THIS_REQUEST = frozenset({400, 422})
NOT_THIS_CLIENT = frozenset({401, 403, 404})
OPTIONAL = ("logprobs", "seed", "n")

LEAST_LOGPROB = -1e5
"""Servers write -9999 for what has no logarithm; what is far below is no log-probability."""

LOST_AFTER = 32
"""So many records in a row for which nobody listened end the run."""


class Refused(Exception):
    """There is no answer to this request, and why."""


class Unreachable(OSError):
    """Nobody listens."""


class Http:
    """The model of a server, asked by up to `parallel` requests at a time.

    `url` is that of the API, such as http://localhost:8000/v1; the key is in the environment's `key_variable`, if the
    server wants one. Raises UsageError for a URL or a key that cannot be sent.
    """

    def __init__(self, url: str, model: str, key_variable: str = "OPENAI_API_KEY", parallel: int = 8) -> None:
        if parallel < 1:
            raise UsageError(f"parallel must be at least 1, not {parallel}")
        self.name, self.model, self.parallel = f"{url}#{model}", model, parallel
        self.key_variable, self.key = key_variable, os.environ.get(key_variable, "").strip()
        if not (self.key.isascii() and self.key.isprintable()):
            raise UsageError(f"the key in {key_variable} cannot be sent: it has characters that no header may have")
        if "@" in url:
            raise UsageError(f"the URL must hold no name and no password: put the key into {key_variable}")
        try:
            parts = urlsplit(url)
            self.host, self.port, self.secure = parts.hostname or "", parts.port, parts.scheme == "https"
            self.host.encode("idna")  # as a connection does
        except ValueError as error:
            raise UsageError(f"{url!r} is no URL: {error}") from None
        printable = url.isascii() and url.isprintable() and " " not in url
        if parts.scheme not in ("http", "https") or not self.host or not printable:
            raise UsageError(f"{url!r} is no URL of a server: write http://HOST:PORT/v1")
        path = parts.path.rstrip("/") or "/v1"
        self.path = path if path.endswith("/chat/completions") else f"{path}/chat/completions"
        self.where = f"{parts.scheme}://{parts.netloc}"
        self.refused: frozenset[str] = frozenset()
        self.connected = self.answered = False
        self.lost = 0  # records in a row for which nobody listened

    def answer(self, records: Sequence[Record], sampling: Sampling) -> Iterator[tuple[int, tuple[Output, ...]]]:
        """Each record's place with its outputs, as they arrive."""
        places: queue.SimpleQueue[int] = queue.SimpleQueue()
        for place in range(len(records)):
            places.put(place)
        arrived: queue.SimpleQueue[tuple[int, tuple[Output, ...] | Exception]] = queue.SimpleQueue()
        ended = threading.Event()
        workers = min(self.parallel, len(records))

        def work() -> None:
            while not ended.is_set():
                try:
                    place = places.get_nowait()
                except queue.Empty:
                    return
                try:
                    arrived.put((place, self._answers(records[place], sampling, workers, ended)))
                except Exception as error:
                    arrived.put((place, error))

        for _ in range(workers):
            # A daemon, so that Ctrl-C does not wait for a server's last word.
            threading.Thread(target=work, daemon=True).start()
        try:
            for _ in records:
                place, outputs = arrived.get()
                if isinstance(outputs, Exception):
                    raise outputs
                yield place, outputs
        finally:
            ended.set()

    def _answers(self, record: Record, sampling: Sampling, workers: int, ended: threading.Event) -> tuple[Output, ...]:
        """All samples of a record. Their time is that of the requests, by the number of those at work beside."""
        began = time.perf_counter()
        outputs: list[Output] = []
        while len(outputs) < sampling.samples:
            missing = sampling.samples - len(outputs)
            seed = stream("answer", sampling.seed, record.problem.id, len(outputs)).getrandbits(31)
            question = {
                "model": self.model,
                "messages": [{"role": "user", "content": record.prompt}],
                "temperature": sampling.temperature,
                "max_tokens": sampling.max_tokens,
                "seed": seed,
                "logprobs": True,
            } | ({"n": missing} if missing > 1 else {})
            try:
                outputs += read(self._accepted(question, ended))[:missing]
            except Refused as error:
                outputs += [Output("", error=str(error))] * missing
        seconds = (time.perf_counter() - began) / (workers * sampling.samples)
        return tuple(replace(output, seconds=seconds) for output in outputs)

    def _accepted(self, question: dict[str, Any], ended: threading.Event) -> bytes:
        """The response to a question, without the optional fields that the server refuses."""
        left_out = set(self.refused)
        while True:
            asked = {name: value for name, value in question.items() if name not in left_out}
            status, response = self._sent(json.dumps(asked).encode(), ended)
            optional = [name for name in OPTIONAL if name in asked]
            if status in NOT_THIS_REQUEST and optional:
                left_out.add(next((name for name in optional if name.encode() in response), optional[0]))
            elif status == 200:
                self.answered, self.refused = True, self.refused | left_out
                return response
            else:
                refusal = f"HTTP {status}: {self._said(response)}"
                if status in NOT_THIS_CLIENT and not self.answered:
                    raise UsageError(f"{self.where} refuses {self.model} or the key in {self.key_variable}: {refusal}")
                raise Refused(refusal)

    def _sent(self, body: bytes, ended: threading.Event) -> tuple[int, bytes]:
        """Status and response to a request, tried again where that can help: once if there was no answer in time."""
        listened = False
        for tried in range(1, ATTEMPTS + 1):
            wait = FIRST_WAIT * 2 ** (tried - 1)
            try:
                status, asked_to_wait, response = self._exchanged(body)
                if status not in TRY_AGAIN:
                    return status, response
                problem, listened = f"HTTP {status}: {self._said(response)}", True
                wait = max(wait, asked_to_wait)
            except (OSError, http.client.HTTPException) as error:
                problem = self._clean(str(error) or type(error).__name__)
                listened = listened or not isinstance(error, Unreachable)
                if isinstance(error, TimeoutError) and tried >= 2:
                    break
            if tried < ATTEMPTS and ended.wait(min(wait, LONGEST_WAIT)):
                break
        self.lost = 0 if listened else self.lost + 1
        if not self.connected or self.lost >= LOST_AFTER:
            raise UsageError(f"no server answers at {self.where}: {problem}; start it, or correct the address")
        raise Refused(f"{problem} (tries: {tried})")

    def _exchanged(self, body: bytes) -> tuple[int, float, bytes]:
        """Status, the seconds that the server asks to wait, and the response to one request.

        Raises OSError or HTTPException where the connection failed, and Refused for a response beyond all bounds.
        """
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=CONNECT_SECONDS)
        late = threading.Event()
        try:
            try:
                connection.connect()
            except OSError as error:
                raise Unreachable(error.strerror or str(error)) from None
            self.connected = True
            connected = connection.sock
            connected.settimeout(None)

            def give_up() -> None:
                late.set()
                with suppress(OSError):
                    # Not the method of a TLS socket, which another thread must not call while one reads.
                    socket.socket.shutdown(connected, socket.SHUT_RDWR)

            # A socket's own timeout would begin anew with every byte that a slow server sends.
            watch = threading.Timer(ANSWER_SECONDS, give_up)
            watch.daemon = True
            watch.start()
            try:
                answer = self._response(connection, body)
            except (OSError, http.client.HTTPException):
                if not late.is_set():
                    raise
            finally:
                watch.cancel()
            if late.is_set():
                raise TimeoutError(f"no whole answer within {ANSWER_SECONDS:g} s")
            return answer
        finally:
            connection.close()

    def _response(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, float, bytes]:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        connection.request("POST", self.path, body, headers)
        response = connection.getresponse()
        content = response.read(MOST_RESPONSE + 1)
        if len(content) > MOST_RESPONSE:
            raise Refused(f"the server's answer is larger than {MOST_RESPONSE >> 20} MB")
        if response.length:
            raise http.client.IncompleteRead(content, response.length)
        return response.status, seconds_to_wait(response.headers.get("Retry-After", "")), content

    def _said(self, response: bytes) -> str:
        """The server's words about an error: its message if there is one, else the beginning of the response."""
        text = response[:4096].decode(errors="replace")
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = None
        for path in (("error", "message"), ("message",), ("detail",), ("error",)):
            message = found(told, *path)
            if isinstance(message, str):
                return self._clean(message)
        return self._clean(text)

    def _clean(self, text: str) -> str:
        """Words of others as one short printable line without the key."""
        hidden = text.replace(self.key, "***") if self.key else text
        return "".join(letter for letter in " ".join(hidden.split()) if letter.isprintable())[:200]


def read(response: bytes) -> list[Output]:
    """The outputs in a response, one a choice. Raises Refused for a response that is no chat completion."""
    try:
        completion = json.loads(response.decode())
    except UnicodeDecodeError:
        raise Refused("the server's answer is no UTF-8") from None
    except (ValueError, RecursionError):
        raise Refused("the server's answer is no JSON") from None
    choices = found(completion, "choices")
    if not isinstance(choices, list) or not choices:
        raise Refused("the server's answer has no choices")
    total = found(completion, "usage", "completion_tokens")
    share = total // len(choices) if type(total) is int and 0 < total < MOST_RESPONSE else 0
    return [_output(choice, share) for choice in choices]


def _output(choice: Any, tokens: int) -> Output:
    text, logprob = found(choice, "message", "content"), None
    told = found(choice, "logprobs", "content")
    if isinstance(told, list) and told:
        each = [found(token, "logprob") for token in told]
        if all(type(one) in (int, float) and LEAST_LOGPROB <= one <= 0 for one in each):
            tokens, logprob = len(each), float(sum(each))
    if not isinstance(text, str) or not text:
        return Output("", tokens, error="the server's answer has no text")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return Output("", tokens, error="the text of the server's answer is no Unicode")
    if size > MOST_TEXT:
        return Output("", tokens, error=f"the text of the server's answer is larger than {MOST_TEXT >> 20} MB")
    return Output(text, tokens, logprob=logprob)


def found(value: Any, *path: str) -> Any:
    """What stands at a path of keys in JSON, or None."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def seconds_to_wait(header: str) -> float:
    """The seconds that a Retry-After header asks for (RFC 9110, section 10.2.3): a number, a date, or nothing."""
    if header.isascii() and header.isdecimal():
        return float(header[:9])
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
