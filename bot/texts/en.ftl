# Answers
maybe = Not sure. The closest points:
maybe-missing = Not sure: the closest point does not mention { $words }.
none = I found nothing on that.
none-nowhere = These words occur nowhere: { $words }
none-empty = There are no summaries yet. The operator adds them with: zhidian ingest
topics-there-are = There are summaries on: { $topics }
truncated = (The question was long; I read only its beginning.)
paragraph = ¶{ $number }
link-search = { $title } (search)
link-summary = Whole summary
link-summary-typed = Whole summary: /start d_{ $id }
also = Also in: { $outlets }
between-words = { ", " }
in-quotes = “{ $word }”

# A document's summary
summary-unknown = I do not know this summary. It may have been removed.
summary-cut = … and { $points ->
    [one] 1 more point
   *[other] { $points } more points
}.

# Commands
start =
    Ask me about Chinese economic and technology news, in Chinese or English. I answer with points from news summaries, each with its source.
start-corpus = { $documents ->
    [one] 1 summary
   *[other] { $documents } summaries
}, { $points ->
    [one] 1 point
   *[other] { $points } points
}; the newest is from { $newest }.
start-logged = Questions are logged by whoever runs this bot.
help =
    Write a question: Chinese or English, whole sentences or just words.
    In groups: /ask and the question, or /ask in reply to a message.
    A word to leave out: -word. Only one outlet, topic or time: outlet:新华社 topic:原始创新 date:2025
    /topics – what there are summaries on
    /help – this text
ask-what = What should I look up? Write /ask and the question, or reply to a message with /ask.
only-text = I read text only. Write your question as a message.
topics-none = There are no topics yet.
topic = { $name }: { $documents ->
    [one] 1 summary
   *[other] { $documents } summaries
}, newest { $newest }
failed = Something went wrong; it has been logged as { $id }. Please ask again.

# The command menu, 256 characters at most
command-ask = Ask a question
command-topics = What there are summaries on
command-help = How to ask

# The terminal
terminal-hello = Zhidian in the terminal (no TELEGRAM_BOT_TOKEN is set). Write a question; /help helps, Ctrl-D ends.
