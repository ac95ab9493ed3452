"""A lake on an object store is the lake on the disk: made, enlarged and proved again, with the same digest."""

from __future__ import annotations

import socket

import pytest

import neurosym as ns
from neurosym.verify import verify


@pytest.fixture
def bucket(monkeypatch):
    """The URI of an empty bucket of an S3 server on this machine."""
    server_module = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for the test server")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="research")
    yield f"s3://research/lake?endpoint_override=127.0.0.1:{port}&scheme=http&region=us-east-1"
    server.stop()


def test_a_lake_in_a_bucket(bucket, tmp_path):
    task = ns.domain("random_ksat")
    ns.Lake(bucket).write(ns.annotate(task, count=20, seed=1))
    ns.Lake(bucket).write(ns.annotate(task, count=70, seed=1))
    local = ns.Lake(tmp_path / "lake")
    local.write(ns.annotate(task, count=70, seed=1))
    remote = ns.Lake(bucket)
    assert remote.digest == local.digest and list(remote.records()) == list(local.records())
    assert not remote.folder.exists("staging") and not verify(bucket).failures
