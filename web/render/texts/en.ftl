# The page's texts. Those of the bot are in bot/render/texts.
skip = Skip to the content
nav = Pages
nav-topics = Topics
nav-search = Search
nav-following = Following
footer = Summaries of news, each point with its source. The articles belong to their outlets.
feed-link = Follow in a reader (Atom)

home-title = Topics
home-heading = What the news says, point by point
home-lead = { $documents ->
    [one] One document
   *[other] { $documents } documents
  } with { $points } points. Ask in Chinese or English.
home-empty = There are no documents yet.
topics = Topics
topic = Topic
topic-counts = { $documents ->
    [one] One document
   *[other] { $documents } documents
  }, { $points } points
topic-newest = newest { $day }
gathers = Documents that mention { $words } join this topic by themselves, beside those that come in under its name.
gathers-outlets = Only those of { $outlets }.
gathers-excluded = None that mention { $words }.
newest = Newest documents
documents = Documents
documents-found = { $documents ->
    [one] One document, newest first.
   *[other] { $documents } documents, newest first.
  }
documents-none = No document fits these filters.
filters = Filters
filter-drop = (remove this filter)
filter-phrase = “{ $text }”
filter-excluded = without { $text }
by-outlet = Outlet
by-month = Month
more-points = { $points ->
    [one] One more point
   *[other] { $points } more points
  }
paragraphs-explained = ¶ and a number name the paragraph of the article that a point is taken from.
paragraph = paragraph { $number }
point-link = Link to this point
kind-full = full text

pager = Pages of this list
pager-newer = Newer
pager-older = Older
pager-page = { $page } of { $pages }

article = Read the article
article-search = Look for the article
versions = The same story elsewhere
revisions = Former versions
revision = Version { $number }, until { $until }

search-label = Search documents
search-topic = Search documents in “{ $topic }”
search-placeholder = A question, or words
search-button = Search
search-title = Search
search-empty = Write a question or a few words. An outlet, a month and words in quotes narrow the search: innovative drugs Economic Daily July 2025.
look-around = Look around
results = Results
understood = Understood as:
corrected = Read “{ $asked }” as “{ $read }”; quotes keep it as it is.
date-unreal = “{ $asked }” is not in the calendar; read as { $read }.
date-refused = I cannot read “{ $asked }” as a date, so nothing was searched. Write one that exists, such as date:2025, date:2025-07 or date:2025-07-15.
truncated = Only the first 1,000 characters were read.
rarest-only = The question has many words; only the rarest words were read.
direct = Answer
found = { $points ->
    [one] One point
   *[other] { $points } points
  }, the best first.
maybe = Perhaps not an answer. These come closest:
maybe-missing = Nothing was found about { $words }. These come closest:
none = Nothing in { $documents } documents answers this.
nowhere = No document mentions { $words }.
between = ,{" "}
listed-none = No document is surely about that.
share = Share in a chat
compared = The best point about each:
side-nothing = Nothing was found about this side.

follow-topic = Follow this topic
follow-search = Follow this search
follow-in-telegram = Follow in Telegram
unfollow = Unfollow
followed = You follow this.
following-title = What you follow
following-lead = What is new comes to your chat with the bot, where the times are set too.
following-none = You follow nothing yet. The bell on a topic or below a search follows it: what is new then comes to your chat with the bot.
following-unknown = This browser does not know who you are. Open the page from the bot in Telegram to see what you follow.
followed-topic = Topic
followed-search = Search
open-bot = Open the bot
also = Also in

error-400 = This request cannot be understood
error-400-how = Go back, and try a shorter question.
error-403 = This library is for invited people
error-403-how = Open it from the bot in Telegram, or send the bot /web for a link. A link works once, in one browser, for a day.
error-form = This could not be done
error-form-how = The link was used already, or your visit has ended. Open the page anew from the bot in Telegram, and try again.
error-full = You follow as much as one can
error-full-how = Stop following something first.
error-404 = There is nothing here
error-404-how = The document may have been removed. Search for it:
error-429 = Too many requests
error-429-how = Wait a minute, and go on.
error-500 = Something went wrong
error-500-how = It was logged. Try again in a moment.
error-503 = Too many searches at once
error-503-how = Try again in a few seconds.
error-away = The library cannot be reached now
error-away-how = It was logged. Try again in a minute.

enter-title = Enter
enter-heading = Enter this library
enter-how = The link works once. This browser stays let in until the link's day is over.
enter-button = Enter
