# Answers
maybe = 不太确定，供参考：
missing = 没有提到{ $words }。
same-document = （同一篇）
none = 没有找到相关内容。
none-searched = 查了 { $documents } 份摘要（{ $days }）。
none-nowhere = 这些词在所有摘要里都没有出现：{ $words }
none-without = 不限“{ $filter }”，{ $points ->
    [10] 至少有 10 条。
   *[other] 有 { $points } 条。
}
quotation-marks = 引号
none-empty = 还没有任何摘要。运营者可以用 zhidian ingest 加入。
topics-there-are = 现有摘要的主题：{ $topics }
truncated = （问题太长，只读了开头。）
rarest-only = （问题词太多，我只读了其中最少见的词。）
inherited = 接着上一问：{ $question }
you-asked = { $question }
paragraph = ¶{ $number }
annotation = 〔{ $word }〕
link-search = { $title }（搜索）
link-summary = { $kind ->
    [full] 全文
   *[summary] 完整摘要
}
link-summary-typed = { $summary }：/start d_{ $id }
kind-full = 原文
also = 另见：{ $outlets }
in-language = { $language ->
    [zh] 中文：
   *[en] 英文：
}
translate-how = 想看中文：长按消息（电脑上点右键），选“翻译”。没有的话，在设置→语言里打开。
age-months = { $months } 个月前
age-years = { $years } 年前
citation = ——{ $outlet }，{ $date }，《{ $title }》
between-words = 、
in-quotes = “{ $word }”

# How a question was read
reading = 🔎 { $reading }
corrected = 按“{ $read }”查找（写的是“{ $asked }”）
date-unreal = 日历上没有“{ $asked }”，按 { $read } 查找。
date-refused = “{ $asked }”不能当作日期，所以没有查找。请写存在的日期，例如 date:2025、date:2025-07 或 date:2025-07-15。
without = 不含{ $word }
days-since = { $day } 起
days-until = 至 { $day }
days-between = { $since } 至 { $until }

# Buttons
button-summary = 📄 完整摘要
button-more = 更多 ▸
button-back = ◂ 返回
button-to-answer = ◂ 回到回答
button-alone = 只查这一句
button-literal = ↩ 按原文查找
button-without = 不限 { $filter }
button-copy = 📋 复制引用
button-search = 🔍 查找文档
button-topics = 所有主题
button-language = 语言
button-hour = 时间
button-zone = 时区
button-open = 允许运营者看我的提问
button-close = 不公开我的提问
button-export = 导出我的数据
button-forget = 删除我的数据
button-really = 是，全部删除
button-keep = 不，保留
reason-off = 不相关
reason-outdated = 内容过时
reason-incomplete = 不完整
reason-kept = 已记下，谢谢。
reason-withdrawn = 已撤回。
too-old = 这个按钮太旧了，请再问一次。
pressed-late = 你按的时候我不在线，请再按一次。
press-again = Telegram 刚才没有接受，请过一会儿再按。

# Suggestions: questions made from the corpus
news-question = 最近有什么新消息？
title-question = 讲讲“{ $title }”

# 请求：新消息、概况、对上一个回答的追问
listing-newest = 最新的摘要
listing-news = { $subject } · 最新
listing-undated = { $when }没有新内容。最新的是：
nothing-before = 你指的是哪个回答？请先提一个问题，或者回复我的某个回答。
nothing-found-before = 上一个问题没有找到内容，所以没有更多可以看的。
no-more = 找到的就是这些。可以换个说法再问，或者看看 /topics。
no-translation = 这方面没有中文的要点。长按消息，选择“翻译”，Telegram 就会翻译。
ask-about-what = 想问关于什么的？请写出地方、公司或者主题，比如：怀柔科学城有多大？
no-such-item = 刚才只列了 { $shown } 条。
beyond = 这个我帮不上：我只查经济和科技新闻的摘要，不给投资建议，也不知道天气和时间。可以问，比如“怀柔科学城有多大”，或者看看 /topics。
wrong-how = 抱歉。请换个说法再问；也可以点回答下面的 ⋯ 和 👎，告诉我哪里不对。
side-nothing = 没有找到相关内容。
cite-original = 查看原文
cite-no-original = 我没有原文的网址；点上面的标题可以搜索原文。

