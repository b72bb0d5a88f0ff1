"""A hook of MkDocs: what the site shows of the files that lie outside of docs.

The start page is the README.  A link to the code is relative, so that it works in a checkout, and
leads to the repository on the site; without `repo_url` it is the bare path.  A file that does not
exist is a warning, on which the strict build fails.
"""

import logging
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
START = "index.md"
LINK = re.compile(r"\[([^]\n]*)\]\(([^)\s:]+)\)")  # of this repository: no colon, so no scheme
LOG = logging.getLogger("mkdocs.hooks.site_pages")


def on_page_markdown(markdown: str, page: Any, config: Mapping[str, Any], **_: object) -> str:  # noqa: ANN401 - MkDocs is not installed where types are checked
    """The text of a page, with each link as the site needs it."""
    start = page.file.src_uri == START
    text = (ROOT / "README.md").read_text(encoding="utf-8") if start else markdown
    source = "README.md" if start else f"docs/{page.file.src_uri}"
    return LINK.sub(lambda link: _shown(link, source, config["repo_url"]), text)


def _shown(link: re.Match[str], source: str, repository: str | None) -> str:
    """A link within the site, into the repository, or no link."""
    words, target = link.groups()
    path, _, heading = target.partition("#")
    if not path:
        return link[0]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    if path == "README.md" or (path.startswith("docs/") and not (ROOT / path).is_dir()):
        place = START if path == "README.md" else path.removeprefix("docs/")
        base = posixpath.dirname(source).removeprefix("docs").strip("/")
        return f"[{words}]({posixpath.relpath(place, base or '.')}{'#' * bool(heading)}{heading})"
    if not (ROOT / path).exists():
        LOG.warning("%s links to %s, which does not exist", source, path)
    return f"[{words}]({repository.rstrip('/')}/blob/HEAD/{path})" if repository else words
