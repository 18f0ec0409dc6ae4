"""Ephemeral TURN credentials for coturn (`use-auth-secret`; draft-uberti-behave-turn-rest-00)."""

import base64
import hashlib
import hmac

from server.settings import AccessConfig


def ice_servers(config: AccessConfig, subject: str, now_ms: int) -> list[dict[str, object]]:
    """
    RTCIceServer dictionaries for a browser; empty without TURN. `subject` names the holder in coturn's log and
    must be an opaque id, no name.
    """
    if not config.turn_urls:
        return []
    username = f"{now_ms // 1000 + config.turn_lifetime_s}:{subject}"
    key = config.turn_secret.get_secret_value().encode()
    # SHA-1 is what coturn checks; HMAC does not need collision resistance (RFC 2104 section 6).
    credential = base64.b64encode(hmac.new(key, username.encode(), hashlib.sha1).digest()).decode()
    return [{"urls": list(config.turn_urls), "username": username, "credential": credential}]
