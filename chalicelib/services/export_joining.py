"""Joining the segments of an export to one file: copied inside the bucket, or read and sent together where they are small.

Segments never change, so joining them again gives the same file. Which of them make a part follows from their sizes alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.errors import NotFound
from chalicelib.domain.export_job import ExportJob
from chalicelib.services.deps import Deps
from chalicelib.services.export_drawing import TYPES, load_segment
from chalicelib.store import export_files
from chalicelib.store.objects import find_object, has_object

PART = 5 << 20
"""Bytes that S3 asks of every part but the last."""
PARTS = 20
"""Parts that are joined before it is noted."""


def join(deps: Deps, job: ExportJob) -> ExportJob:
    """The job with its upload opened, with more segments joined, or finished."""
    if not job.upload:
        return replace(job, upload=export_files.open_upload(job.id, TYPES[job.kind][1]))
    parts = group_segments(job.sizes)
    if len(job.tags) < len(parts):
        return _add(job, parts)
    is_joined = export_files.close_upload(job.id, job.upload, job.tags) or has_object(export_files.file_key(job.id))
    return replace(job, finished_at=deps.clock()) if is_joined else _begin_again(job)


def group_segments(sizes: Sequence[int]) -> list[range]:
    """Which segments make each part: neighbours, so many that they are large enough; the last part may be small.

    >>> group_segments([8 << 20, 1, 2, 6 << 20, 3])
    [range(0, 1), range(1, 4), range(4, 5)]
    """
    parts, start, together = [], 0, 0
    for number, size in enumerate(sizes):
        together += size
        if together >= PART:
            parts.append(range(start, number + 1))
            start, together = number + 1, 0
    return [*parts, range(start, len(sizes))] if start < len(sizes) else parts


def _add(job: ExportJob, parts: Sequence[range]) -> ExportJob:
    """Some parts more; where the upload is gone it begins again."""
    tags = list(job.tags)
    for segments in parts[len(tags) : len(tags) + PARTS]:
        tag = _send(job, len(tags) + 1, [load_segment(job.id, number).key for number in segments])
        if tag is None:
            return _begin_again(job)
        tags.append(tag)
    return replace(job, tags=tuple(tags))


def _send(job: ExportJob, number: int, keys: Sequence[str]) -> str | None:
    """One part; its tag, None when the upload is gone."""
    if len(keys) == 1:
        return export_files.copy_part(job.id, job.upload, number, keys[0])
    return export_files.send_part(job.id, job.upload, number, b"".join(map(_read, keys)))


def _read(key: str) -> bytes:
    found = find_object(key)
    if found is None:
        raise NotFound("object", key)
    return found


def _begin_again(job: ExportJob) -> ExportJob:
    return replace(job, upload="", tags=())
