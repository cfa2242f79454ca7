"""Files of an export in the bucket: pages of its list, segments of its file, each written once, and the upload that joins them.

Whoever finds a page or segment there goes on from that one, so a step that is repeated changes nothing. All of it is deleted by
the bucket's own rule after two days, uploads that were never completed too.
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from chalicelib.domain.errors import Unavailable
from chalicelib.store.clients import names, s3
from chalicelib.store.failures import error_codes
from chalicelib.store.objects import find_object, put_object_once
from chalicelib.store.retry import retried

LOST = frozenset({"NoSuchUpload", "InvalidPart", "404"})
"""What S3 says of an upload that was completed or cleared away, or of a part that somebody copied once more."""


def folder(job_id: str) -> str:
    """Where all that belongs to a job lies."""
    return f"exports/jobs/{job_id}"


def file_key(job_id: str) -> str:
    """Where the finished file lies."""
    return f"{folder(job_id)}/file"


def segment_key(job_id: str, number: int, digest: str) -> str:
    """Where a segment's bytes lie; two workers that drew different ones keep both, and one of them is pinned."""
    return f"{folder(job_id)}/segments/{number:05d}.{digest}"


def pin(job_id: str, name: str, content: bytes) -> bytes:
    """Write a page or a segment's description once; what is there, which may be somebody else's."""
    key = f"{folder(job_id)}/{name}"
    if put_object_once(key, content):
        return content
    return load_pinned(job_id, name)


def load_pinned(job_id: str, name: str) -> bytes:
    """What was pinned; Unavailable while another writer is about to."""
    found = find_object(f"{folder(job_id)}/{name}")
    if found is None:
        raise Unavailable(f"{name} of export {job_id} is being written")
    return found


@retried
def open_upload(job_id: str, content_type: str) -> str:
    """Begin the upload of the file; its id."""
    answer = s3().create_multipart_upload(Bucket=names.bucket, Key=file_key(job_id), ContentType=content_type)
    return str(answer["UploadId"])


@retried
def copy_part(job_id: str, upload: str, number: int, source: str) -> str | None:
    """Copy a segment into the upload as part `number` (from 1); its tag, None when the upload is gone."""
    try:
        answer = s3().upload_part_copy(
            Bucket=names.bucket,
            Key=file_key(job_id),
            UploadId=upload,
            PartNumber=number,
            CopySource={"Bucket": names.bucket, "Key": source},
        )
    except ClientError as error:
        if LOST & set(error_codes(error)):
            return None
        raise
    return str(answer["CopyPartResult"]["ETag"])


@retried
def send_part(job_id: str, upload: str, number: int, body: bytes) -> str | None:
    """Send bytes as part `number` (from 1); its tag, None when the upload is gone."""
    try:
        answer = s3().upload_part(Bucket=names.bucket, Key=file_key(job_id), UploadId=upload, PartNumber=number, Body=body)
    except ClientError as error:
        if LOST & set(error_codes(error)):
            return None
        raise
    return str(answer["ETag"])


@retried
def close_upload(job_id: str, upload: str, tags: tuple[str, ...]) -> bool:
    """Make the file of the parts; False when the upload is gone, or holds another copy of a part by now."""
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    try:
        s3().complete_multipart_upload(
            Bucket=names.bucket, Key=file_key(job_id), UploadId=upload, MultipartUpload={"Parts": parts}
        )
    except ClientError as error:
        if LOST & set(error_codes(error)):
            return False
        raise
    return True
