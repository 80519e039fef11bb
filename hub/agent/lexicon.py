"""Words that the hub itself listens for, in English and Chinese: what a small model easily misses. All normalised."""

from __future__ import annotations

from collections.abc import Iterable

from hub.agent.normalise import contains, normalise


def _phrases(text: str) -> frozenset[str]:
    return frozenset(normalise(phrase) for phrase in text.split("|"))


HERE = _phrases("here|this room|the room|my room|our room|in the room|这里|这儿|这边|这个房间|房间里|屋里|本房间")
"""The speaker's own room."""

WHOLE = _phrases(
    "all|every|each|everywhere|everything|whole|house|home|apartment|flat|entire|所有|全部|全家|全屋|家里|整个|每个|一切"
)
"""Not only what is here."""

EXCEPT = _phrases("except|but|apart from|without|excluding|other than|除了|除|以外|之外|不包括")
"""Some are left out."""

NEGATION = _phrases("don't|dont|do not|never|not|won't|shouldn't|别|不要|不许|请勿|勿|不用|不必")
"""The opposite of a command."""

LATER = _phrases(
    "later|tomorrow|tonight|o'clock|when|if|after|before|until|unless|every day|every night|sunset|sunrise|"
    "稍后|以后|之后|明天|今晚|点钟|点半|上午|下午|凌晨|早上|晚上|如果|的时候|之前|直到|每天|日落|日出|分钟后|小时后|秒后"
)
"""Not now, or not in any case."""

UNITS = _phrases("second|seconds|minute|minutes|hour|hours|分钟|小时|秒")

BY = _phrases("by")
UP = _phrases("up|increase|raise|higher|more|brighten|brighter|warmer|louder|调高|升高|提高|增加|调亮|调大|加大")
DOWN = _phrases("down|decrease|lower|reduce|less|dim|darker|darken|cooler|quieter|调低|降低|减少|调暗|调小|减小")
TO = _phrases("to|到|至|成|为")
"""By how much, and which way, or what to."""

UNLOCKING = _phrases("unlock|unlocked|unbolt|unlatch|open|解锁|开锁|打开|开|开启")
"""What must be said for something to be unlocked or opened."""

OPENING = _phrases("open|raise|lift|up|roll up|unlock|打开|开|开启|拉开|升起")

DISARMING = _phrases("disarm|撤防|解除")

SHOPPING = _phrases("shopping|grocery|groceries|购物")
"""The list that is meant where none is named."""

HOW_MANY = _phrases("how many|number of|count|几|多少个|多少盏|多少扇|多少台|有多少")
WHICH = _phrases("which|what|who|list|谁|哪|哪些|哪个|什么")
ANY = _phrases("any|some|anything|有没有|有")
EVERY = _phrases("all|every|both|each|都|全部|所有")

YES = _phrases("yes|yeah|yep|sure|okay|ok|exactly|right|是|是的|对|对的|好|好的|没错|嗯")
NO = _phrases("no|none|neither|neither of them|none of them|no thanks|不|不是|不用|都不是|都不|没有")
FILLING = _phrases(
    "the|one|ones|please|in|on|at|of|them|i|mean|meant|want|that|this|is|a|an|的|那|个|这|我|说|指|在|里|请|盏|台|把|扇|就|要"
)
"""What says nothing in an answer to "which one?"; each is one word or one character."""

ORDINALS = {
    normalise(phrase): place
    for place, phrases in enumerate(("first|1|第一|一", "second|2|第二|二", "third|3|第三|三", "fourth|4|第四|四"))
    for phrase in phrases.split("|")
}

IT = _phrases("it|them|that|those|它|它们")
"""What was spoken of just before."""

VERBS = _phrases(
    "turn|switch|set|open|close|shut|lock|unlock|dim|brighten|raise|lower|increase|decrease|start|stop|pause|resume|play|"
    "mute|unmute|make|change|put|activate|run|add|cancel|what|what's|is|are|how|tell|开|关|把|打开|关闭|关掉|关上|开启|锁|锁上|解锁|"
    "调|设|设置|播放|暂停|停止|继续|拉开|拉上|启动|运行|将"
)
"""What a command begins with: a sentence is split only where each part has its own."""


def says(utterance: str, phrases: Iterable[str]) -> bool:
    """Say whether one of the phrases occurs in a normalised utterance."""
    return any(contains(utterance, phrase) for phrase in phrases)
