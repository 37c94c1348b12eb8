"""Recognises text that speaks to a language model instead of to a reader. Such a passage is found and read,
but never quoted as evidence.

Knows how instructions to a model are worded in English and Chinese. It is the first of three walls and may
miss what is worded otherwise: evidence stands between marks as data in the prompt, and no sentence of a model
is shown that the evidence does not support.
"""

from __future__ import annotations

import re
from functools import lru_cache

_INSTRUCTS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|prompts?|rules|directions|guidelines)\b"
    r"|\b(?:system|developer|hidden)\s+(?:prompt|message|instruction)s?\b[^.!?\n]{0,30}(?::|\bprint|\breveal|\brepeat|\boutput)"
    r"|\b(?:print|reveal|repeat|output|show|leak)\b[^.!?\n]{0,30}\b(?:system prompt|your"
    r" (?:prompt|instructions)|the text above|the prompt)\b"
    r"|(?:^|\n|[.!?>]\s*)(?:SYSTEM|ASSISTANT|Assistant|System)\s*:\s"
    r"|\b(?:BEGIN|END)\s+(?:SYSTEM|INSTRUCTIONS?|PROMPT)\b|<\s*/?\s*(?:system|quote|instructions?|im_start|im_end)\b|\[/?INST\]"
    r"|\byou (?:are now|must now|will"
    r" now)\b[^.!?\n]{0,40}\b(?:unrestricted|assistant|AI|model|jailbroken|free)\b"
    r"|\b(?:as an? (?:AI|language) model|new task)\s*[:,]|\bfrom now on,?\s+(?:you|every answer|all"
    r" answers|answer|reply|respond)\b"
    r"|\b(?:reply|respond|answer) (?:only|exactly) (?:with|:)|\breply only\b|\byou must"
    r" (?:cite|quote|recommend) this (?:work|paper|article|document)\b"
    r"|(?:忽略|无视|忘记|不要理会)[^。"
    r"！？\n]{0,16}(?:指令|提示|要求|规则)|系统提示(?:词)?\s*[:：]|(?:输出|打印|泄露|重复|说出)[^。"
    r"！？\n]{0,16}(?:系统提示|提示词|以上内容)|只(?:回答|回复|输出)\s*[:：]",
    re.I,
)

_TRIGGERS = (
    "instruct",
    "prompt",
    "rules",
    "guidelines",
    "directions",
    "system:",
    "system :",
    "assistant",
    "begin ",
    "end system",
    "</",
    "<system",
    "<quote",
    "<im_",
    "inst]",
    "you are now",
    "you must",
    "you will now",
    "language model",
    "new task",
    "from now on",
    "reply",
    "respond",
    "answer only",
    "answer exactly",
    "text above",
    "指令",
    "提示",
    "要求",
    "规则",
    "以上内容",
    "只回",
    "只输出",
)
"""One of these stands in whatever the pattern finds; most passages hold none and are not read further (the
pattern costs 1 µs a letter).
"""


@lru_cache(maxsize=4096)
def addresses_a_model(text: str) -> bool:
    """Whether a text holds an instruction to a language model.

    Args:
        text: a title, or a passage as a whole: the sentences around an instruction belong to it.
    """
    lowered = text.lower()
    return any(trigger in lowered for trigger in _TRIGGERS) and _INSTRUCTS.search(text) is not None
