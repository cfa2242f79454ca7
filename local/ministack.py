"""The AWS emulator as seen from the runner: start it, wait for it, know its address.

Bound to 127.0.0.1, on a port of its own choice, with only the services that the product uses. It writes tables and queues to
disk when it stops cleanly; files are written at once.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.config import Config

from local.children import Child, start_child
from local.health import is_healthy
from local.home import Home, LocalError

HOST = "127.0.0.1"
REGION = "eu-central-1"
SERVICES = (
    "cloudformation",
    "dynamodb",
    "dynamodbstreams",
    "events",
    "iam",
    "logs",
    "monitoring",
    "s3",
    "ses",
    "sns",
    "sqs",
    "sts",
)
KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""Given to both sides: the emulator checks the signatures of presigned links with its own."""
START_SECONDS = 60.0
STOP_SECONDS = 90.0


def start_emulator(home: Home) -> tuple[Child, str]:
    """Start it on a free port; answers the child and its endpoint. Call `await_emulator` before using it."""
    port = _free_port()
    environment = {**os.environ, **_settings(home, port)}
    child = start_child("emulator", ["local.emulator"], environment, home.logs / "emulator.log")
    return child, f"http://{HOST}:{port}"


def await_emulator(child: Child, endpoint: str) -> None:
    """Return when it answers; raises with a pointer to its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.is_alive:
        if is_healthy(endpoint, "/_ministack/health"):
            return
        time.sleep(0.05)
    raise LocalError(f"The AWS emulator did not start; see {child.log}.")


def client_environment(endpoint: str) -> Mapping[str, str]:
    """What makes any AWS SDK talk to the emulator and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        **KEYS,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": f"{HOST},localhost",
        "no_proxy": f"{HOST},localhost",
    }


def make_client(service: str, environment: Mapping[str, str]) -> Any:
    """A botocore client with the addresses and keys of `client_environment`."""
    return botocore.session.Session().create_client(
        service,
        region_name=environment["AWS_REGION"],
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(proxies={}),
    )


def _settings(home: Home, port: int) -> Mapping[str, str]:
    state = str(home.emulator)
    return {
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "SERVICES": ",".join(SERVICES),
        "PERSIST_STATE": "1",
        "STATE_DIR": state,
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home.emulator / "s3"),
        "TMPDIR": state,
        **KEYS,
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # it would otherwise look for containers to clean up
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
