"""The deployment that tests run against: moto with the stack of infra/resources.yaml, emptied before every test.

The stack is made once per process (seconds); emptying it reaches into moto's memory (microseconds). Nothing leaves the process.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import botocore.session
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from tests.support import moto_patches, quick_calls

REGION = "eu-west-1"
TEMPLATE = Path(__file__).parents[2] / "infra" / "resources.yaml"
ISSUER, AUDIENCE = "https://id.example.com/", "billing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Names of what the stack made, and the private half of the key that tokens are checked with."""

    outputs: dict[str, str]
    private_key: str
    public_key: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables the functions are deployed with."""
        return {
            "BILLING_TABLE": self.outputs["BillingTable"],
            "WORK_TABLE": self.outputs["WorkTable"],
            "BUCKET": self.outputs["Bucket"],
            "BILL_QUEUE_URL": self.outputs["BillQueueUrl"],
            "NOTICES_QUEUE_URL": self.outputs["NoticesQueueUrl"],
            "MAILS_QUEUE_URL": self.outputs["MailsQueueUrl"],
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "JWT_PUBLIC_KEY": self.public_key,
            "STAGE": "test",
        }

    def clear(self) -> None:
        """Empty tables, bucket and queues; keep the stack."""
        moto_patches.forget_tokens()
        for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()
        bucket = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[self.outputs["Bucket"]]
        for key in list(bucket.keys):
            bucket.keys.pop(key)
        bucket.multiparts.clear()
        sqs = sqs_backends[DEFAULT_ACCOUNT_ID][REGION]
        for name, queue in sqs.queues.items():
            queue.last_purged_at = None  # a queue may be purged once a minute
            sqs.purge_queue(name)


@contextmanager
def running_cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Start moto, create the stack, and give the process its environment."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")  # moto does not know account hosts
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    moto_patches.apply()
    quick_calls.apply()
    with mock_aws():
        private, public = _make_key_pair()
        cloud = Cloud(outputs=_create_stack(), private_key=private, public_key=public)
        for name, value in cloud.environment.items():
            monkeypatch.setenv(name, value)
        yield cloud


def _create_stack() -> dict[str, str]:
    client = botocore.session.get_session().create_client("cloudformation")
    logging.getLogger("moto").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # moto's CloudFormation leaves out policies and alarms, which moto would not enforce anyway
        warnings.filterwarnings("ignore", message="Tried to parse AWS::", category=UserWarning)
        client.create_stack(StackName="billing", TemplateBody=TEMPLATE.read_text())
    outputs = client.describe_stacks(StackName="billing")["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def _make_key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
