"""HTTP: the way in, the integrators' calls, the client's pages, and what machines ask the server about itself."""

from server.web.application import make_application
from server.web.context import Services, WebConfig, address_of
from server.web.listener import Listener
from server.web.metrics import Gauges
from server.web.static_files import load_static

__all__ = ["Gauges", "Listener", "Services", "WebConfig", "address_of", "load_static", "make_application"]
