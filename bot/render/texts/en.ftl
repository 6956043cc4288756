# Answers
maybe = Not sure. The closest points:
missing = No mention of { $words }.
same-document = (same summary)
none = I found nothing on that.
none-searched = I searched { $documents ->
    [one] 1 summary
   *[other] { $documents } summaries
} ({ $days }).
none-nowhere = These words occur nowhere: { $words }
none-without = Without { $filter } I find { $points ->
    [one] 1 point.
    [10] at least 10 points.
   *[other] { $points } points.
}
quotation-marks = the quotation marks
none-empty = There are no summaries yet. The operator adds them with: zhidian ingest
topics-there-are = There are summaries on: { $topics }
truncated = (The question was long; I read only its beginning.)
rarest-only = (The question has many words; I read only the rarest words.)
inherited = Following up: { $question }
you-asked = { $question }
paragraph = ¶{ $number }
annotation = {" "}[{ $word }]
link-search = { $title } (search)
link-summary = { $kind ->
    [full] Full text
   *[summary] Full summary
}
link-summary-typed = { $summary }: /start d_{ $id }
kind-full = full text
also = Also in: { $outlets }
in-language = { $language ->
    [zh] In Chinese:
   *[en] In English:
}
translate-how = In English: hold the message (or right-click it) and choose Translate. If it is missing, turn it on in Settings, Language.
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
date-unreal = “{ $asked }” is not in the calendar; I went by { $read }.
date-refused = I cannot read “{ $asked }” as a date, so I did not search. Write one that exists, such as date:2025, date:2025-07 or date:2025-07-15.
without = without { $word }
days-since = since { $day }
days-until = until { $day }
days-between = { $since } to { $until }

# Buttons
button-summary = 📄 Full summary
button-more = More ▸
button-back = ◂ Back
button-to-answer = ◂ To the answer
button-alone = Search this sentence alone
button-literal = ↩ As I wrote it
button-without = Without { $filter }
button-copy = 📋 Copy citation
button-search = 🔍 Search documents
button-topics = All topics
button-language = Language
button-hour = Time
button-zone = Time zone
button-open = Let the operator see my questions
button-close = Keep my questions private
button-export = Export my data
button-forget = Erase my data
button-really = Yes, erase everything
button-keep = No, keep it
reason-off = Not about my question
reason-outdated = Outdated
reason-incomplete = Incomplete
reason-kept = Noted, thank you.
reason-withdrawn = Taken back.
too-old = This button is too old. Please ask again.
pressed-late = I was offline when you pressed this button. Please press it again.
press-again = Telegram did not accept this just now. Please press again in a moment.

# Suggestions: questions made from the corpus
news-question = What is new?
title-question = What is there on “{ $title }”?

# Requests: what is new, an overview, what was said of an answer
listing-newest = The newest summaries
listing-news = The newest on { $subject }
listing-undated = Nothing of { $when }. The newest there are:
nothing-before = Which answer do you mean? Ask a question first, or reply to one of my answers.
nothing-found-before = I found nothing on your last question, so there is nothing more to show.
no-more = That is all I found. Ask in other words, or see /topics.
no-translation = There is no point on this in English. Telegram translates a message when you hold it and choose Translate.
ask-about-what = About what? Name a place, a firm or a subject, for example: How large is Huairou Science City?
no-such-item = { $shown ->
    [one] I showed only one.
   *[other] I showed only { $shown }.
}
beyond = I cannot help with that: I only look up summaries of economic and technology news, give no advice on investments and know neither weather nor time. Ask, for example: How large is Huairou Science City? Or see /topics.
wrong-how = Sorry. Ask in other words, or press ⋯ and 👎 below the answer and say what is wrong with it.
side-nothing = Nothing found.
cite-original = The original article
cite-no-original = I do not have the address of the original; the title above searches for it.

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
start-try = Write a question, or tap one of these. /help says how to ask.
start-write = Write a question. /help says how to ask.
start-logged = Questions are logged by the operator of this bot (/privacy).
help =
    Write a question: Chinese or English, whole sentences or just words. To follow up, say only what changes: “and in Hubei?”
    In groups: /ask and the question, /ask in reply to a message, or a reply to my message.
    A word to leave out: -word. Only one outlet, topic or time: outlet:新华社 topic:原始创新 date:2025
    ⋯ below an answer: copy its source, or say what you think of it (👍 👎)
    /subscribe and a topic or question – be told what is new; or press 🔔
    /subscriptions – see and change what is followed here
    /digest – what is new, now
    /topics – what there are summaries on
    /settings – language, time, time zone
    /status – how much there is, and how to ask here
    /privacy – what is logged, and how to erase it
