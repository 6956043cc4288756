# Why something is left out, as the end of a sentence that begins with a file and a line. Both files have the same texts.
other = { $error }

# Lines
line-long = the line is longer than 1 MB; a body or a JSON document must fit into that
line-no-utf8 = byte { $byte } of the line is not UTF-8; save the file as UTF-8

# Files
unreadable = cannot be read: { $error }
binary = is a binary or UTF-16 file; save text as UTF-8
empty = is empty; expected a topic export or JSON Lines
no-export = is plain text and no topic export; save it as .md, with the title as its first heading
many-lines = the file has more than { $lines } lines; split it

# Topic exports
header = expected the four header lines Workflow, the topic, icon, Search documents: { $problem }
header-topic-missing = the topic's line may be missing; the documents below it are left out
no-header = expected the four header lines Workflow, the topic, icon, Search documents; is this a topic export?
unexpected-lines = expected a title, a line 'Outlet· YYYY-MM-DD HH:MM' and a body on one line; mend or delete this
title-missing = a title is missing above
body-missing = the body is missing below the 'Outlet· date' line
body-long = the body is longer than 1 MB
body-pointless = the body holds no point; expected 'Core Viewpoint - a point [1]. …'
outlet-missing = the outlet is missing; expected 'Outlet· YYYY-MM-DD HH:MM'
no-such-time = there is no { $time }; expected YYYY-MM-DD HH:MM
year = the year must lie between { $first } and { $last }

# Fields of JSON and front matter
json-deep = the JSON is nested too deeply
no-json = is not JSON ({ $error }); expected one document as an object
no-object = { $what ->
    [line] the line must be a JSON object
   *[point] a point must be a JSON object
}
points-missing = 'points' must be a list of at least one point
citations = 'citations' must be a list of paragraph numbers
section = 'section' must be a string; '' where there is none
text-missing = '{ $field }' must be a string that is not empty
time-form = 'published' must be ISO 8601 like 2025-08-12T22:44+08:00, not '{ $time }'
time-missing = 'published' is missing
url = 'url' must be an http or https address, or be left out
kind = 'kind' must be "summary" or "full", or be left out

# Markdown
file-large = the file is larger than { $megabytes } MB
file-no-utf8 = byte { $byte } is not UTF-8; save the file as UTF-8
front-matter = expected front matter between two lines '---' with title, outlet, published and topic
front-matter-field = { $problem }; expected front matter between two lines '---' with title, outlet, published and topic
front-matter-no-yaml = the front matter is not YAML; expected front matter between two lines '---' with title, outlet, published and topic
no-paragraph = there is no paragraph below the front matter
paragraph-long = a paragraph is longer than { $characters } characters

# Pages
page-large = the page is larger than { $megabytes } MB
page-binary = is not a page but a binary file
page-topicless = a page has no topic; name one (--topic, a file's caption, or behind a link)
page-deep = the page nests more than { $elements } elements
page-no-article = no article was found on the page; an index or a page made by scripts holds none
page-untitled = the page has no title
page-undated = the page gives no date of publication
page-outletless = the page names no outlet, and has no address to tell it by
page-broken = the page cannot be read ({ $error })
page-date = the page's date, { $date }, cannot be
wall-paid = the article is behind a paywall: its page says that not all of it is there
wall-login = the page asks for a login, a subscription, cookies or JavaScript in place of the article
wall-language = the article is neither in Chinese nor in English
wall-declared-language = the article is in a language ({ $language }) that is neither Chinese nor English

# Reading in the sandbox
read-slow = it takes longer than { $seconds } s to read
read-stopping = the bot is stopping
read-memory = it takes more memory to read than there is for it

# Fetching
fetch-large = larger than { $megabytes } MB
fetch-redirects = more than { $redirects } redirects
fetch-robots = its robots.txt asks readers like this one not to fetch it
fetch-robots-status = the server answered { $status }; until it tells its rules nothing is fetched
fetch-status = the server answered { $status }
fetch-slow = no answer within { $seconds } s
fetch-busy = too many requests wait for this host
fetch-packed = packed as '{ $packing }', which was not asked for
fetch-damaged = its { $packing } is damaged
fetch-cut-off = its { $packing } is cut off in the middle
fetch-no-address = '{ $address }' is no address
fetch-no-web = '{ $address }' is no http or https address
fetch-forbidden-port = port { $port } is for no pages; ZHIDIAN_FEED_HOSTS allows hosts that are meant
fetch-own-network = { $host } is an address of this machine's own network; ZHIDIAN_FEED_HOSTS allows hosts that are meant
fetch-socket = a socket of this machine is no source

# Pages of a feed's entries
mismatch-address = its address leads to a front page
mismatch-front = the page says that it is a front page
mismatch-short = the page holds less than its entry
mismatch-language = the page is short, and in another language than its entry
mismatch-words = the page has other words than its entry
mismatch-notice = the page has the entry's title over other words
