"""`python -m layers.pdf.reading`: checks a PDF and takes the text of its pages, within bounds.

What is wanted comes as JSON on the standard input; one line of JSON goes to the standard output:
the texts, or why the file is refused in both languages.
"""

from __future__ import annotations

import os
import resource
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject

from spatial.errors import BadInput

MEGABYTE = 1024 * 1024
HEAD = 1024
"""Bytes within which a PDF says that it is one (ISO 32000-1, annex H.3.4.1)."""
LONGEST_PAGE = 100_000
"""Characters of a page's text that are kept: PostgreSQL indexes no text of a megabyte."""
MOST_ACTIONS = 20_000
"""Objects that are looked through for actions."""
ACTIVE = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/RichMediaExecute"}
"""Actions that run or send something (ISO 32000-1, table 198); a document of an office has none."""


def texts_of(path: Path, most_pages: int) -> list[str]:
    """The text of each page, empty where it is a picture.

    Raises:
        BadInput: it is no PDF, is encrypted, has no page or too many, or does something by itself.
    """
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(HEAD):
            raise BadInput("it is no PDF", "tệp này không phải là PDF")
        reader = PdfReader(file, strict=False)
        if reader.is_encrypted:
            raise BadInput(
                "it is encrypted; save it without a password",
                "tệp có mật khẩu; hãy lưu lại không mật khẩu",
            )
        number = len(reader.pages)
        if not 1 <= number <= most_pages:
            raise BadInput(
                f"it has {number} pages; there can be 1 to {most_pages}",
                f"tệp có {number} trang; được từ 1 đến {most_pages} trang",
            )
        _refuse_active(reader)
        return [_text(page.extract_text()) for page in reader.pages]


def _text(extracted: str) -> str:
    """A page's text as it is kept: composed, without control characters, cut to what is indexed."""
    composed = unicodedata.normalize("NFC", extracted.encode("utf-8", "ignore").decode())
    kept = "".join(
        letter for letter in composed if letter in "\n\t" or unicodedata.category(letter) != "Cc"
    )
    lines = (" ".join(line.split()) for line in kept.splitlines())
    return "\n".join(line for line in lines if line)[:LONGEST_PAGE]


def _refuse_active(reader: PdfReader) -> None:
    """Refuse a file that runs a script, starts a program or carries other files."""
    root: Any = reader.trailer["/Root"]
    names = _resolved(root.get("/Names"))
    if isinstance(names, DictionaryObject):
        if "/JavaScript" in names:
            raise _active()
        if "/EmbeddedFiles" in names:
            raise BadInput("it carries other files", "tệp mang theo tệp khác bên trong")
    for action in _actions(root, reader):
        if isinstance(action, DictionaryObject) and action.get("/S") in ACTIVE:
            raise _active()


def _active() -> BadInput:
    return BadInput(
        "it runs a script or starts a program when it is opened",
        "tệp chạy mã lệnh hoặc chương trình khi mở",
    )


def _actions(root: Any, reader: PdfReader) -> Iterator[Any]:
    """The actions of the document, its pages, their annotations and what follows each."""
    waiting: list[Any] = [root.get("/OpenAction"), root.get("/AA"), root.get("/AcroForm")]
    for page in reader.pages:
        waiting += [page.get("/AA"), page.get("/Annots")]
    seen = 0
    while waiting:
        one = _resolved(waiting.pop())
        seen += 1
        if seen > MOST_ACTIONS:
            raise BadInput("it has too many actions", "tệp có quá nhiều hành động")
        if isinstance(one, ArrayObject):
            waiting += one
        elif isinstance(one, DictionaryObject):
            if "/S" in one:
                yield one
                waiting.append(one.get("/Next"))
            else:
                waiting += [one[name] for name in one if name in ("/A", "/AA", "/Fields", "/Kids")]
                waiting += [v for v in (_resolved(v) for v in one.values()) if _is_action(v)]


def _is_action(value: Any) -> bool:
    return isinstance(value, DictionaryObject) and "/S" in value and "/Type" not in value


def _resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def main() -> None:
    """Read the file and tell what is in it."""
    asked = orjson.loads(sys.stdin.buffer.read())
    memory, seconds = asked["memory_mb"] * MEGABYTE, int(asked["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library prints must not get into the answer.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        try:
            told: dict[str, Any] = {"texts": texts_of(Path(asked["path"]), asked["most_pages"])}
        except BadInput as error:
            told = {"en": error.en, "vi": error.vi}
        except (PyPdfError, MemoryError, RecursionError, ArithmeticError, LookupError, OSError,
                TypeError, ValueError, AttributeError, AssertionError) as error:  # fmt: skip
            why = type(error).__name__
            told = {
                "en": f"it is damaged or made wrongly ({why})",
                "vi": f"tệp bị hỏng hoặc sai định dạng ({why})",
            }
        out.write(orjson.dumps(told))


if __name__ == "__main__":
    main()