help-operators =
    Operators can also:
    send me a file or an address – add documents; /feeds – the sources that are followed
    /alias name = another name – names of one thing
    /stats – what people asked, and what was not found
    /invite, /revoke – let people in, and out
terminal-help =
    Write a question: Chinese or English, whole sentences or just words. To follow up, say only what changes: “and in Hubei?”
    A word to leave out: -word. Only one outlet, topic or time: outlet:新华社 topic:原始创新 date:2025
    /topics – what there are summaries on
    /privacy – what is logged, and how to erase it
small-talk = I look things up in news summaries. Just ask, for example: How large is Huairou Science City? More: /help
one-moment = One moment, I am looking it up.
answers-wait = I answer your messages one after another. With so many it takes a while.
ask-what = What should I look up? Write /ask and the question, or reply to a message with /ask.
only-text = I can read text only. Please write your question as a message.
too-many-presses = Too many presses. Please press again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
too-many = Too many questions. Please ask again in { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}.
topics-none = There are no topics yet.
topic = { $name }: { $documents ->
    [one] 1 summary
   *[other] { $documents } summaries
}, newest { $newest }
summary-unknown = I do not have this summary. It may have been removed.
corpus-away = The library cannot be reached at the moment. I have kept your question and answer it as soon as it can be.
corpus-away-press = The library cannot be reached at the moment. Please press again in a while.
failed = Something went wrong; it has been logged as { $id }. Please ask again.
privacy =
    What is kept: the questions you put to me, your Telegram user number, the chat, the points I showed, what you thought of answers, and your settings.
    What is not: what a group says to others, and what is typed into an inline query before it is sent.
    What for: so that buttons and follow-up questions work, and to see what is asked and not found.
    Who sees it: whoever runs this bot is shown figures, and your own words only where three people asked alike or you agreed to it in /settings. A question that three people wrote in the same words may be suggested to others below /start, without a name. All of it lies on their computer.
    How long: questions and what was thought of their answers for a year, unless who runs this bot set another time; digests that were sent for two months at most; settings and what you follow until you delete them.
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
status-outlets = From: { $outlets }
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
settings-open = My questions: the operator can read them
settings-closed = My questions: the operator cannot read them, unless three people asked the same
administrators-only = Only this group's administrators change its settings.
anonymous-press = I cannot tell who an anonymous administrator is. Turn anonymity off and press again.
forget-ask = Erase everything I have of you: questions, feedback, settings and subscriptions? The buttons below older answers will not work any more.
forget-invited = Your invitation ends too. To come back you need a new one.
forgotten = Erased: { $count ->
    [one] 1 record
   *[other] { $count } records
}.
kept = Nothing was erased.
export = This is everything I have about you.

# Access
stranger = This bot is by invitation only. Please ask its operator for an invitation link.
operators-only = Only the operators of this bot can use this command.
invite-open = Anybody may use the bot now, without an invitation (ZHIDIAN_ACCESS=open).
invitation = This link lets one person in, once, within { $days } days: { $address }
invitations-unused = Links that nobody has used yet, and when each ends (Beijing time):
invited-group = Everybody in this group can ask now. /revoke ends that.
revoked-group = This group can no longer ask.
revoked = The invitation was withdrawn.
revoked-nobody = No such person or group has access.
admitted = { $count ->
    [one] 1 person or group was
   *[other] { $count } people and groups were
} let in. A press takes it back:
admitted-none = Nobody has been invited yet.

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
terminal-commands = The terminal knows /start, /topics, /help and /privacy; all other commands are for Telegram. Anything else is a question.