# Commands
start =
    中国经济和科技新闻，中英文都可以问。我用新闻摘要里的要点回答，每一条都注明出处。
start-corpus = 现有 { $documents } 份摘要，{ $points } 条要点；最新一份是 { $newest }。
start-try = 直接写下问题，或者点一个下面的问题。怎么问：/help
start-write = 直接写下问题。怎么问：/help
start-logged = 提问会被运营者记录（/privacy）。
help =
    直接写下问题：中文、英文，整句话或几个词都可以。接着问可以只说变了什么：“那湖北呢？”
    在群里：/ask 加问题，或用 /ask 回复一条消息，或回复我的消息。
    不要某个词：-词。只看某家媒体、主题或时间：outlet:新华社 topic:原始创新 date:2025
    回答下面的 ⋯：复制引用，或说这个回答好不好（👍 👎）
    /subscribe 加主题或问题 – 有新消息时告诉你；也可以按 🔔
    /subscriptions – 看和改这里的关注
    /digest – 现在看有什么新内容
    /topics – 有哪些主题
    /settings – 语言、时间、时区
    /status – 有多少摘要，这里怎么问
    /privacy – 记录什么，怎么删除
help-operators =
    运营者还可以：
    发文件或网址给我 – 添加内容；/feeds – 关注的来源
    /alias 名称 = 另一个名称 – 同一事物的各种名称
    /stats – 大家问了什么，什么没找到
    /invite、/revoke – 邀请和收回
terminal-help =
    直接写下问题：中文、英文，整句话或几个词都可以。接着问可以只说变了什么：“那湖北呢？”
    不要某个词：-词。只看某家媒体、主题或时间：outlet:新华社 topic:原始创新 date:2025
    /topics – 有哪些主题
    /privacy – 记录什么，怎么删除
small-talk = 我可以帮你查新闻摘要。想知道什么直接问，比如“怀柔科学城有多大”。更多用法：/help
one-moment = 稍等，正在查找。
answers-wait = 消息比较多，我会按顺序逐条回答，请稍候。
ask-what = 想查什么？请写 /ask 加问题，或用 /ask 回复一条消息。
only-text = 目前只支持文字提问，请把问题写成一条消息。
too-many-presses = 操作太频繁，请过 { $seconds } 秒再按。
too-many = 提问太频繁，请过 { $seconds } 秒再问。
topics-none = 还没有任何主题。
topic = { $name }：{ $documents } 份摘要，最新 { $newest }
summary-unknown = 没有这份摘要，可能已被移除。
corpus-away = 资料库暂时连接不上。您的问题已经记下，一恢复就回答。
corpus-away-press = 资料库暂时连接不上，请过一会儿再按。
failed = 出错了，已记录，编号 { $id }。请再问一次。
privacy =
    记录什么：你直接问我的问题、你的 Telegram 用户编号、所在的聊天、我给出的要点，以及你对回答的评价和你的设置。
    不记录什么：群里没有对我说的话、输入内联查询时的按键。
    用来做什么：让按钮和追问起作用，并看出大家问了什么、什么没有找到。
    谁能看到：机器人给运营者看的是数字；你的原话只在三个人问得一样、或你在 /settings 里同意时才显示。三个人写得一字不差的问题，可能会不署名地作为示例出现在别人的 /start 里。记录存在运营者自己的电脑上。
    保留多久：问题和评价保留一年（运营者可以另设），推送记录最多两个月，设置和关注保留到你删除为止。
    /export 把你的数据作为文件发给你，/forget 全部删除。
status-corpus = 现有 { $documents } 份摘要，{ $points } 条要点，{ $topics } 个主题；最新一份是 { $newest }。
status-outlets = 来自：{ $outlets }
status-here = 在这里怎么问

# Ways of asking
way-private = · 直接写下问题，或转发一条消息
way-ask = · /ask 加问题，或用 /ask 回复一条消息
way-reply = · 回复我的消息
way-mention = · 在消息里写 @{ $bot }
way-mention-maybe = · 在消息里写 @{ $bot }（有些群里我收不到，那就用 /ask）
way-inline = · 在任何聊天里输入 @{ $bot } 加几个词
welcome = 大家好，我用新闻摘要里的要点回答中国经济和科技新闻的问题。只有对我说的话我才读、才记录（/privacy）。在这里这样问：

