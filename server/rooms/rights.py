"""What each role may do inside a room: the rows of the policy, in the words of a room."""

from server.access import Action, Role, may
from server.rooms.model import Moderation, Source

_PUBLISH = {
    Source.MIC: Action.PUBLISH_MIC,
    Source.CAMERA: Action.PUBLISH_CAMERA,
    Source.SCREEN: Action.PUBLISH_SCREEN,
}

_MODERATE = {
    Moderation.MUTE: Action.MUTE_OTHERS,
    Moderation.MUTE_ALL: Action.MUTE_OTHERS,
    Moderation.LOWER_HAND: Action.MUTE_OTHERS,
    Moderation.REMOVE: Action.REMOVE_OTHERS,
    Moderation.END: Action.END_SESSION,
}


def may_publish(role: Role, source: Source) -> bool:
    """Whether a role may switch this source on."""
    return _PUBLISH[source].value in may(role)


def may_raise_hand(role: Role) -> bool:
    """Whether a role has a hand to raise."""
    return Action.RAISE_HAND.value in may(role)


def may_moderate(role: Role, action: Moderation) -> bool:
    """Whether a role may do this to others."""
    return _MODERATE[action].value in may(role)