# Following: digests, and what is told when it comes in
digest-head = { $day } { $date }: { $documents ->
    [one] 1 new summary
   *[other] { $documents } new summaries
}
digest-more = { $documents ->
    [one] 1 more
   *[other] { $documents } more
}: see ‘All points’ below.
digest-archive = Besides, { $documents ->
    [one] 1 older summary
   *[other] { $documents } older summaries
} came in; they are not listed.
digest-silent = Nothing has come in on this topic for { $days } days; its source may be broken.
digest-nothing = There is nothing new at the moment.
digest-sample = A sample (the latest there is):
standing-answer = 🔔 There is an answer now: { $question }
standing-news = 🔔 New, and perhaps what you asked for: { $question }
day-mon = Monday
day-tue = Tuesday
day-wed = Wednesday
day-thu = Thursday
day-fri = Friday
day-sat = Saturday
day-sun = Sunday
schedule = { $days } at { $hour } ({ $zone })
each-daily = Every day
each-weekdays = On weekdays
each-mon = On Mondays
each-tue = On Tuesdays
each-wed = On Wednesdays
each-thu = On Thursdays
each-fri = On Fridays
each-sat = On Saturdays
each-sun = On Sundays
each-XSHG-open = Half an hour before Shanghai opens
each-XSHG-close = Half an hour after Shanghai closes
each-XHKG-open = Half an hour before Hong Kong opens
each-XHKG-close = Half an hour after Hong Kong closes
follow-done = Following: { $subject }
follow-next = Next: { $time }
follow-at-once = You are told as soon as something comes in (at most { $most } messages a day, none from 22:00 to 7:00; the rest is in the digest)
follow-quiet = Delivered without a sound
follow-paused = Paused: { $reason }
follow-none = Nothing is followed here yet. Send /subscribe and a topic or a question, for example: /subscribe 原始创新 07:30 Asia/Shanghai
follow-list = Followed here: { $count }
follow-limit = A chat can follow at most { $most } things. Remove some first: /subscriptions
follow-how =
    Follow what? Write /subscribe and a topic or any question, then if you like when and how:
    /subscribe 原始创新 07:30 Asia/Shanghai
    /subscribe Hubei chips weekdays 08:30
    /subscribe 数据要素 monday quiet
    /subscribe semiconductors XSHG open
    /subscribe demagnetization at-once
    For a channel, in private: /subscribe @channel topic
follow-mistaken = “{ $word }” is neither a time (07:30) nor a time zone (Asia/Shanghai). If it belongs to what you want to follow, put that in quotes.
follow-any-zone = Another one: /subscribe topic Europe/Paris
spoken-follow = Follow “{ $subject }”? You would hear of it: { $schedule }. Press to confirm.
spoken-unfollow = Stop following? Press what you no longer want.
spoken-reschedule = Deliver at { $hour } from now on? Press to confirm.
spoken-which-hour = At what time? Write it, for example: half past nine. Or choose what to change in the list.
spoken-unknown = This is not followed here: “{ $subject }”.
follow-undone = No longer followed: { $subject }
follow-kept = Changed.
follow-gone = This is not followed any more.
follow-no-markets = This bot has no trading calendar; its operator can add it with: make install EXTRAS=markets
follow-channel-rights = To subscribe a channel, you and I must both be its administrators, and I need the right to post.
follow-channel-private = Subscribe a channel in our private chat, please.
follow-groups-only = In a group only administrators can change what is followed.
paused-asked = as you asked
paused-blocked = I was blocked
paused-kicked = I am not in this group
paused-gone = this chat is gone
paused-closed = this topic is closed
paused-rights = I may not write here
paused-access = an invitation is needed
button-follow = 🔔 Follow
button-tell-me = 🔔 Tell me what is new on this
button-all-points = All points
all-points-private = Sent to you in private.
all-points-start = I may not write to you yet: open @{ $bot }, press Start, then press again.
button-manage = Manage
button-time = Change time
button-pause = Pause
button-resume = Resume
button-unsubscribe = Unsubscribe
button-undo = Undo
button-enough = Stop telling me
button-list = Everything followed here
button-at-once = Tell me at once
button-daily = Daily instead
button-days = Days
button-quiet = Quiet
button-loud = With sound
deliveries-status = Deliveries: { $waiting } waiting, { $sending } being sent; in 24 hours { $sent } sent, { $failed } failed, { $uncertain } uncertain; { $due } due and not yet planned. { $active } subscriptions, { $paused } paused.
deliveries-trouble = { $time } → { $chat }: { $state }, { $error }
deliveries-mine = Deliveries here: last { $last }, next { $next }
alarm-uncertain = { $deliveries } deliveries were being sent when the bot was restarted. Whether they arrived is uncertain; they are not repeated. See /status.
alarm-silent = Nothing has come in on the topic “{ $topic }” for 7 days; its source may be broken.
alarm-stuck = { $deliveries } deliveries should have been sent; in 15 minutes not one was.
alarm-unplanned = For 15 minutes the bot could not find out which digests are due. See the log.
alarm-refused = Telegram refused a delivery to { $chat }: { $error }
alarm-paused = What { $chat } follows is paused: { $error }
command-subscribe = Follow a topic or a question
command-subscriptions = What is followed here
command-digest = What is new, now

