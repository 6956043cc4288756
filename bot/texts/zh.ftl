# Answers
maybe = 不太确定，最接近的要点是：
maybe-missing = 不太确定：最接近的要点没有提到{ $words }。
none = 没有找到相关内容。
none-nowhere = 这些词在所有摘要里都没有出现：{ $words }
none-empty = 还没有任何摘要。运营者可以用 zhidian ingest 加入。
topics-there-are = 现有摘要的主题：{ $topics }
truncated = （问题太长，只读了开头。）
paragraph = ¶{ $number }
link-search = { $title }（搜索）
link-summary = 全文摘要
link-summary-typed = 全文摘要：/start d_{ $id }
also = 另见：{ $outlets }
between-words = 、
in-quotes = “{ $word }”

# A document's summary
summary-unknown = 没有这份摘要，也许已被移除。
summary-cut = …… 另有 { $points } 条要点。

# Commands
start =
    中国经济和科技新闻，中英文都可以问。我用新闻摘要里的要点回答，每一条都注明出处。
start-corpus = 现有 { $documents } 份摘要，{ $points } 条要点；最新一份是 { $newest }。
start-logged = 提问会被这个机器人的运营者记录。
help =
    直接写下问题：中文、英文，整句话或几个词都可以。
    在群里：/ask 加问题，或用 /ask 回复一条消息。
    不要某个词：-词。只看某家媒体、主题或时间：outlet:新华社 topic:原始创新 date:2025
    /topics – 有哪些主题
    /help – 这段说明
ask-what = 想查什么？请写 /ask 加问题，或用 /ask 回复一条消息。
only-text = 我只读文字。请把问题写成一条消息。
topics-none = 还没有任何主题。
topic = { $name }：{ $documents } 份摘要，最新 { $newest }
failed = 出错了，已记录，编号 { $id }。请再问一次。

# The command menu, 256 characters at most
command-ask = 提一个问题
command-topics = 有哪些主题
command-help = 怎么提问

# The terminal
terminal-hello = 知点在终端里运行（没有设置 TELEGRAM_BOT_TOKEN）。直接写下问题；/help 看说明，Ctrl-D 结束。
