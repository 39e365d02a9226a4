"""Uploaded files with open questions: stored for their owner until answered, for an hour."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken

from indicators.import_export.files.headings import KIND
from indicators.import_export.files.table import OpenQuestions, Question, Reading
from indicators.import_export.importer import read_kind_table
from indicators.import_export.previews import LIFETIME, make_preview
from indicators.models import ImportPreview, ImportUpload
from strategy.choices import RecordKind
from strategy.models import User


def save_upload(
    kind: RecordKind, content: bytes, file_name: str, *, by: User, at: datetime
) -> tuple[ImportUpload, str]:
    """Store the file encrypted; return it with the key, which is stored nowhere."""
    ImportUpload.objects.filter(created_at__lt=at - LIFETIME).delete()
    key = Fernet.generate_key()
    upload = ImportUpload.objects.create(
        owner=by,
        kind=kind,
        file_name=file_name[:200],
        content=Fernet(key).encrypt(content),
        created_at=at,
    )
    return upload, key.decode()


def get_upload(identifier: uuid.UUID, owner: User, at: datetime) -> ImportUpload | None:
    recent = ImportUpload.objects.filter(created_at__gte=at - LIFETIME)
    return recent.filter(uuid=identifier, owner=owner).first()


def decrypt(upload: ImportUpload, key: str) -> bytes | None:
    """Return the file; None without the key that it was stored with."""
    try:
        return Fernet(key).decrypt(bytes(upload.content))
    except (InvalidToken, ValueError):
        return None


def list_questions(upload: ImportUpload, content: bytes) -> Sequence[Question]:
    """Return the questions without an answer; may raise UnreadableFile."""
    try:
        read_kind_table(content, RecordKind(upload.kind), Reading(upload.answers))
    except OpenQuestions as error:
        return error.questions
    return ()


def answer_questions(
    upload: ImportUpload, content: bytes, answers: Mapping[str, Sequence[str]], at: datetime
) -> ImportPreview | None:
    """Return the preview of the file; None if the answers raise other questions.

    May raise UnreadableFile.
    """
    upload.answers = {**upload.answers, **answers}
    upload.kind = upload.answers.get(KIND, [upload.kind])[0]
    try:
        preview = make_preview(
            RecordKind(upload.kind),
            content,
            upload.file_name,
            by=upload.owner,
            at=at,
            answers=upload.answers,
        )
    except OpenQuestions:
        upload.save(update_fields=["answers", "kind"])
        return None
    upload.delete()
    return preview
