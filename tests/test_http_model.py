"""A model behind HTTP: real sockets, servers that behave badly in every way, and a real package's server."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.core import Claim, Problem, Record, Verdict
from neurosym.errors import UsageError
from neurosym.models import Output, Sampling, http
from neurosym.models.http import Http, Refused, read, seconds_to_wait

KEY = "sk-secret-0123456789"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(http, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(http, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.4)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def records(count: int = 1) -> list[Record]:
    problems = [Problem("blocksworld", "pddl", {"number": number}) for number in range(count)]
    return [Record(each, f"prompt {i}", "", Claim(None), Verdict.malformed(), "", "", "", "")
            for i, each in enumerate(problems)]  # fmt: skip


def completion(*texts, tokens=3, **more) -> bytes:
    choices = [{"index": i, "message": {"role": "assistant", "content": text}} for i, text in enumerate(texts)]
    return json.dumps({"choices": choices, "usage": {"completion_tokens": tokens * len(texts)}} | more).encode()


@contextmanager
def serving(answer):
    """A server; `answer(question)` gives (status, body), (status, body, headers), or writes to the socket itself."""
    questions: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            question = json.loads(body)
            questions.append(question | {"path": self.path, "key": self.headers["Authorization"]})
            reply = answer(question)
            if callable(reply):
                reply(self)
                self.close_connection = True
                return
            status, content, *headers = reply
            self.send_response(status)
            for name, value in dict(*headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", questions
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(url: str, sampling: Sampling | None = None, count: int = 1, **options) -> list[tuple[Output, ...]]:
    found = dict(Http(url, "a-model", **options).answer(records(count), sampling or Sampling()))
    assert sorted(found) == list(range(count))
    return [found[place] for place in range(count)]


def one(answer) -> tuple[Output, list[dict]]:
    """The one output of a server that answers so, and what it was asked."""
    with serving(answer) as (url, questions):
        ((output,),) = ask(url)
    return output, questions


def test_a_question_and_its_answer(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    output, (question,) = one(lambda question: (200, completion("(pick-up a)")))
    assert (output.text, output.tokens, output.error, output.logprob) == ("(pick-up a)", 3, "", None)
    assert output.seconds > 0
    assert question["path"] == "/v1/chat/completions" and question["key"] == f"Bearer {KEY}"
    assert question["messages"] == [{"role": "user", "content": "prompt 0"}]
    assert (question["model"], question["temperature"], question["max_tokens"]) == ("a-model", 0.0, 512)


def test_nothing_of_a_record_but_its_prompt_is_sent():
    with serving(lambda question: (200, completion("x"))) as (url, questions):
        record = records()[0]
        secret = Record(record.problem, "prompt", "the completion", Claim("answer"), Verdict.correct(), "", "", "", "")
        list(Http(url, "m").answer([secret], Sampling()))
    assert set(questions[0]) - {"path", "key"} == {"model", "messages", "temperature", "max_tokens", "seed", "logprobs"}
    assert "answer" not in json.dumps(questions) and "the completion" not in json.dumps(questions)


def test_logprobs_are_summed_and_counted():
    def answer(question):
        assert question["logprobs"] is True
        content = [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1}]
        choice = {"message": {"content": "ab"}, "logprobs": {"content": content}}
        return 200, json.dumps({"choices": [choice]}).encode()

    output, _ = one(answer)
    assert (output.tokens, output.logprob) == (2, -1.5)


@pytest.mark.parametrize("logprobs", [
    3, "x", [], {}, {"content": 1}, {"content": [1]}, {"content": [{"logprob": "x"}]}, {"content": [{"logprob": 1}]},
    {"content": [{"logprob": -10**400}]}, {"content": [{"logprob": True}]}, {"content": [{"logprob": float("nan")}]},
])  # fmt: skip
def test_logprobs_that_are_none_are_ignored(logprobs):
    choice = {"message": {"content": "ab"}, "logprobs": logprobs}
    (output,) = read(json.dumps({"choices": [choice]}).encode())
    assert (output.text, output.logprob, output.error) == ("ab", None, "")


def test_samples_of_one_request():
    with serving(lambda question: (200, completion("a", "b", "c"))) as (url, questions):
        ((*outputs,),) = ask(url, Sampling(3, 0.8, 20, seed=4))
    assert [output.text for output in outputs] == ["a", "b", "c"]
    assert [question["n"] for question in questions] == [3]


def test_samples_that_a_server_leaves_out_are_asked_for_again_under_other_seeds():
    texts = iter("abc")
    with serving(lambda question: (200, completion(next(texts)))) as (url, questions):
        ((*outputs,),) = ask(url, Sampling(3, 0.8, 20, seed=4))
    assert [output.text for output in outputs] == ["a", "b", "c"]
    assert [question.get("n") for question in questions] == [3, 2, None]
    assert len({question["seed"] for question in questions}) == 3


def test_more_choices_than_asked_for_are_dropped():
    output, _ = one(lambda question: (200, completion("a", "b")))
    assert output.text == "a"


def test_seeds_are_those_of_the_record_and_sample():
    seeds = []
    for _ in range(2):
        with serving(lambda question: (200, completion("a"))) as (url, questions):
            ask(url, count=5)
        seeds.append({question["messages"][0]["content"]: question["seed"] for question in questions})
    assert seeds[0] == seeds[1] and len(set(seeds[0].values())) == 5


@pytest.mark.parametrize("status", [400, 422])
def test_a_field_that_a_server_refuses_is_left_out_from_then_on(status):
    def answer(question):
        if "seed" in question:
            return status, b'{"error": {"message": "Unknown field: seed"}}'
        return 200, completion("a")

    with serving(answer) as (url, questions):
        outputs = ask(url, count=3, parallel=1)
    assert [output.text for (output,) in outputs] == ["a"] * 3
    assert len(questions) == 4 and all("logprobs" in question for question in questions)


def test_a_bad_request_costs_the_others_nothing():
    def answer(question):
        if question["messages"][0]["content"] == "prompt 0":
            return 400, b'{"error": {"message": "the prompt is longer than the context"}}'
        return 200, completion("a")

    with serving(answer) as (url, questions):
        (first,), (second,) = ask(url, count=2, parallel=1)
    assert first.error == "HTTP 400: the prompt is longer than the context" and second.text == "a"
    assert "logprobs" in questions[-1]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_a_busy_server_is_asked_again(status):
    replies = iter([(status, b"busy"), (status, b"busy"), (200, completion("a"))])
    output, questions = one(lambda question: next(replies))
    assert (output.text, output.error, len(questions)) == ("a", "", 3)


def test_a_server_that_stays_busy_is_an_error_of_each_record():
    with serving(lambda question: (503, b"<html>overloaded\n</html>")) as (url, questions):
        outputs = ask(url, count=2)
    assert [output.error for (output,) in outputs] == ["HTTP 503: <html>overloaded </html> (tries: 5)"] * 2
    assert len(questions) == 2 * http.ATTEMPTS


def test_the_wait_that_a_server_asks_for_is_kept_and_capped(monkeypatch):
    monkeypatch.setattr(http, "LONGEST_WAIT", 0.3)
    replies = iter([(429, b"", {"Retry-After": "3600"}), (200, completion("a"))])
    began = time.monotonic()
    output, _ = one(lambda question: next(replies))
    assert output.text == "a" and 0.3 <= time.monotonic() - began < 3


@pytest.mark.parametrize("header, least, most", [
    ("7", 7, 7), ("", 0, 0), ("-3", 0, 0), ("soon", 0, 0), ("9" * 5000, 1e8, 1e9), ("inf", 0, 0), ("³", 0, 0),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), ("Wed, 21 Oct 2099 07:28:00 GMT", 1e9, 1e10),
])  # fmt: skip
def test_retry_after(header, least, most):
    assert least <= seconds_to_wait(header) <= most


def drops(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + completion("a")[:50])


def cut_chunk(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500\r\nabc")


def no_http(handler):
    handler.wfile.write(b"\x00\xff junk\r\n\r\n")


def endless_header(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000)


@pytest.mark.parametrize("behaviour", [drops, cut, cut_chunk, no_http, endless_header])
def test_a_broken_connection_is_tried_again_and_then_an_error(behaviour):
    replies = iter([behaviour, (200, completion("a"))])
    assert one(lambda question: next(replies))[0].text == "a"
    output, questions = one(lambda question: behaviour)
    assert output.text == "" and "(tries: 5)" in output.error and len(questions) == http.ATTEMPTS


def silent(handler):
    time.sleep(1)


def dribbling(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(handler)


def dribbling_without_length(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(handler)


def dribbling_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    drip(handler)


def drip(handler):
    try:
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.parametrize("behaviour", [silent, dribbling, dribbling_without_length, dribbling_headers])
def test_no_answer_in_time_is_an_error_after_a_second_try(behaviour):
    began = time.monotonic()
    output, questions = one(lambda question: behaviour)
    assert "no whole answer within 0.4 s (tries: 2)" in output.error and len(questions) == 2
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("body, error", [
    (b"", "no JSON"), (b"<html>", "no JSON"), (b"\xff\xfe{}", "no UTF-8"), (b'{"choices": [\xff]}', "no UTF-8"),
    (b"[" * 100_000, "no JSON"), (b'{"a":' * 100_000, "no JSON"), (b"9" * 100_000, "no JSON"), (b"null", "no choices"),
    (b"[]", "no choices"), (b"{}", "no choices"), (b'{"choices": []}', "no choices"),
    (b'{"choices": {}}', "no choices"), (b'{"choices": [null]}', "no text"), (completion(None), "no text"),
    (b'{"choices": [{"message": "a"}]}', "no text"), (completion(""), "no text"), (completion(["a"]), "no text"),
    (completion("\ud800"), "no Unicode"), (completion("a" * (1 << 20) + "b"), "larger than 1 MB"),
])  # fmt: skip
def test_junk_is_an_error(body, error):
    output, questions = one(lambda question: (200, body))
    assert error in output.error and output.text == "" and len(questions) == 1


def test_a_huge_response_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(http, "ANSWER_SECONDS", 10.0)
    monkeypatch.setattr(http, "MOST_RESPONSE", 1 << 20)
    written = []

    def huge(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            for _ in range(1000):
                handler.wfile.write(b" " * (1 << 20))
                written.append(1)
        except OSError:
            pass

    output, questions = one(lambda question: huge)
    assert output.error == "the server's answer is larger than 1 MB" and len(questions) == 1
    assert len(written) < 100


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage", "logprobs", "logprob"]), inner)
    | st.fixed_dictionaries({"choices": st.lists(inner, max_size=3)}),
    max_leaves=20,
))  # fmt: skip
def test_any_json_is_outputs_or_refused(value):
    try:
        outputs = read(json.dumps(value).encode())
    except Refused:
        return
    for output in outputs:
        assert bool(output.text) != bool(output.error) and output.tokens >= 0


def test_a_client_error_is_not_tried_again():
    output, questions = one(lambda question: (413, b"too large"))
    assert output.error == "HTTP 413: too large" and len(questions) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_key_or_model_ends_the_run_in_one_line(status, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said = json.dumps({"error": {"message": f"Incorrect API key provided:\n {KEY}"}}).encode()
    with serving(lambda question: (status, said)) as (url, _), pytest.raises(UsageError) as error:
        ask(url, count=20)
    assert f"HTTP {status}: Incorrect API key provided: ***" in str(error.value)
    assert KEY not in str(error.value) and "\n" not in str(error.value)


def test_a_server_that_refuses_later_keeps_what_was_answered():
    replies = iter([(200, completion("a")), (404, b"gone"), (200, completion("b"))])
    with serving(lambda question: next(replies)) as (url, _):
        outputs = ask(url, count=3, parallel=1)
    assert [(output.text, output.error) for (output,) in outputs] == [("a", ""), ("", "HTTP 404: gone"), ("b", "")]


def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def test_no_server_at_all_is_one_clear_line():
    with pytest.raises(UsageError, match=r"no server answers at http://127\.0\.0\.1:.*refused") as error:
        ask(f"http://127.0.0.1:{closed_port()}/v1", count=20)
    assert "\n" not in str(error.value)


def test_a_host_that_does_not_exist_is_one_clear_line():
    with pytest.raises(UsageError, match=r"no server answers at http://no-such-host\.invalid"):
        ask("http://no-such-host.invalid/v1")


def test_a_server_that_goes_away_ends_the_run_after_some_errors(monkeypatch):
    monkeypatch.setattr(http, "LOST_AFTER", 3)
    with serving(lambda question: (200, completion("a"))) as (url, _):
        model = Http(url, "m", parallel=1)
        assert [outputs[0].text for _, outputs in model.answer(records(2), Sampling())] == ["a", "a"]
    outputs = []
    with pytest.raises(UsageError, match="no server answers"):
        for _, (output,) in model.answer(records(10), Sampling()):
            outputs.append(output)
    assert len(outputs) == 2 and all("refused" in output.error for output in outputs)


def test_plain_http_to_a_tls_address_is_one_clear_line():
    with serving(lambda question: (200, completion("a"))) as (url, _), pytest.raises(UsageError, match="no server"):
        ask(url.replace("http://", "https://"))


def test_the_key_is_in_no_log_error_name_or_output(monkeypatch, caplog, capfd):
    monkeypatch.setenv("OTHER_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    replies = iter([(500, KEY.encode()), (418, KEY.encode())])
    with serving(lambda question: next(replies)) as (url, questions):
        model = Http(url, "m", key_variable="OTHER_KEY")
        ((_, (output,)),) = model.answer(records(), Sampling())
    assert questions[0]["key"] == f"Bearer {KEY}" and "***" in output.error
    captured = capfd.readouterr()
    assert KEY not in f"{output}{model.name}{caplog.text}{captured.out}{captured.err}"


@pytest.mark.parametrize("key", ["sk-a\nHost: evil", "sk-\u20ac", "sk-\x00"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(key, monkeypatch):
    if "\x00" in key:
        monkeypatch.setattr(http.os, "environ", {"OPENAI_API_KEY": key})
    else:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as error:
        Http("http://localhost/v1", "m")
    assert "sk-" not in str(error.value)


def test_no_key_is_sent_where_there_is_none():
    _, (question,) = one(lambda question: (200, completion("a")))
    assert question["key"] is None


@pytest.mark.parametrize("url", [
    "", "localhost:8000", "ftp://host/v1", "http://", "http://host:port/v1", "http://[::1/v1", "http://host:99999/v1",
    "http://user:sk-secret@host/v1", "http://user:sk-secret@[::1", "http://host/a b", "http://host/\n", "http://hôst/",
    f"http://{'a' * 64}.example/v1",
])  # fmt: skip
def test_a_url_that_is_none_is_one_clear_line(url):
    with pytest.raises(UsageError) as error:
        Http(url, "m")
    assert "sk-secret" not in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("path, asked", [("", "/v1/chat/completions"), ("/", "/v1/chat/completions"),
                                         ("/v1/", "/v1/chat/completions"), ("/api", "/api/chat/completions"),
                                         ("/v1/chat/completions", "/v1/chat/completions")])  # fmt: skip
def test_where_a_url_leads(path, asked):
    with serving(lambda question: (200, completion("a"))) as (url, questions):
        ask(url.removesuffix("/v1") + path)
    assert questions[0]["path"] == asked


def test_requests_run_side_by_side_and_no_more_than_asked_for():
    running, most, lock = 0, 0, threading.Lock()

    def answer(question):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        return 200, completion("a")

    with serving(answer) as (url, _):
        began = time.perf_counter()
        outputs = ask(url, count=16, parallel=4)
        whole = time.perf_counter() - began
    assert most == 4 and whole < 16 * 0.05
    assert sum(output.seconds for (output,) in outputs) <= whole


def test_who_stops_listening_stops_asking():
    def answer(question):
        time.sleep(0.02)
        return 200, completion("a")

    with serving(answer) as (url, questions):
        answers = Http(url, "m", parallel=2).answer(records(100), Sampling())
        next(answers)
        answers.close()
        time.sleep(0.2)
        assert len(questions) < 10


def test_no_records_no_requests():
    assert ask(f"http://127.0.0.1:{closed_port()}/v1", count=0) == []


@pytest.mark.slow
def test_transformers_serve_answers_as_the_local_model_does(tmp_path, monkeypatch):
    for package in ("torch", "peft", "fastapi", "uvicorn", "openai"):
        pytest.importorskip(package)
    from neurosym.models import nano
    from neurosym.models.base import Base
    from neurosym.models.local import Local

    monkeypatch.setattr(http, "ANSWER_SECONDS", 60.0)
    monkeypatch.setattr(http, "FIRST_WAIT", 1.0)
    monkeypatch.setattr(http, "LONGEST_WAIT", 20.0)
    model, tokenizer = nano.new([record.prompt for record in records(20)], seed=1)
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    asked, sampling = records(6), Sampling(max_tokens=12)
    expected = dict(Local(Base(model, tokenizer, "nano"), "nano").answer(asked, sampling))

    port = closed_port()
    code = "from transformers.cli.transformers import main; main()"
    command = [sys.executable, "-c", code, "serve", str(tmp_path), "--port", str(port), "--device", "cpu"]
    log = tmp_path / "log"
    with log.open("wb") as written, subprocess.Popen(command, stdout=written, stderr=written) as server:
        try:
            wait_for(port, server, log)
            served = Http(f"http://localhost:{port}/v1", str(tmp_path), parallel=2)
            found = dict(served.answer(asked, sampling))
            ((_, (refusal,)),) = Http(f"http://localhost:{port}/v1", "another").answer(asked[:1], sampling)
        finally:
            server.terminate()
            server.wait(20)
    for place, (output,) in expected.items():
        assert found[place][0].text == output.text and not found[place][0].error
        assert found[place][0].tokens == output.tokens
    assert "HTTP 400" in refusal.error and "pinned" in refusal.error


def wait_for(port: int, server: subprocess.Popen, log) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text())
