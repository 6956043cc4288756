# 为什么没有收进来：前面是文件名和行号。两个文件的条目相同。
other = { $error }

# 行
line-long = 这一行超过 1 MB；一篇正文或一个 JSON 文档必须在这个长度以内
line-no-utf8 = 这一行的第 { $byte } 个字节不是 UTF-8；请把文件存为 UTF-8

# 文件
unreadable = 文件打不开：{ $error }
binary = 这是二进制文件或 UTF-16 文件；请存为 UTF-8 的文本
empty = 文件是空的；这里应是主题导出文件或 JSON Lines
no-export = 这是纯文本，不是主题导出文件；请存为 .md，第一行用“# 标题”写上标题
many-lines = 文件超过 { $lines } 行；请拆成几个

# 主题导出文件
header = 这里应有四行开头：Workflow、主题、icon、Search documents；{ $problem }
header-topic-missing = 可能缺了主题那一行；它下面的文档没有收进来
no-header = 这里应有四行开头：Workflow、主题、icon、Search documents；这是主题导出文件吗？
unexpected-lines = 这里应是标题、“媒体· 年-月-日 时:分”一行、一行正文；请改好或删掉这几行
title-missing = 上面缺标题
body-missing = “媒体· 日期”那一行下面缺正文
body-long = 正文超过 1 MB
body-pointless = 正文里没有要点；写法应如“Core Viewpoint - 一个要点 [1]. …”
outlet-missing = 缺媒体名；写法应是“媒体· 年-月-日 时:分”
no-such-time = 没有 { $time } 这个时间；写法应是“年-月-日 时:分”
year = 年份应在 { $first } 到 { $last } 之间

# JSON 和文件头的字段
json-deep = JSON 嵌套太深
no-json = 不是 JSON（{ $error }）；每一行应是一个文档对象
no-object = { $what ->
    [line] 这一行应是一个 JSON 对象
   *[point] 每个要点应是一个 JSON 对象
}
points-missing = “points”应是至少有一个要点的列表
citations = “citations”应是段落编号的列表
section = “section”应是文字；没有小标题时写 ''
text-missing = “{ $field }”应是不为空的文字
time-form = “published”应写成 2025-08-12T22:44+08:00 这样的 ISO 8601 时间，而不是“{ $time }”
time-missing = 缺“published”
url = “url”应是 http 或 https 网址，没有就不写
kind = “kind”应是 "summary" 或 "full"，没有就不写

# Markdown
file-large = 文件超过 { $megabytes } MB
file-no-utf8 = 第 { $byte } 个字节不是 UTF-8；请把文件存为 UTF-8
front-matter = 开头应有两行“---”，中间写 title、outlet、published 和 topic
front-matter-field = { $problem }；开头应有两行“---”，中间写 title、outlet、published 和 topic
front-matter-no-yaml = 文件头不是 YAML；开头应有两行“---”，中间写 title、outlet、published 和 topic
no-paragraph = 文件头下面没有正文
paragraph-long = 有一段超过 { $characters } 个字符

# 网页
page-large = 网页超过 { $megabytes } MB
page-binary = 这不是网页，是二进制文件
page-topicless = 没有说网页属于哪个主题；请写上（--topic、文件的说明文字，或者链接后面）
page-deep = 网页嵌套超过 { $elements } 层
page-no-article = 网页上没有找到文章；目录页和靠脚本显示的页面里没有
page-untitled = 网页没有标题
page-undated = 网页没有写发布日期
page-outletless = 网页没有写媒体名，也没有网址可以判断
page-broken = 网页读不了（{ $error }）
page-date = 网页上的日期 { $date } 不可能对
wall-paid = 文章要付费：网页上写着没有全文
wall-login = 网页要求登录、订阅、Cookie 或 JavaScript，没有给出文章
wall-language = 文章既不是中文也不是英文
wall-declared-language = 文章的语言（{ $language }）既不是中文也不是英文

# 隔离进程里读取
read-slow = 读了 { $seconds } 秒还没读完
read-stopping = 机器人正在停止
read-memory = 读它需要的内存超过了可用的内存

# 抓取
fetch-large = 超过 { $megabytes } MB
fetch-redirects = 重定向超过 { $redirects } 次
fetch-robots = 它的 robots.txt 不让这样的程序抓取
fetch-robots-status = 服务器返回 { $status }；读到它的规则之前什么也不抓取
fetch-status = 服务器返回 { $status }
fetch-slow = { $seconds } 秒内没有回应
fetch-busy = 等着访问这个网站的请求太多
fetch-packed = 用“{ $packing }”压缩，我没有要求这种压缩
fetch-damaged = { $packing } 压缩的内容坏了
fetch-cut-off = { $packing } 压缩的内容中途断了
fetch-no-address = “{ $address }”不是网址
fetch-no-web = “{ $address }”不是 http 或 https 网址
fetch-forbidden-port = 端口 { $port } 不是网页用的；确实要用，请在 ZHIDIAN_FEED_HOSTS 里写上这个主机
fetch-own-network = { $host } 是本机所在网络的地址；确实要用，请在 ZHIDIAN_FEED_HOSTS 里写上这个主机
fetch-socket = 本机的套接字不能作为来源

# 来源条目的网页
mismatch-address = 它的网址转到了首页
mismatch-front = 网页说自己是首页
mismatch-short = 网页的内容比来源条目还少
mismatch-language = 网页很短，语言也和来源条目不同
mismatch-words = 网页的内容和来源条目对不上
mismatch-notice = 网页的标题对，内容却是别的
