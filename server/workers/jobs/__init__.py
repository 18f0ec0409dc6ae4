"""What workers can do. Each job is a function of a Task and JSON arguments; its answer is a JSON object."""

from collections.abc import Callable
from typing import Any

from server.workers.jobs import pictures, slides
from server.workers.jobs.task import Task

__all__ = ["JOBS", "Task"]


def _export_pdf(task: Task, **args: Any) -> dict[str, Any]:
    # The painters take half a second to import, which slides and pictures need not pay.
    from server.workers.jobs.pages import export_pdf

    return export_pdf(task, **args)


def _export_png(task: Task, **args: Any) -> dict[str, Any]:
    from server.workers.jobs.pages import export_png

    return export_png(task, **args)


JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    "export_pdf": _export_pdf,
    "export_png": _export_png,
    "office": slides.convert_office,
    "picture": pictures.reencode,
    "slide_pictures": slides.pictures,
    "slides": slides.open_slides,
}