feeds-head = { $feeds ->
    [one] One source is followed
   *[other] { $feeds } sources are followed
}
feeds-none = No sources are followed. /feeds add https://… topic
feed-never = never fetched
feed-age = fetched { $minutes } min ago
feed-added = Following { $url }: { $entries } entries now, for the topic “{ $topic }”. It is read within a minute.
feed-refused = Nothing was added. { $error }
feed-removed = Removed { $named }. What came in from it stays.
feed-unknown = { $named } is not followed; see /feeds.
alarm-cluster = The cluster with the corpus: { $trouble }
alarm-cluster-over = The cluster with the corpus can be reached again, and what came in meanwhile is being written to it.
alarm-failure = Failure { $id }: an answer went wrong. Whoever asked was given this number.
alarm-inbox = The inbox cannot be written: { $error }. { $cause ->
    [lock] Questions are answered all the same, and kept in memory until then; another program holds bot.db locked, such as a sqlite3 shell or a backup: end it.
   *[disk] Questions are answered all the same; make room on the disk, or make the data folder writable.
}
alarm-inbox-over = The inbox can be written again.
alarm-update-odd = Update { $update } cannot be read, and is passed over: { $error }. Its JSON is kept in bot.db, table inbox; a later version may read it.
alarm-update-unreadable = Update { $update } in the inbox cannot be read: { $error }.
alarm-update-aside = Update { $update } ended the process { $tries } times and was put aside.
alarm-read-only = Nothing can be written to { $folder }: questions are answered from a copy of it, digests wait, and what is asked or set now is forgotten at the next start. Make the folder writable and start again.
alarm-more = (and { $omitted } more before it: see the log)
alarm-feed = The source { $url } (topic “{ $topic }”) has been failing for a day: { $error }
status-feeds = { $feeds ->
    [one] One source fails:
   *[other] { $feeds } sources fail:
}

upload-operators-only = Only the operator can add documents. You can ask me about what is there.
upload-kind = That is a { $kind } file, which I cannot read. I can read: { $kinds }. You can also save its text as .md and send that.
upload-too-large = Telegram hands bots no file larger than { $megabytes } MB. Split it, or use `zhidian ingest` on the server.
upload-failed = The file could not be fetched from Telegram: { $error }
upload-counts = { $new } new, { $changed } changed, { $unchanged } unchanged, { $refused } refused
refused-no-export = This is plain text. I can read an article only with its title: save it as .md, with “# Title” as the first line, and send that.
refused-binary = This is no text, or not in UTF-8. Save it as text in UTF-8 and send it again.
refused-empty = The file is empty.
upload-more = … and { $refused } more
button-undo-upload = Take it back
upload-undone = Taken back: { $documents } new documents; { $restored } are as they were before.
alias-added = From now on: { $names }
alias-how = /alias name = another name = a third: names of one thing, in any language. /alias remove name: takes out the lines with that name.
alias-removed = Removed: { $names }
alias-unknown = No alias has the name “{ $name }”.
follow-sourceless = ⚠️ All sources of this topic have been failing for a day or longer; nothing new may come until they are back.
follow-sourceless-some = ⚠️ Topics all of whose sources have been failing for a day or longer: { $topics }