# Inline mode
inline-open = 打开知点
stranger-inline = 需要邀请才能使用

# One's own
settings = 设置
settings-group = 这个群的设置（只有管理员能改）
settings-language = 语言：{ $language }
settings-language-auto = 自动
settings-hour = 每日推送时间：{ $hour }
settings-zone = 时区：{ $zone }
settings-unset = 未选择
settings-open = 我的提问：运营者可以看到原话
settings-closed = 我的提问：运营者看不到原话，除非三个人问得一样
administrators-only = 只有这个群的管理员能改设置。
anonymous-press = 我无法确认匿名管理员的身份，请先关闭匿名再按。
forget-ask = 要删除你的全部数据吗？包括提问、评价、设置和关注。之后旧回答下面的按钮不再起作用。
forget-invited = 你的邀请也会失效，再用需要新的邀请。
forgotten = 已删除，共 { $count } 条记录。
kept = 什么也没有删除。
export = 这是我保存的关于你的全部数据。

# Access
stranger = 这个机器人只供受邀的人使用，请向运营者要一个邀请链接。
operators-only = 这个命令只供运营者使用。
invite-open = 现在任何人都可以使用，不需要邀请（ZHIDIAN_ACCESS=open）。
invitation = 这个链接可以让一个人使用，只能用一次，{ $days } 天内有效：{ $address }
invitations-unused = 还没有用过的链接，和各自失效的时间（北京时间）：
invited-group = 这个群里的人现在都可以提问。/revoke 收回。
revoked-group = 这个群里的人不能再提问了。
revoked = 已收回。
revoked-nobody = 没有这个人或群。
admitted = 现在有 { $count } 个受邀的人和群。按一下收回：
admitted-none = 现在没有受邀的人和群。

# The command menu, 256 characters at most
command-ask = 提一个问题
command-topics = 有哪些主题
command-settings = 语言、时间、时区
command-status = 有多少摘要，这里怎么问
command-privacy = 记录什么
command-export = 导出我的数据
command-forget = 删除我的数据
command-help = 怎么提问

# What the bot says of itself: 512 and 120 characters at most
bot-description =
    中国经济和科技新闻，中英文都可以问。我用新闻摘要里的要点回答，每一条都注明媒体、日期和出处。
    提问会被运营者记录（/privacy）。
bot-short-description = 用中文或英文问新闻，得到有出处的要点。提问会被记录：/privacy

# The terminal
terminal-hello = 知点在终端里运行（没有设置 TELEGRAM_BOT_TOKEN）。直接写下问题；/help 看说明，Ctrl-D 结束。
terminal-commands = 终端里有 /start、/topics、/help 和 /privacy，其他命令只在 Telegram 里有。别的都当作问题。

# Following: digests, and what is told when it comes in
digest-head = { $date } { $day }：新摘要 { $documents } 篇
digest-more = 另有 { $documents } 篇，见下面的“全部要点”。
digest-archive = 另外收入了 { $documents } 篇较早的文章，不逐一列出。
digest-silent = 已经 { $days } 天没有收到这个主题的任何内容，来源可能断了。
digest-nothing = 目前没有新内容。
digest-sample = 样例（最近的内容）：
standing-answer = 🔔 有答案了：{ $question }
standing-news = 🔔 有新消息，可能相关：{ $question }
day-mon = 周一
day-tue = 周二
day-wed = 周三
day-thu = 周四
day-fri = 周五
day-sat = 周六
day-sun = 周日
schedule = { $days } { $hour }（{ $zone }）
each-daily = 每天
each-weekdays = 工作日
each-mon = 每周一
each-tue = 每周二
each-wed = 每周三
each-thu = 每周四
each-fri = 每周五
each-sat = 每周六
each-sun = 每周日
each-XSHG-open = A 股开盘前半小时
each-XSHG-close = A 股收盘后半小时
each-XHKG-open = 港股开盘前半小时
each-XHKG-close = 港股收盘后半小时
follow-done = 已关注：{ $subject }
follow-next = 下次推送：{ $time }
follow-at-once = 有新消息就告诉你（每天最多 { $most } 条，22 点到 7 点不打扰，其余放进每日推送）
follow-quiet = 静音送达
follow-paused = 已暂停：{ $reason }
follow-none = 这里还没有关注任何内容。发 /subscribe 加主题或问题，例如：/subscribe 原始创新 07:30 Asia/Shanghai
follow-list = 这里关注了 { $count } 项：
follow-limit = 一个聊天最多关注 { $most } 项，请先用 /subscriptions 取消一些。
follow-how =
    要关注什么？写 /subscribe 加主题或任何问题，后面可以加时间、时区和方式：
    /subscribe 原始创新 07:30 Asia/Shanghai
    /subscribe 湖北 芯片 工作日 8点半
    /subscribe 数据要素 周一 静音
    /subscribe 半导体 A股开盘前
    /subscribe 退磁技术 有就告诉我
    频道：在私聊里写 /subscribe @频道 主题
