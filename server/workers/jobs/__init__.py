"""What workers can do. Each job is a function of a Task and JSON arguments; its answer is a JSON object."""

from collections.abc import Callable
from typing import Any

from server.workers.jobs import pages, pictures, slides
from server.workers.jobs.task import Task

__all__ = ["JOBS", "Task"]

JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    "export_pdf": pages.export_pdf,
    "export_png": pages.export_png,
    "office": slides.convert_office,
    "picture": pictures.reencode,
    "slide_pictures": slides.pictures,
    "slides": slides.open_slides,
}