# What people ask: for who runs the bot
stats-head = The last { $days } days: { $questions ->
    [one] 1 question
   *[other] { $questions } questions
} from { $people ->
    [one] 1 person
   *[other] { $people } people
}
stats-verdicts = answered { $answer } · perhaps { $maybe } · not found { $none }
stats-bars = █ answered  ▓ perhaps  ░ not found
stats-gaps = Asked and not found
stats-gaps-none = Nothing that may be shown.
stats-asked = asked { $questions ->
    [one] once
   *[other] { $questions } times
} by { $people ->
    [one] 1 person
   *[other] { $people } people
}
stats-unseen = { $questions ->
    [one] 1 more question is
   *[other] { $questions } more questions are
} not shown: fewer than three people asked in such words, and whoever asked has not agreed to it.
stats-words = More words that occur nowhere (asked for by at least three people)
stats-word = “{ $word }”: { $people } people
stats-feedback = What readers said of answers
stats-digests = Digests
stats-readers = { $chats ->
    [one] 1 chat follows
   *[other] { $chats } chats follow
} something; in the last 7 days { $reached } of them got { $digests ->
    [one] 1 digest
   *[other] { $digests } digests
}.
chart-title = Questions a day, last { $days } days
chart-answer = answered { $questions }
chart-maybe = perhaps { $questions }
chart-none = not found { $questions }

# The operator's language model
machine-translation = Machine translation:
composed = Written by a language model from the points below
alarm-model = The language model cannot be used: { $error }. Readers get answers without it.
alarm-model-wrong = More than half of what the language model said lately was wrong and was not shown. Another model may do better (ZHIDIAN_MODEL).
settings-translation-on = Translations: by a language model, below what is in another language
settings-translation-off = Translations: none
settings-composing-on = Composed answers: on; your questions go to the language model
settings-composing-off = Composed answers: off
button-translation-on = Translate
button-translation-off = Do not translate
button-composing-on = Compose answers
button-composing-off = Do not compose answers
composing-told = From your next question on, a language model at { $host } may write two sentences above the answer. Your question and the points shown are sent there. /settings turns it off.
privacy-model = This bot has a language model at { $host }. Points, titles and section names of news go there to be translated: no questions, no names and no numbers of readers. /settings turns translations off.
privacy-composing = In private chats, after you were told, your questions go there too, with the points shown, to compose an answer; never your name or number. /settings turns it off.

# Topics that gather by themselves: /topic of operators
topic-rule = Gathers: { $words } ({ $documents } joined)
topic-rule-outlets = Only of: { $outlets }
topic-rule-excluded = Without: { $words }
topic-rule-added = { $documents ->
    [one] One document joined { $topic }; what comes in later joins by itself.
   *[other] { $documents } documents joined { $topic }; what comes in later joins by itself.
  }
topic-rule-tried = { $documents ->
    [one] One document would join { $topic }:
   *[other] { $documents } documents would join { $topic }, the latest of them:
  }
topic-rule-removed = { $topic } gathers no more. { $documents ->
    [one] One document left it.
   *[other] { $documents } documents left it.
  }
topic-rule-unknown = The topic { $topic } does not gather.
topic-rule-refused = { $error }. Nothing was changed.
topic-rule-how = /topic add NAME: words, other words: documents with one of them join the topic, in either language. outlet:NAME keeps to an outlet, -word leaves out. /topic try …: shows what would join. /topic remove NAME.

# Time zones
zone-Asia-Shanghai = Beijing time
zone-Asia-Hong-Kong = Hong Kong time
zone-Asia-Taipei = Taipei time
zone-Asia-Tokyo = Tokyo time
zone-Asia-Seoul = Seoul time
zone-Asia-Singapore = Singapore time
zone-Asia-Bangkok = Bangkok time
zone-Asia-Kolkata = India time
zone-Asia-Dubai = Dubai time
zone-Europe-Moscow = Moscow time
zone-Europe-London = London time
zone-Europe-Paris = Paris time
zone-Europe-Berlin = Berlin time
zone-Europe-Zurich = Zurich time
zone-America-New-York = New York time
zone-America-Chicago = Chicago time
zone-America-Denver = Denver time
zone-America-Los-Angeles = Los Angeles time
zone-America-Toronto = Toronto time
zone-America-Vancouver = Vancouver time
zone-America-Sao-Paulo = São Paulo time
zone-Australia-Sydney = Sydney time
zone-Pacific-Auckland = Auckland time
zone-UTC = UTC

# The page: /web
button-page = Page
button-enter = Enter the page
page-none = This bot has no public page.
page-open = Topics, documents and search in a browser.
page-private = The page is for invited people: write /web to me in private, and you get a link.
page-link = This link opens the page in one browser, once, and for a day. It is for you alone. /web off takes back all your links.
page-taken-back = { $sessions ->
    [0] There was no link to take back.
    [one] One link or session is taken back.
   *[other] { $sessions } links and sessions are taken back.
  }