follow-mistaken = “{ $word }”既不是时间（07:30）也不是时区（Asia/Shanghai）。如果它属于要关注的内容，请加引号。
follow-any-zone = 其他时区：/subscribe 主题 Europe/Paris
spoken-follow = 要关注“{ $subject }”吗？推送时间：{ $schedule }。点一下确认。
spoken-unfollow = 要取消关注吗？点一下不再想看的。
spoken-reschedule = 以后改成 { $hour } 推送吗？点一下确认。
spoken-which-hour = 改到几点？直接写时间，比如“晚上九点半”；也可以在列表里选一项来改。
spoken-unknown = 这里没有关注“{ $subject }”。
follow-undone = 已取消关注：{ $subject }
follow-kept = 已改。
follow-gone = 这项关注已经不在了。
follow-no-markets = 这里没有装交易日历，运营者可以用 make install EXTRAS=markets 加上。
follow-channel-rights = 要给频道订阅，你和我都必须是它的管理员，我还要有发消息的权限。
follow-channel-private = 频道的订阅请在和我的私聊里设置。
follow-groups-only = 在群里只有管理员能改关注。
paused-asked = 应你的要求
paused-blocked = 我被屏蔽了
paused-kicked = 我不在这个群里
paused-gone = 这个聊天已不存在
paused-closed = 这个话题已关闭
paused-rights = 我没有发言权限
paused-access = 需要邀请
button-follow = 🔔 关注
button-tell-me = 🔔 有新消息告诉我
button-all-points = 全部要点
all-points-private = 已发到你的私聊。
all-points-start = 我还不能给你发私信：请打开 @{ $bot }，按“开始”，再按一次。
button-manage = 管理
button-time = 改时间
button-pause = 暂停
button-resume = 恢复
button-unsubscribe = 退订
button-undo = 撤销
button-enough = 不再提醒我
button-list = 全部关注
button-at-once = 有就告诉我
button-daily = 改为每日
button-days = 哪几天
button-quiet = 静音
button-loud = 有声
deliveries-status = 推送：待发 { $waiting }，正在发 { $sending }；24 小时内已发 { $sent }，失败 { $failed }，不确定 { $uncertain }；到点未排 { $due }。关注 { $active } 项，暂停 { $paused } 项。
deliveries-trouble = { $time } → { $chat }：{ $state }，{ $error }
deliveries-mine = 这里的推送：上次 { $last }，下次 { $next }
alarm-uncertain = 重启时有 { $deliveries } 条推送正在发送，是否送达不确定，不会重发。/status 可查看。
alarm-silent = 主题“{ $topic }”已经 7 天没有新内容，来源可能断了。
alarm-stuck = 有 { $deliveries } 条推送该发而没有发出，15 分钟内一条也没有发成。
alarm-unplanned = 15 分钟以来无法查出哪些推送该发了，请看日志。
alarm-refused = 发往 { $chat } 的推送被 Telegram 拒绝：{ $error }
alarm-paused = { $chat } 的关注已暂停：{ $error }
command-subscribe = 关注一个主题或问题
command-subscriptions = 这里关注了什么
command-digest = 现在看有什么新内容

