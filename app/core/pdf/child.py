"""The rendering process (渲染进程): `python -m app.core.pdf.child`, reads jobs on stdin and answers on stdout.

It is the only place that imports WeasyPrint. It has no secrets in its environment, limited memory, time and file size, a
fetcher that knows nothing but the bytes that came with the job, and an audit hook that refuses sockets, programs and files
outside the Python installation and its own font folder. It ends when its stdin closes.
"""

from __future__ import annotations

import gc
import io
import logging
import os
import re
import resource
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, Final

import pikepdf
from weasyprint import HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from app.core.pdf.job import Job, Reply, job_from_bytes, read_frame, reply_to_bytes, write_frame

MEMORY: Final = 1536 * 1024 * 1024
LARGEST_FILE: Final = 64 * 1024 * 1024
CPU_SECONDS: Final = 45
SCHEME: Final = "asset:"

UA_IDENTIFICATION: Final = (
    '<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    "<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
    '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>PDF/UA Universal Accessibility</pdfaSchema:schema>"
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    "<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Part of ISO 14289 the file follows</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)


class NotOurs(Exception):
    """The document asked for something that did not come with the job (外部资源被拒)."""


class OwnBytes(URLFetcher):  # type: ignore[misc]  # WeasyPrint is untyped
    """Fetcher that knows only the job's own bytes (只读自带资源); every other address stops the rendering."""

    def __init__(self, assets: dict[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002
        data = self._assets.get(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else None
        if data is None:
            raise NotOurs(url[:80])
        return URLFetcherResponse(url, data, {"Content-Type": _kind(data)})


class Faults(logging.Handler):
    """Collects what WeasyPrint only complains about (收集渲染告警): a picture left out silently would make a false record."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def main() -> None:
    """Serve jobs until stdin closes (逐件渲染)."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit()
    fonts = FontConfiguration()
    faults = Faults()
    log = logging.getLogger("weasyprint")
    log.handlers[:] = [faults]
    log.propagate = False
    _seal()
    # Layout makes many small objects and few cycles: looking for garbage all the time costs about a tenth.
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    serve(sys.stdin.buffer, answers, fonts, faults)


def serve(jobs: BinaryIO, answers: BinaryIO, fonts: FontConfiguration, faults: Faults) -> None:
    """Answer each job with one reply (一问一答)."""
    while (frame := read_frame(jobs)) is not None:
        _allow_cpu()
        faults.said.clear()
        pdf, fault = b"", ""
        try:
            pdf = render(job_from_bytes(frame), fonts)
            fault = "; ".join(faults.said)
        except MemoryError:
            fault = "MemoryError"
        except BaseException as error:  # WeasyPrint's fatal fetch errors are BaseExceptions
            cause = error.__cause__ or error
            fault = f"{type(cause).__name__}: {cause}"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        write_frame(answers, reply_to_bytes(Reply(pdf=b"" if fault else pdf, fault=fault, peak_memory=peak)))


def render(job: Job, fonts: FontConfiguration) -> bytes:
    """One job as PDF/A-3a that is also PDF/UA-1 (渲染). The same job gives the same bytes."""
    source = Attachment(
        file_obj=io.BytesIO(job.attached),
        name=job.attached_name,
        description="文书所依据的数据",
        relationship="Source",
        created=job.created,
        modified=job.created,
    )
    html = HTML(string=job.html, base_url=SCHEME, url_fetcher=OwnBytes(dict(job.assets)))
    plain: bytes = html.write_pdf(
        font_config=fonts,
        pdf_variant="pdf/a-3a",
        pdf_tags=True,
        attachments=[source],
        pdf_identifier=job.identifier,
    )
    return declare_accessible(plain)


def declare_accessible(pdf: bytes) -> bytes:
    """Add the PDF/UA-1 identification to the metadata of a tagged PDF/A (声明无障碍).

    WeasyPrint writes one variant only and would append a second RDF block that validators do not read,
    so the description goes inside the existing one.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        metadata = document.Root.Metadata
        head, end, tail = metadata.read_bytes().decode("utf-8").rpartition("</rdf:RDF>")
        metadata.write((head + UA_IDENTIFICATION + end + tail).encode("utf-8"))
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _kind(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "text/css; charset=utf-8"


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_cpu() -> None:
    """A kept process gets its seconds anew for each document; over them the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


FORBIDDEN: Final = re.compile(
    r"socket\.|subprocess\.|os\.(system|exec|fork|forkpty|posix_spawn|spawn)|ctypes\.dlopen|urllib\.Request"
)


def _seal() -> None:
    """From here on Python code in this process reaches no network, no program and no file but its own (封闭进程)."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {str(Path(os.environ["FONTCONFIG_FILE"]).parent), str(Path(__file__).parent)}
    readable = tuple(os.path.realpath(path) + os.sep for path in paths)
    scratch = os.path.realpath(tempfile.gettempdir()) + os.sep

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event == "builtins.id":  # thousands a page, and harmless
            return
        if FORBIDDEN.match(event):
            raise PermissionError(f"sealed: {event}")
        if event == "open" and isinstance(args[0], str | bytes | os.PathLike):
            path = os.path.realpath(os.fsdecode(args[0]))
            writing = bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if isinstance(args[2], int) else True
            if not path.startswith((scratch,) if writing else (scratch, *readable)):
                raise PermissionError("sealed: open")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    main()
