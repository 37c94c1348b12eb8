"""The interface's words in English and 简体中文. Knows keys; a missing word is an error in the tests, never on the page."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Ask the library", "向图书馆提问"),
    "question": ("Your question", "您的问题"),
    "placeholder": ("What would you like to know?", "您想知道什么？"),
    "ask": ("Ask", "提问"),
    "stop": ("Stop", "停止"),
    "new": ("New conversation", "新对话"),
    "examples": ("For example", "例如"),
    "evidence": ("Evidence", "证据"),
    "evidence_hint": ("Click a number in the answer to see the exact words it rests on.", "点击回答中的编号，查看其依据的原文。"),
    "quote": ("Passage with the quote marked", "标出引文的段落"),
    "page": ("Page", "页"),
    "page_picture": ("Page with the quote boxed", "框出引文的页面"),
    "chain": ("Chain of evidence", "证据链"),
    "candidates": ("Other candidates and their reward", "其他候选回答及其评分"),
    "chosen": ("chosen", "已选"),
    "withheld": ("Withheld", "未显示"),
    "supported": ("supported", "有依据"),
    "support": ("support", "支持度"),
    "retracted": ("RETRACTED", "已撤稿"),
    "abstained": ("The library does not answer this question.", "馆藏文献未能回答这个问题。"),
    "nearest": ("Nearest documents", "最相近的文献"),
    "working": ("Working", "处理中"),
    "understand": ("understanding the question", "理解问题"),
    "retrieve": ("searching", "检索"),
    "evidence_step": ("choosing evidence", "选择证据"),
    "draft": ("drafting candidates", "起草候选回答"),
    "verify": ("verifying claims", "核实论断"),
    "reward": ("ranking candidates", "排序候选回答"),
    "chains": ("following chains", "追溯证据链"),
    "notice": ("Answers come from this collection and are made by a program: check the quotes. They are no clinical advice.",
               "回答由程序依据本馆馆藏生成，请核对引文；不构成医疗建议。"),
    "search": ("Search", "检索"),
    "search_button": ("Search", "检索"),
    "results": ("Results", "结果"),
    "no_results": ("Nothing found. Try fewer or other words.", "未找到结果，请换用其他词语。"),
    "from_year": ("From year", "起始年"),
    "to_year": ("To year", "截止年"),
    "filters": ("Limit to", "限定"),
    "language": ("Language of the interface", "界面语言"),
    "documents": ("Documents", "文献"),
    "permanent": ("permanent address", "永久地址"),
    "error": ("It did not work", "出错了"),
    "since_retracted": ("Since this answer was given, these documents were retracted", "此回答给出之后，以下文献已被撤稿"),
    "rank": ("Which candidate is best?", "哪个候选回答最好？"),
    "rank_hint": ("1 is best; equal numbers are ties. Your ranking teaches the reward model.", "1 为最佳，可并列。您的排序将用于训练评分模型。"),
    "rank_of": ("Rank", "名次"),
    "note": ("Note", "备注"),
    "save": ("Save", "保存"),
    "saved": ("Saved. Thank you.", "已保存，谢谢。"),
    "right": ("This sentence is right", "此句正确"),
    "wrong": ("This sentence is wrong", "此句有误"),
    "score": ("score", "得分"),
    "section": ("Section", "章节"),
}


def word(key: str, language: Language) -> str:
    """The word in the interface's language."""
    return WORDS[key][0 if language == "en" else 1]