feeds-head = 正在关注 { $feeds } 个来源
feeds-none = 还没有关注任何来源。/feeds add https://… 主题
feed-never = 还没有读取过
feed-age = { $minutes } 分钟前读取
feed-added = 已关注 { $url }：现有 { $entries } 条，归入主题“{ $topic }”，一分钟内开始读取。
feed-refused = 没有添加。{ $error }
feed-removed = 已移除 { $named }，从那里来的内容都保留。
feed-unknown = 没有关注 { $named }，请看 /feeds。
alarm-cluster = 存放语料库的集群：{ $trouble }
alarm-cluster-over = 存放语料库的集群恢复了，这期间收到的内容正在写入。
alarm-failure = 出错 { $id }：有一次回答失败了，提问的人看到的也是这个编号。
alarm-inbox = 收件表写不进去：{ $error }。{ $cause ->
    [lock] 提问照常回答，先放在内存里。有别的程序锁住了 bot.db，例如 sqlite3 命令行或备份：请结束它。
   *[disk] 提问照常回答。请给磁盘腾出空间，或让数据文件夹可写。
}
alarm-inbox-over = 收件表又能写了。
alarm-update-odd = 更新 { $update } 读不了，已跳过：{ $error }。它的 JSON 留在 bot.db 的 inbox 表里，以后的版本也许能读。
alarm-update-unreadable = 收件表里的更新 { $update } 读不了：{ $error }。
alarm-update-aside = 更新 { $update } 让程序退出了 { $tries } 次，已放到一边。
alarm-read-only = { $folder } 里写不进任何东西：提问用它的一份副本来回答，推送先等着，现在问的和改的设置下次启动就没有了。请让这个文件夹可写，然后重新启动。
alarm-more = （此前还有 { $omitted } 条，见日志）
alarm-feed = 来源 { $url }（主题“{ $topic }”）已经连续失败一天：{ $error }
status-feeds = { $feeds } 个来源读取失败：

upload-operators-only = 只有运营者能添加内容。现有的内容可以随时问我。
upload-kind = 这是 { $kind } 文件，我还读不了。能读的有：{ $kinds }。也可以把里面的文字存成 .md 再发。
upload-too-large = Telegram 只把不超过 { $megabytes } MB 的文件交给机器人。请拆开再发，或在服务器上用 `zhidian ingest`。
upload-failed = 没能从 Telegram 取到文件：{ $error }
upload-counts = 新增 { $new }，更新 { $changed }，未变 { $unchanged }，拒收 { $refused }
refused-no-export = 这是纯文本。文章要有标题才能读：请另存为 .md，第一行写“# 标题”，再发给我。
refused-binary = 这不是文本文件，或者不是 UTF-8 编码。请另存为 UTF-8 文本再发。
refused-empty = 这个文件是空的。
upload-more = ……另有 { $refused } 条
button-undo-upload = 撤回
upload-undone = 已撤回 { $documents } 篇，恢复前一版 { $restored } 篇。
alias-added = 从现在起：{ $names }
alias-how = /alias 名称 = 另一个名称 = 第三个：同一事物的各种名称，语言不限。/alias remove 名称：去掉有这个名称的各行。
alias-removed = 已去掉：{ $names }
alias-unknown = 别名里没有“{ $name }”。
follow-sourceless = ⚠️ 这个主题的所有来源都已失败一天以上，恢复之前可能没有新内容。
follow-sourceless-some = ⚠️ 所有来源都已失败一天以上的主题：{ $topics }

# What people ask: for who runs the bot
stats-head = 最近 { $days } 天：{ $questions } 个问题，{ $people } 人提问
stats-verdicts = 有答案 { $answer } · 不确定 { $maybe } · 没找到 { $none }
stats-bars = █ 有答案  ▓ 不确定  ░ 没找到
stats-gaps = 问了而没有找到的
stats-gaps-none = 没有可以显示的。
stats-asked = { $questions } 次，{ $people } 人
stats-unseen = 另有 { $questions } 个问题的措辞不显示：不到三个人这样问，提问的人也没有同意显示。
stats-words = 其他没有任何摘要提到的词（至少三个人问过）
stats-word = “{ $word }”：{ $people } 人
stats-feedback = 对回答的评价
stats-digests = 推送
stats-readers = { $chats } 个聊天在关注；最近 7 天 { $reached } 个聊天收到 { $digests } 期。
chart-title = 最近 { $days } 天每天的问题
chart-answer = 有答案 { $questions }
chart-maybe = 不确定 { $questions }
chart-none = 没找到 { $questions }

