"""The interface's words in English and 简体中文.

Knows keys; a missing word is an error in the tests, never on the page.
"""

from __future__ import annotations

from typing import Literal

from ui.words_admin import ADMIN_WORDS

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
    "evidence_hint": (
        "Click a number in the answer to see the exact words it rests on.",
        "点击回答中的编号，查看其依据的原文。",
    ),
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
    "concern": ("EXPRESSION OF CONCERN", "关注声明"),
    "correction": ("CORRECTED", "已更正"),
    "abstained": ("The library does not answer this question.", "馆藏文献未能回答这个问题。"),
    "nearest": ("Nearest documents", "最相近的文献"),
    "working": ("Working", "处理中"),
    "understand": ("understanding the question", "理解问题"),
    "retrieve": ("searching", "检索"),
    "evidence_step": ("choosing evidence", "选择证据"),
    "draft": ("drafting candidates", "起草候选回答"),
    "verify": ("verifying claims", "核实论断"),
    "reward": ("ranking candidates", "排序候选回答"),
    "verdict": ("weighing yes and no", "权衡是与否"),
    "verdict_yes": ("Probably yes.", "很可能是。"),
    "verdict_no": ("Probably no.", "很可能不是。"),
    "verdict_maybe": ("Undecided.", "尚无定论。"),
    "verdict_line": (
        "Probability {probability}; read from the evidence of {numbers}.",
        "概率 {probability}；依据证据 {numbers} 判断。",
    ),
    "record_authors": ("Authors by the catalogue record", "目录记录中的作者"),
    "record_year": ("Year by the catalogue record", "目录记录中的年份"),
    "record_venue": ("Published in, by the catalogue record", "目录记录中的出处"),
    "record_doi": ("DOI by the catalogue record", "目录记录中的 DOI"),
    "record_work": ("A work of the library", "馆藏文献"),
    "chains": ("following chains", "追溯证据链"),
    "notice": (
        (
            "Answers come from this collection and are made by a program: check the quotes. They are no"
            " clinical advice."
        ),
        "回答由程序依据本馆馆藏生成，请核对引文；不构成医疗建议。",
    ),
    "search": ("Search", "检索"),
    "search_button": ("Search", "检索"),
    "results": ("Results", "结果"),
    "no_results": ("Nothing found. Try fewer or other words.", "未找到结果，请换用其他词语。"),
    "from_year": ("From year", "起始年"),
    "to_year": ("To year", "截止年"),
    "filters": ("Limit to", "限定"),
    "language": ("Language of the interface", "界面语言"),
    "documents": ("Documents", "文献"),
    "export": ("Export", "导出"),
    "permanent": ("permanent address", "永久地址"),
    "error": ("It did not work", "出错了"),
    "since_retracted": (
        "Since this answer was given, these documents were retracted",
        "此回答给出之后，以下文献已被撤稿",
    ),
    "since_noticed": (
        "Since this answer was given, notices were published on these documents",
        "此回答给出之后，以下文献发布了关注声明或更正",
    ),
    "rank": ("Which candidate is best?", "哪个候选回答最好？"),
    "rank_hint": (
        "1 is best; equal numbers are ties. Your ranking teaches the reward model.",
        "1 为最佳，可并列。您的排序将用于训练评分模型。",
    ),
    "rank_of": ("Rank", "名次"),
    "note": ("Note", "备注"),
    "save": ("Save", "保存"),
    "saved": ("Saved. Thank you.", "已保存，谢谢。"),
    "right": ("This sentence is right", "此句正确"),
    "wrong": ("This sentence is wrong", "此句有误"),
    "log_in": ("Log in", "登录"),
    "log_in_hint": (
        "To ask this library, log in with the name your library gave you.",
        "请使用本馆分配的用户名登录。",
    ),
    "log_in_oidc": ("Log in with your institution", "通过本机构账号登录"),
    "log_out": ("Log out", "退出"),
    "user_name": ("Name", "用户名"),
    "password": ("Password", "密码"),
    "password_again": ("Password once more", "再次输入密码"),
    "set_admin": ("Set the admin's password", "设置管理员密码"),
    "set_admin_hint": (
        "Until then everybody at this computer is an admin, and nobody else is let in.",
        "设置之前，本机上的任何人都是管理员，其他人无法访问。",
    ),
    "admin": ("Administration", "管理"),
    "role_reader": ("reader", "读者"),
    "role_researcher": ("researcher", "研究人员"),
    "role_librarian": ("librarian", "馆员"),
    "role_admin": ("admin", "管理员"),
    "open_banner": (
        "No admin is set: whoever sits at this computer may do everything, and nobody else is let in.",
        "尚未设置管理员：使用本机的任何人都拥有全部权限，其他人无法访问。",
    ),
    "score": ("score", "得分"),
    "section": ("Section", "章节"),
    # the chat
    "ask_hint": (
        (
            "Ask in English or Chinese. Each sentence of an answer points to the exact words of a paper; what"
            " nothing supports is not shown."
        ),
        "可用中文或英文提问。回答中的每句话都指向文献原文；没有依据的内容不会显示。",
    ),
    "holds": (
        "This library holds {documents} documents, {passages} passages.",
        "本馆收录 {documents} 篇文献，{passages} 个段落。",
    ),
    "stopping": ("stopping …", "正在停止……"),
    "stopped": ("Stopped", "已停止"),
    "quoted": ("word for word in the passage", "与原文逐字一致"),
    "unsupported": ("not supported", "无依据"),
    "contradicted": ("contradicted", "与原文矛盾"),
    "support_line": (
        (
            "supported: {score}, shown from {threshold}; at most {alpha} of shown sentences are expected to"
            " be unsupported"
        ),
        "支持度 {score}，显示阈值 {threshold}；预计所显示句子中无依据者不超过 {alpha}",
    ),
    "partial": (
        "{n} sentences were withheld because the library does not support them.",
        "有 {n} 句因馆藏无法支持而未显示。",
    ),
    "searched_as": ("Searched as", "检索式"),
    "understood_as": ("Understood as", "理解为"),
    "as_typed": ("Ask it exactly as typed", "按原样提问"),
    "found_passages": ("{n} passages found, nearest in:", "找到 {n} 个段落，最接近的文献："),
    "copy": ("Copy", "复制"),
    "copied": ("Copied", "已复制"),
    "copy_link": ("Copy address", "复制地址"),
    "back_to_sentence": ("Back to the sentence", "返回该句"),
    "previous_page": ("Previous page", "上一页"),
    "next_page": ("Next page", "下一页"),
    "page_of": ("Page {page} of {pages}", "第 {page} 页，共 {pages} 页"),
    "no_boxes": ("The quote is on page {page}.", "引文在第 {page} 页。"),
    "open_paper": ("Open this paper in the library", "在馆藏中打开此文献"),
    "chain_hint": (
        "From the question to the paper. Each box opens what it stands for.",
        "从问题到文献的路径；点击方框可查看其内容。",
    ),
    "why_won": ("Why this answer was chosen", "为何选择此回答"),
    "why_won_line": (
        (
            "{n} candidates were drafted and each sentence verified. The one with the highest reward was"
            " shown; the reward model has learned from people's rankings."
        ),
        "共起草 {n} 个候选回答并逐句核实；显示评分最高者。评分模型由馆员的排序训练而成。",
    ),
    "reward_is": ("reward {value}", "评分 {value}"),
    "behind": ("{value} behind", "低 {value}"),
    "supported_share": ("{value} of its sentences supported", "{value} 的句子有依据"),
    "withheld_hint": (
        "These sentences were drafted but are not shown as answer:",
        "以下句子曾被起草，但未作为回答显示：",
    ),
    "node_entity": ("Entity", "实体"),
    "node_passage": ("Passage", "段落"),
    "node_document": ("Paper", "文献"),
    "node_statement": ("Statement", "陈述"),
    "node_person": ("Person", "人物"),
    "node_venue": ("Venue", "出版物"),
    "node_heading": ("Heading", "主题词"),
    "edge_mentions": ("mentions", "提及"),
    "edge_has": ("is part of", "属于"),
    "edge_subject": ("subject of", "主语"),
    "edge_object": ("object of", "宾语"),
    "edge_said_in": ("said in", "出自"),
    "edge_cites": ("cites", "引用"),
    "edge_by": ("written by", "作者"),
    "edge_in": ("published in", "发表于"),
    "edge_about": ("about", "主题"),
    "mentioned_by": ("mentioned in", "出现于"),
    "also_called": ("Also called", "又名"),
    "mentioned_in": (
        "Mentioned in {n} passages of {documents} papers",
        "在 {documents} 篇文献的 {n} 个段落中被提及",
    ),
    "back": ("Back", "返回"),
    "venue": ("Venue", "出版物"),
    "author": ("Author", "作者"),
    "doc_language": ("Language of the document", "文献语言"),
    "kind": ("Kind", "类型"),
    "warnings": ("Warnings", "警告"),
    "elsewhere": ("Full text elsewhere", "查看全文来源"),
    "record_only": ("You may read the record, not the text.", "您可查看题录，无权阅读全文。"),
    "records_found": (
        "Also in the library, where you may see the record alone",
        "馆藏另有下列文献，您仅可查看题录",
    ),
    "set": ("Collection", "文献集"),
    "licence": ("Licence", "许可"),
    "year": ("Year", "年份"),
    "clear": ("Clear all limits", "清除所有限定"),
    "limited_to": ("Limited to", "限定于"),
    "try_next": ("What to do next", "下一步"),
    "next_abstained": (
        "Use other words, remove limits, or look at the nearest documents yourself:",
        "请换用其他词语、取消限定，或直接查看最相近的文献：",
    ),
    "next_error": (
        "If it goes on, ask who runs the library to look at: kgrag doctor",
        "如持续出错，请管理员运行：kgrag doctor",
    ),
    "unexpected": (
        "Something unexpected went wrong ({what}). The rest of the conversation is unharmed.",
        "发生意外错误（{what}）。对话的其余部分不受影响。",
    ),
    "deleted_passage": ("This passage was deleted from the library since.", "此段落此后已从馆藏中删除。"),
    # history
    "history": ("History", "历史"),
    "older": (
        "The last {n} questions stand here; older ones are under History.",
        "此处保留最近 {n} 个问题，更早的见“历史”。",
    ),
    "history_hint": (
        (
            "What you asked, for yourself alone. Each answer has a permanent address that others in the"
            " library can open."
        ),
        "您提过的问题，仅自己可见。每个回答都有永久地址，馆内他人可打开。",
    ),
    "history_search": ("Search your questions", "检索您的提问"),
    "history_empty": ("Nothing here yet.", "暂无记录。"),
    "history_off": ("No history is kept in this library.", "本馆不保存提问历史。"),
    "open": ("Open", "打开"),
    "delete": ("Delete", "删除"),
    "deleted": ("Deleted.", "已删除。"),
    "delete_all": ("Delete all of it", "全部删除"),
    "asked_on": ("asked {when}", "提问于 {when}"),
    # the library
    "library": ("Library", "馆藏"),
    "library_search": ("Search the library (empty: everything)", "检索馆藏（留空则显示全部）"),
    "n_results": ("{n} documents", "{n} 篇文献"),
    "n_found": ("{n} documents found, best first", "找到 {n} 篇文献，按相关性排序"),
    "retracted_only": ("Retraction", "撤稿"),
    "is_retracted": ("retracted", "已撤稿"),
    "not_retracted": ("not retracted", "未撤稿"),
    "more_facets": ("more", "更多"),
    "unknown": ("not stated", "未注明"),
    "previous": ("Previous", "上一页"),
    "next": ("Next", "下一页"),
    "range": ("{low}–{high} of {n}", "第 {low}–{high} 条，共 {n} 条"),
    "record": ("Record", "题录"),
    "abstract": ("Abstract", "摘要"),
    "authors": ("Authors", "作者"),
    "identifiers": ("Identifiers", "标识符"),
    "source": ("Source", "来源"),
    "publisher": ("Publisher", "出版者"),
    "keywords": ("Keywords", "关键词"),
    "objects": ("What it says about itself", "知识对象"),
    "role_question": ("Research question", "研究问题"),
    "role_method": ("Method", "方法"),
    "role_result": ("Result", "结果"),
    "role_conclusion": ("Conclusion", "结论"),
    "role_data": ("Data and material", "数据与材料"),
    "passages": ("Passages", "段落"),
    "in_graph": ("Place in the graph", "图谱中的位置"),
    "graph_hint": (
        (
            "Choose a node to see what stands beside it; choose it again to close it. Papers open from the"
            " list below."
        ),
        "选择节点以展开其相邻节点，再次选择则收起；可从下方列表打开文献。",
    ),
    "graph_list": ("The same as a list", "以列表显示"),
    "citations": ("Citations inside the library", "馆内引用"),
    "cited_by": ("Cited by", "被引用"),
    "cites": ("Cites", "参考"),
    "cites_outside": ("and {n} works that the library does not hold", "另有 {n} 篇馆外文献"),
    "none_here": ("none in this library", "馆内无"),
    "same_work": ("The same work: make them one", "同一文献：合并"),
    "other_work": ("Different works", "不同文献"),
    "duplicates": ("Possible duplicates", "疑似重复"),
    "read_together": ("Ask about this paper alone", "仅就此文献提问"),
    "read_hint": ("Answers come from this paper only.", "回答仅来自此文献。"),
    "back_to_results": ("Back to the results", "返回结果"),
    "choose_paper": (
        "Choose a paper to see its record, passages and place in the graph.",
        "选择一篇文献以查看题录、段落及其在图谱中的位置。",
    ),
    "no_pages": ("The source of this paper has no pages to draw.", "此文献的来源没有可显示的页面。"),
    # ranking
    "ranking": ("Ranking", "排序"),
    "ranking_hint": (
        (
            "Order the candidates of an answer, best first. Others see neither your name nor your order. The"
            " reward model learns from it."
        ),
        "请将候选回答按优劣排序。他人看不到您的姓名和排序；评分模型由此学习。",
    ),
    "ranking_pick": ("Choose an answer", "选择回答"),
    "ranking_none": (
        "No answer with two or more candidates yet: ask something first.",
        "尚无含两个以上候选的回答，请先提问。",
    ),
    "rankings_so_far": ("{n} rankings", "{n} 次排序"),
    "better": ("Move up", "上移"),
    "worse": ("Move down", "下移"),
    "tie": ("As good as the one above", "与上一个并列"),
    "keys_hint": (
        "Keyboard: focus a candidate; arrow up and down move it, = ties it with the one above.",
        "键盘：聚焦候选回答后，用上下方向键移动，按 = 与上一个并列。",
    ),
    "save_ranking": ("Save this order", "保存此排序"),
    "claims_hint": ("Single sentences: are they right?", "逐句判断：是否正确？"),
    "models_title": ("Agreement and models", "一致性与模型"),
    "agreement_line": (
        (
            "{rankings} rankings of {questions} questions by {raters} raters; raters order {share} of the"
            " same pairs alike."
        ),
        "{raters} 位评分者对 {questions} 个问题作出 {rankings} 次排序；对相同的成对比较，{share} 次序一致。",
    ),
    "agreement_none": (
        (
            "{rankings} rankings of {questions} questions by {raters} raters; no question was ranked by two"
            " people yet."
        ),
        "{raters} 位评分者对 {questions} 个问题作出 {rankings} 次排序；尚无问题由两人排序。",
    ),
    "kappa_line": ("Kappa {kappa}.", "Kappa 系数 {kappa}。"),
    "elo_title": ("Models and prompts by people's rankings", "按人工排序的模型与提示词"),
    "player": ("Written by", "撰写者"),
    "rating": ("Rating", "评分"),
    "games": ("Comparisons", "比较次数"),
    "won": ("Won", "胜出"),
    "model_in_use": ("In use", "使用中"),
    "version": ("Version", "版本"),
    "held_out": ("Agreement, held-out questions", "留出问题一致率"),
    "standing": ("Model before it, the same questions", "此前模型，同一问题"),
    "pairs": ("Pairs", "对数"),
    "left_out": ("Left-out raters", "留出评分者"),
    "train": ("Train a version", "训练新版本"),
    "compare": ("Compare", "比较"),
    "promote": ("Put to use", "启用"),
    "rollback": ("Go back one", "回退一步"),
    "shipped": ("shipped with kgrag", "随 kgrag 提供"),
    "admin_only": ("Training and promoting is for admins.", "训练与启用仅限管理员。"),
    "trained": ("Version {version} was trained.", "已训练版本 {version}。"),
    "promoted": ("{version} is in use.", "{version} 已启用。"),
    "better_mark": ("better", "更好"),
    "not_better": ("not better", "未更好"),
    # checking a text
    "check": ("Check a text", "核查文本"),
    "check_text": (
        "A text from elsewhere: a chat's answer, a draft, a list of references",
        "外来文本：聊天机器人的回答、草稿或参考文献列表",
    ),
    "check_hint": (
        (
            "What the library says of each claim, and whether the works that are cited exist as cited."
            " Nothing typed here is kept."
        ),
        "逐条核查论断是否有馆藏依据，以及所引文献是否存在、著录是否正确。此处输入的内容不会保存。",
    ),
    "check_claims": ("Check what it says", "核查论断"),
    "check_references": ("Check what it cites", "核查参考文献"),
    "check_progress": ("Reading: {done} of {of} claims", "正在核查：第 {done} 条，共 {of} 条"),
    "checked_line": (
        (
            "{supported} supported, {contradicted} contradicted, {unsupported} not supported. Not supported"
            " means that nothing was found for it in this library, not that it is wrong."
        ),
        (
            "{supported} 条有依据，{contradicted} 条与原文矛盾，{unsupported} 条无依据。"
            "无依据仅表示馆藏中未找到支持，并不表示有误。"
        ),
    ),
    "quote_in": ("Said in", "出自"),
    "nearest_quote": ("Nearest in the library", "馆藏中最接近的原文，出自"),
    "against_quote": ("Against it", "相反的原文，出自"),
    "no_claims": ("No claim was found in the text.", "文本中未找到论断。"),
    "no_references": ("No reference was found in the text.", "文本中未找到参考文献。"),
    "references_line": (
        "{exists} exist as cited, {wrong} are cited wrongly, {missing} are not in this library.",
        "{exists} 条著录正确，{wrong} 条著录有误，{missing} 条馆内未收录。",
    ),
    "ref_exists": ("exists as cited", "著录正确"),
    "ref_wrong": ("cited wrongly", "著录有误"),
    "ref_not_found": ("not in this library", "馆内未收录"),
    "field_wrong": (
        "{field}: written “{written}”, the record has “{held}”",
        "{field}：写作“{written}”，题录为“{held}”",
    ),
    "dark": ("Dark or light", "深色或浅色"),
    **ADMIN_WORDS,
}


def word(key: str, language: Language, **values: object) -> str:
    """The word in the interface's language, its {places} filled."""
    text = WORDS[key][0 if language == "en" else 1]
    return text.format(**values) if values else text
