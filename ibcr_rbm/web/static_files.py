"""Static files as browsers load them."""

import re

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Files named by their content; styles without comments, a tenth of their weight."""

    def _save(self, name: str, content: File[bytes]) -> str:
        if name.endswith(".css"):
            content.seek(0)
            content = ContentFile(COMMENT.sub("", content.read().decode()).encode())
        saved: str = super()._save(name, content)  # type: ignore[misc]  # The stubs leave it out.
        return saved


class StaticFilesStorage(HashedStaticFilesStorage, CompressedManifestStaticFilesStorage):
    """The same, each also compressed."""
