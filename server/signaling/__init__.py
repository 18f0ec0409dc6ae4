"""Signalling over Socket.IO: the wire contract's messages, their bounds, and the way from them to the rooms."""

from server.signaling.events import EVENTS
from server.signaling.messages import ACKNOWLEDGEMENTS, CLIENT_EVENTS, SERVER_EVENTS
from server.signaling.server import Signaling
from server.signaling.transport import SignalingConfig

__all__ = ["ACKNOWLEDGEMENTS", "CLIENT_EVENTS", "EVENTS", "SERVER_EVENTS", "Signaling", "SignalingConfig"]
