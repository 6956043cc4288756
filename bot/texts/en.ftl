# Answers
maybe = Not sure. The closest points:
maybe-missing = No point mentions { $words }. The closest:
none = I found nothing on that.
none-searched = I searched { $documents ->
    [one] 1 summary
   *[other] { $documents } summaries
} ({ $days }).
none-nowhere = These words occur nowhere: { $words }
none-empty = There are no summaries yet. The operator adds them with: zhidian ingest
topics-there-are = There are summaries on: { $topics }
truncated = (The question was long; I read only its beginning.)
inherited = Following up: { $question }
you-asked = { $question }
paragraph = ¶{ $number }
annotation = {" "}[{ $word }]
link-search = { $title } (search)
link-summary = Whole summary
link-summary-typed = Whole summary: /start d_{ $id }
also = Also in: { $outlets }
age-months = { $months ->
    [one] 1 month ago
   *[other] { $months } months ago
}
age-years = { $years ->
    [one] 1 year ago
   *[other] { $years } years ago
}
citation = – { $outlet }, { $date }, “{ $title }”
between-words = { ", " }
in-quotes = “{ $word }”

# How a question was read
reading = 🔎 { $reading }
corrected = Searched for “{ $read }” (you wrote “{ $asked }”)
without = without { $word }
days-since = since { $day }
days-until = until { $day }
days-between = { $since } to { $until }

# Buttons
button-summary = 📄 Whole summary
button-more = More ▸
button-back = ◂ Back
button-to-answer = ◂ To the answer
button-alone = Only this sentence
button-literal = ↩ As I wrote it
button-copy = 📋 Copy citation
button-search = 🔍 Search documents
button-topics = All topics
button-language = Language
button-hour = Time
button-zone = Time zone
button-export = Export my data
button-forget = Erase my data
button-really = Yes, erase everything
button-keep = No, keep it
reason-off = Misses the question
reason-outdated = Outdated
reason-incomplete = Something is missing
reason-kept = Noted, thank you.
reason-withdrawn = Taken back.
too-old = This button is too old. Please ask again.

# Suggestions: questions made from the corpus
starter-figure = { $what }: how much?
starter-title = { $title }: what is it about?

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
start-try = Write a question, or try one of those below. /help says how to ask.
start-logged = Questions are logged by whoever runs this bot (/privacy).
help =
    Write a question: Chinese or English, whole sentences or just words. To follow up, say only what changes: “and in Hubei?”
    In groups: /ask and the question, /ask in reply to a message, or a reply to my message.
    A word to leave out: -word. Only one outlet, topic or time: outlet:新华社 topic:原始创新 date:2025
    /topics – what there are summaries on
    /settings – language, time, time zone
    /status – how much there is, and how to ask here
    /privacy – what is logged, and how to erase it
ask-what = What should I look up? Write /ask and the question, or reply to a message with /ask.
only-text = I read text only. Write your question as a message.
too-many = That was fast. Please ask again in { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}.
topics-none = There are no topics yet.
topic = { $name }: { $documents ->
    [one] 1 summary
   *[other] { $documents } summaries
}, newest { $newest }
summary-unknown = I do not know this summary. It may have been removed.
failed = Something went wrong; it has been logged as { $id }. Please ask again.
privacy =
    What is kept: the questions you put to me, your Telegram user number, the chat, the points I showed, what you thought of answers, and your settings.
    What is not: what a group says to others, and what is typed into an inline query before it is sent.
    What for: so that buttons and follow-up questions work, and to improve the answers. Whoever runs this bot can read it; it is erased when it is old.
    /export sends you your data as a file, /forget erases all of it.
status-corpus = { $documents ->
    [one] 1 summary
   *[other] { $documents } summaries
}, { $points ->
    [one] 1 point
   *[other] { $points } points
}, { $topics ->
    [one] 1 topic
   *[other] { $topics } topics
}; the newest summary is from { $newest }.
status-here = How to ask here

# Ways of asking
way-private = · Write a question, or forward a message
way-ask = · /ask and the question, or /ask in reply to a message
way-reply = · reply to a message of mine
way-mention = · write @{ $bot } in a message
way-mention-maybe = · write @{ $bot } in a message (in some groups it does not reach me: then /ask)
way-inline = · in any chat, type @{ $bot } and a few words
welcome = Hello. I answer questions about Chinese economic and technology news with points from news summaries. I read and log only what is said to me (/privacy). Here you ask like this:

# Inline mode
inline-open = Open Zhidian
stranger-inline = By invitation only

# One's own
settings = Settings
settings-group = Settings of this group (administrators change them)
settings-language = Language: { $language }
settings-language-auto = automatic
settings-hour = Time of digests: { $hour }
settings-zone = Time zone: { $zone }
settings-unset = not chosen
administrators-only = Only this group's administrators change its settings.
anonymous-press = I cannot tell who an anonymous administrator is. Turn anonymity off and press again.
forget-ask = Erase everything I have of you: questions, feedback, settings and subscriptions? The buttons below older answers will not work any more.
forget-invited = Your invitation goes with it; to come back you need a new one.
forgotten = Erased: { $count ->
    [one] 1 record
   *[other] { $count } records
}.
kept = Nothing was erased.
export = This is everything I have of you.

# Access
stranger = This bot is by invitation only; ask whoever runs it for a link.
operators-only = This command is for the people who run the bot.
invite-open = Anybody may use the bot now, without an invitation (ZHIDIAN_ACCESS=open).
invitation = This link lets one person in, once: { $address }
invited-group = Everybody in this group may ask now. /revoke ends it.
revoked-group = Nobody in this group may ask any more by being here.
revoked = Taken back.
revoked-nobody = There is no such person and no such group.
admitted = { $count ->
    [one] 1 person or group was
   *[other] { $count } people and groups were
} let in. A press takes it back:
admitted-none = Nobody was let in yet.

# The command menu, 256 characters at most
command-ask = Ask a question
command-topics = What there are summaries on
command-settings = Language, time, time zone
command-status = How much there is, and how to ask here
command-privacy = What is logged
command-export = Export my data
command-forget = Erase my data
command-help = How to ask

# What the bot says of itself: 512 and 120 characters at most
bot-description =
    Ask about Chinese economic and technology news, in Chinese or English. I answer with points from news summaries, each with its outlet, date and source.
    Questions are logged by whoever runs this bot (/privacy).
bot-short-description = News questions in Chinese or English, answered with sources. Questions are logged: /privacy

# The terminal
terminal-hello = Zhidian in the terminal (no TELEGRAM_BOT_TOKEN is set). Write a question; /help helps, Ctrl-D ends.