# The operator's language model
machine-translation = 机器翻译：
composed = 由语言模型根据下列要点写成
alarm-model = 语言模型用不了：{ $error }。读者照常得到没有它的回答。
alarm-model-wrong = 语言模型最近说的一半以上与原文不符，没有显示。可以换一个模型（ZHIDIAN_MODEL）。
settings-translation-on = 翻译：另一种语言的内容下面附机器翻译
settings-translation-off = 翻译：关
settings-composing-on = 组织答案：开，你的问题会发给语言模型
settings-composing-off = 组织答案：关
button-translation-on = 打开翻译
button-translation-off = 关闭翻译
button-composing-on = 打开组织答案
button-composing-off = 关闭组织答案
composing-told = 从你的下一个问题起，{ $host } 上的语言模型会在回答上方写最多两句话。你的问题和所显示的要点会发到那里。可在 /settings 关闭。
privacy-model = 本机器人接有语言模型（{ $host }）。新闻的要点、标题和小标题会发去翻译，不发问题，也不发读者的名字和编号。可在 /settings 关闭翻译。
privacy-composing = 在私聊里，告知你之后，你的问题和所显示的要点也会发去组织答案，不发你的名字和编号。可在 /settings 关闭。

# 自动收集的主题：运营者的 /topic
topic-rule = 收集：{ $words }（已收 { $documents } 篇）
topic-rule-outlets = 只收：{ $outlets }
topic-rule-excluded = 不收含：{ $words }
topic-rule-added = 已有 { $documents } 篇文档加入{ $topic }；以后进来的会自动加入。
topic-rule-tried = 会有 { $documents } 篇文档加入{ $topic }，最新的是：
topic-rule-removed = { $topic }不再收集，{ $documents } 篇文档离开了它。
topic-rule-unknown = 主题“{ $topic }”没有自动收集。
topic-rule-refused = { $error }。什么都没有改动。
topic-rule-how = /topic add 名称：词，另一个词：含有其中之一的文档会加入这个主题，中英文都认。outlet:媒体 只收这家媒体，-词 不收含这个词的。/topic try …：看看哪些会加入。/topic remove 名称。

# 时区
zone-Asia-Shanghai = 北京时间
zone-Asia-Hong-Kong = 香港时间
zone-Asia-Taipei = 台北时间
zone-Asia-Tokyo = 东京时间
zone-Asia-Seoul = 首尔时间
zone-Asia-Singapore = 新加坡时间
zone-Asia-Bangkok = 曼谷时间
zone-Asia-Kolkata = 印度时间
zone-Asia-Dubai = 迪拜时间
zone-Europe-Moscow = 莫斯科时间
zone-Europe-London = 伦敦时间
zone-Europe-Paris = 巴黎时间
zone-Europe-Berlin = 柏林时间
zone-Europe-Zurich = 苏黎世时间
zone-America-New-York = 纽约时间
zone-America-Chicago = 芝加哥时间
zone-America-Denver = 丹佛时间
zone-America-Los-Angeles = 洛杉矶时间
zone-America-Toronto = 多伦多时间
zone-America-Vancouver = 温哥华时间
zone-America-Sao-Paulo = 圣保罗时间
zone-Australia-Sydney = 悉尼时间
zone-Pacific-Auckland = 奥克兰时间
zone-UTC = 世界时（UTC）

# 网页：/web
button-page = 网页
button-enter = 进入网页
page-none = 这个机器人没有公开的网页。
page-open = 在浏览器里看主题、文档和搜索。
page-private = 网页只对受邀请的人开放：请私聊我，发送 /web 取得链接。
page-link = 这个链接只供你本人使用，只能在一个浏览器里打开一次，一天内有效。/web off 会收回你的所有链接。
page-taken-back = { $sessions ->
    [0] 没有可收回的链接。
   *[other] 已收回 { $sessions } 个链接或登录。
  }
