"""Stop words of both languages, normalised and unstemmed: function words, question words, politeness."""

ENGLISH_STOPWORDS = """
a about after again against all also am an and any are aren as at be because been before being below between both but by
can could did do does doing don down during each either few for from further get gets getting give gives got had has have
having he her here hers herself him himself his how i if in into is isn it its itself just let like ll lot make makes
many may me might more most much must my myself neither no nor not now of off on once one only onto or other our ours out
over own please per quite rather really same shall she should so some such tell than thank thanks that the their theirs
them themselves then there these they this those through to too under until up upon us very was we were what whatever
when where whether which while who whom whose why will with within without would yes yet you your yours
anybody anyone anything everyone everything somebody someone something exactly know want wants need find show explain
hello hi hey ok okay d m re s t ve say says said vs versus via according
what's who's where's when's why's how's that's it's there's here's he's she's let's i'm i've i'd i'll we're we've we'd
we'll you're you've you'd you'll they're they've they'd they'll it'll don't doesn't didn't isn't aren't wasn't weren't can't
couldn't won't wouldn't shouldn't haven't hasn't hadn't
whats whos wheres hows thats dont doesnt didnt isnt arent cant wont im ive
"""
CHINESE_STOPWORDS = """
的 了 是 在 有 和 与 及 或 也 都 就 还 又 而 但 不 没 没有 被 把 将 让 给 对 对于 关于 从 向 往 到 于 以 用 按 由 为 为了 因 因为 所以 如果 那么
虽然 但是 然而 并 并且 而且 不过 只 只有 才 再 已 已经 正在 曾 曾经 会 能 能够 可以 可 要 想 想要 应 应该 该 得 地 着 过 吧 吗 呢 啊 呀 哦 嘛 么 啦
这 那 这个 那个 这些 那些 这里 那里 这样 那样 这种 那种 此 其 其中 之 者 所 它 它们 他 她 他们 她们 我 我们 你 你们 您 咱们 自己 大家 别人 人家
什么 啥 怎么 怎样 怎么样 如何 为什么 为何 为啥 哪 哪个 哪些 哪里 哪儿 哪家 哪种 哪款 哪位 哪几 哪年 谁 几 几个 多少 多 多大 多久 多长 多高 多快 多远 什么样 何时 何 何种
是否 是不是 能不能 会不会 有没有 可不可以 行不行 够不够 好不好 要不要 多不多 请 请问 麻烦 谢谢 你好 您好 告诉 知道 想知道 说 说说 讲 讲讲 介绍 一下 一些 有些 一个 一种 个 些 种 次
很 非常 最 更 比较 太 挺 特别 十分 大概 大约 左右 差不多 到底 究竟 其实 真的 真 老 总 总是 总共 一共 目前 现在 当前 如今 最近 时候 的话 以及 等 等等 之一 来 去 上 下 里 中 内 外 间
比 跟 同 靠 据 根据 通过 经过 随着 除了 除 之外 以外 还有 另外 此外 方面 情况 问题 东西 事情 事 有关 相关 查 查查 查到 找 看 看看 帮 帮我 帮忙 一 两 做 做到 拿 拿到 弄 搞 手里 起来 出来 下来 下去 过去
不能 得了 这么 那么 什么时候 多少钱 多少个 靠 光 是 才能 一年 每年 哪里 老是 怎么办 那款 那座 那家 那篇 那天 这家 这款 这篇 多重 几家 几种 几年 算 叫 叫做 属于 作为 成 成了 成为 变 变成 都有 里面 里头 上面 下面
有多大 有多少 有多高 有多长 有多远 有多快 有多重 有多久 有多贵 有多难
"""
STOPWORDS = frozenset(ENGLISH_STOPWORDS.split()) | frozenset(CHINESE_STOPWORDS.split())
