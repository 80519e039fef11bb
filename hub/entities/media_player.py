"""Media players: speakers, televisions, receivers."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription, ResponseMode
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import BOOLEAN, OBJECT, TEXT, number, select


class MediaPlayerFeature(IntFlag):
    """What a media player can do."""

    PAUSE = 1
    SEEK = 2
    VOLUME_SET = 4
    VOLUME_MUTE = 8
    PREVIOUS_TRACK = 16
    NEXT_TRACK = 32
    TURN_ON = 128
    TURN_OFF = 256
    PLAY_MEDIA = 512
    VOLUME_STEP = 1024
    SELECT_SOURCE = 2048
    STOP = 4096
    CLEAR_PLAYLIST = 8192
    PLAY = 16384
    SHUFFLE_SET = 32768
    SELECT_SOUND_MODE = 65536
    BROWSE_MEDIA = 131072
    REPEAT_SET = 262144
    GROUPING = 524288
    MEDIA_ANNOUNCE = 1048576
    MEDIA_ENQUEUE = 2097152
    SEARCH_MEDIA = 4194304


_F = MediaPlayerFeature


def _action(
    name: str,
    features: int,
    description: str,
    *fields: Field,
    response: ResponseMode = ResponseMode.NONE,
) -> ActionDescription:
    return ActionDescription(
        domain="media_player",
        name=name,
        features=features,
        fields=fields,
        description=description,
        response=response,
    )


_CONTENT_TYPE = Field(name="media_content_type", selector=TEXT, example="music")
_CONTENT_ID = Field(name="media_content_id", selector=TEXT, example="A:ALBUMARTIST/Beatles")
_GROUP = {"entity": {"multiple": True, "domain": ["media_player"]}}

_ATTRIBUTES = {
    "volume_level": "how loud it is, 0 to 1",
    "is_volume_muted": "whether it is mute",
    "media_content_id": "what it plays",
    "media_content_type": "what kind of thing it plays",
    "media_duration": "how long that is, in seconds",
    "media_position": "how far it has come, in seconds",
    "media_position_updated_at": "when it was there",
    "media_title": "the title of what it plays",
    "media_artist": "the artist",
    "media_album_name": "the album",
    "media_album_artist": "the album's artist",
    "media_track": "the number of the track",
    "media_series_title": "the series",
    "media_season": "the season",
    "media_episode": "the episode",
    "media_channel": "the channel",
    "media_playlist": "the playlist",
    "app_id": "the app that plays",
    "app_name": "the app's name",
    "source": "the source in use",
    "sound_mode": "the sound mode in force",
    "shuffle": "whether it shuffles",
    "repeat": "off, all or one",
    "group_members": "the players that play together",
}

MEDIA_PLAYER = Domain(
    name="media_player",
    states=frozenset({"off", "on", "idle", "playing", "paused", "standby", "buffering"}),
    features=MediaPlayerFeature,
    device_classes=frozenset({"receiver", "speaker", "tv"}),
    attributes=(
        Attribute(name="source_list", description="the sources it has", capability=True),
        Attribute(name="sound_mode_list", description="the sound modes it has", capability=True),
        *(Attribute(name=name, description=text) for name, text in _ATTRIBUTES.items()),
    ),
    actions=(
        _action("turn_on", _F.TURN_ON, "Turns on a media player."),
        _action("turn_off", _F.TURN_OFF, "Turns off a media player."),
        _action("toggle", _F.TURN_ON | _F.TURN_OFF, "Toggles a media player on or off."),
        _action("volume_up", _F.VOLUME_SET | _F.VOLUME_STEP, "Turns the volume up."),
        _action("volume_down", _F.VOLUME_SET | _F.VOLUME_STEP, "Turns the volume down."),
        _action("media_play_pause", _F.PLAY | _F.PAUSE, "Toggles between playing and pausing."),
        _action("media_play", _F.PLAY, "Starts playing."),
        _action("media_pause", _F.PAUSE, "Pauses."),
        _action("media_stop", _F.STOP, "Stops playing."),
        _action("media_next_track", _F.NEXT_TRACK, "Goes to the next track."),
        _action("media_previous_track", _F.PREVIOUS_TRACK, "Goes to the previous track."),
        _action("clear_playlist", _F.CLEAR_PLAYLIST, "Removes everything from the playlist."),
        _action(
            "volume_set",
            _F.VOLUME_SET,
            "Sets the volume.",
            Field(name="volume_level", selector=number(0, 1, step=0.01), required=True, description="From 0 to 1."),
        ),
        _action(
            "volume_mute",
            _F.VOLUME_MUTE,
            "Mutes a media player, or ends that.",
            Field(name="is_volume_muted", selector=BOOLEAN, required=True),
        ),
        _action(
            "media_seek",
            _F.SEEK,
            "Goes to a position in what is playing.",
            Field(
                name="seek_position",
                selector=number(0, step=0.01, unit="s", mode="box"),
                required=True,
                description="Seconds from the beginning.",
            ),
        ),
        _action(
            "select_source",
            _F.SELECT_SOURCE,
            "Changes the source.",
            Field(name="source", selector=TEXT, required=True, example="video1"),
        ),
        _action(
            "select_sound_mode",
            _F.SELECT_SOUND_MODE,
            "Changes the sound mode.",
            Field(name="sound_mode", selector=TEXT, required=True, example="Music"),
        ),
        _action(
            "shuffle_set",
            _F.SHUFFLE_SET,
            "Turns shuffling on or off.",
            Field(name="shuffle", selector=BOOLEAN, required=True),
        ),
        _action(
            "repeat_set",
            _F.REPEAT_SET,
            "Sets what is repeated.",
            Field(name="repeat", selector=select("off", "all", "one"), required=True),
        ),
        _action(
            "join",
            _F.GROUPING,
            "Groups media players so that they play together.",
            Field(name="group_members", selector=_GROUP, required=True),
        ),
        _action("unjoin", _F.GROUPING, "Takes a media player out of its group."),
        _action(
            "play_media",
            _F.PLAY_MEDIA,
            "Plays something.",
            Field(
                name="media",
                selector=OBJECT,
                description="What to play: media_content_id and media_content_type.",
                example='{"media_content_id": "https://example.org/song.mp3", "media_content_type": "music"}',
            ),
            Field(name="media_content_id", selector=TEXT, description="The same, given apart."),
            Field(name="media_content_type", selector=TEXT, description="The same, given apart."),
            Field(name="enqueue", selector=select("play", "next", "add", "replace"), features=_F.MEDIA_ENQUEUE),
            Field(name="announce", selector=BOOLEAN, features=_F.MEDIA_ANNOUNCE),
            Field(name="extra", selector=OBJECT, description="What only some players know."),
        ),
        _action(
            "browse_media",
            _F.BROWSE_MEDIA,
            "Lists what there is to play.",
            _CONTENT_TYPE,
            _CONTENT_ID,
            response=ResponseMode.ONLY,
        ),
        _action(
            "search_media",
            _F.SEARCH_MEDIA,
            "Searches what there is to play.",
            Field(name="search_query", selector=TEXT, required=True, example="Beatles"),
            _CONTENT_TYPE,
            _CONTENT_ID,
            Field(name="media_filter_classes", selector={"text": {"multiple": True}}, example=["album", "artist"]),
            response=ResponseMode.ONLY,
        ),
    ),
)
