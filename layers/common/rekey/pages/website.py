"""The hosted pages' files: templates rendered for a language, and assets under names that change with their content."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rekey.pages import brand, icon

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PNG = "image/png"
MOST_PAGES = 100  # kept rendered, 40 KB each: every page in every language, and some that lead on to elsewhere
_IMPORTED = re.compile(r'(?<=from "\./)[\w-]+\.js(?=")')


class Texts(Protocol):
    """A language's texts, as gettext has them."""

    def gettext(self, text: str, /, **fields: Any) -> str: ...
    def ngettext(self, one: str, many: str, number: int, /, **fields: Any) -> str: ...


@dataclass(frozen=True)
class File:
    """What is sent: the content, its digest, and the same as API Gateway takes it."""

    media_type: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    @property
    def is_text(self) -> bool:
        """Whether it may be sent as it is, and is worth compressing."""
        return self.media_type != PNG

    @cached_property
    def base64(self) -> str:
        """Compressed, where that is of use. No time stands in it: the same content is the same bytes."""
        return base64.b64encode(gzip.compress(self.content, 9, mtime=0) if self.is_text else self.content).decode()


class Website:
    """The folder `web/`, drawn in a company's colour and telling what `facts` hold."""

    def __init__(self, folder: Path, accent: str, facts: dict[str, Any], texts: Callable[[str], Texts]) -> None:
        self._folder, self._accent, self._facts, self._texts = folder, accent, facts, texts
        self._names = {path.name for path in (folder / "assets").iterdir()}
        self._templates = cache(self._environment)
        self.asset = cache(self._asset)
        self.page = lru_cache(MOST_PAGES)(self._page)  # bounded: `query` is a caller's

    def asset_by_path(self, path: str) -> File | None:
        """Only under its present name: an old name must not keep new content for ever."""
        stem, _, rest = path.removeprefix("/assets/").partition(".")
        _, _, suffix = rest.partition(".")
        name = f"{stem}.{suffix}"
        return self.asset(name) if name in self._names and self.url(name) == path else None

    def url(self, name: str) -> str:
        stem, _, suffix = name.rpartition(".")
        return f"/assets/{stem}.{self.asset(name).digest}.{suffix}"

    def _asset(self, name: str) -> File:
        """A module's imports are rewritten to the names of this version: then all of it can be kept for ever."""
        text = (self._folder / "assets" / name).read_text("utf-8")
        if name.endswith(".css"):
            text = brand.style(self._accent) + text
        if name.endswith(".svg"):
            text = text.replace("ACCENT", self._accent).replace("MARK", brand.text_on(self._accent))
        text = _IMPORTED.sub(lambda found: self.url(found[0]).removeprefix("/assets/"), text)
        return File(MEDIA_TYPES[Path(name).suffix], text.encode())

    @cached_property
    def icon(self) -> File:
        """For browsers that draw no SVG beside a page's name, and those that look for nothing but `/favicon.ico`."""
        return File(PNG, icon.png(self._accent, brand.text_on(self._accent)))

    def _page(self, name: str, language: str, query: str) -> File:
        """`query` is what the language links keep of the address."""
        template = self._templates(language).get_template(f"{name}.html")
        return File(MEDIA_TYPES[".html"], template.render(page=name, lang=language, query=query).encode())

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(self._folder / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        texts = self._texts(language)
        environment.globals |= {**self._facts, "asset": self.url, "_": texts.gettext, "ngettext": texts.ngettext}
        return environment
