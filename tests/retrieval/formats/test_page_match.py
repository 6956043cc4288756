import pytest

from retrieval.formats.page_match import EntryClaim, MismatchError, leads_to_front, parse_entry_page
from retrieval.formats.text_lines import MalformedError

LINK = "https://www.bjnews.com.cn/detail/1.html"
BODY = (
    "怀柔科学城今年新增了两个平台，面积达到三万平方米，由中科院负责运营管理。",
    "资金来自北京市财政，总额为四十二亿元，分三年拨付给各个项目。",
)


def page(title: str, *paragraphs: str, head: str = "") -> bytes:
    return f"""<html><head><meta charset="utf-8"><title>{title}</title>{head}
        <meta property="article:published_time" content="2025-07-01"></head><body><div><h2>{title}</h2>
        {"".join(f"<p>{text}</p>" for text in paragraphs)}</div></body></html>""".encode()


def claim(title: str = "怀柔科学城新增两个平台", summary: str = "", link: str = LINK) -> EntryClaim:
    return EntryClaim(link, title, summary)


NOTICES = [
    ("环境异常", "当前环境异常，完成验证后即可继续访问。", "去验证"),
    ("安全中心", "系统监测到您的网络环境存在异常，请点击下方按钮进行确认。在您确认完成前，该提示将多次出现。"),
    ("页面不存在", "抱歉，您访问的页面不存在或者已经被删除，三秒钟之后将会带您返回网站首页。"),
    ("系统维护中", "网站正在升级维护，给您带来的不便敬请谅解，请稍后再访问本网站，谢谢您的支持。"),
    ("提示", "该内容已被发布者删除，如有疑问请联系平台的客服人员，感谢您的理解和配合。"),
    ("请求过于频繁", "您的操作太快了，系统需要确认您是真人，请拖动滑块完成拼图之后再试一次。"),
    ("怀柔科学城新增两个平台", "抱歉，该文章已被删除或正在审核当中，请稍后再来访问，或者浏览其他的文章。"),
    ("Just a moment...", "We are verifying that your connection is secure before you can proceed to this site."),
    ("Page not found", "Sorry, the page you are looking for has been moved or deleted. Try our home page instead."),
    (
        "热门推荐",
        *(f"这是第{n}条热门推荐，讲的是一家餐馆怎样把生意做大的故事，值得一读再读。" for n in range(30)),
    ),
]


@pytest.mark.parametrize("notice", NOTICES, ids=[notice[0] for notice in NOTICES])
@pytest.mark.parametrize("summary", ["", "怀柔科学城的一个新平台今天开放，共有二十九个实验室。"])
def test_a_notice_is_no_article(notice: tuple[str, ...], summary: str) -> None:
    with pytest.raises(MalformedError):
        parse_entry_page(page(*notice), LINK, "t", None, None, claim(summary=summary))


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("怀柔科学城新增两个平台", ""),
        ("怀柔科學城新增兩個平臺", ""),
        ("重磅！又有两个大平台落户北京", "怀柔科学城今年新增了两个平台，面积达到三万平方米"),
        ("甲", ""),
        ("Read more", ""),
        ("", ""),
        ("怀柔新增两平台", "全文"),
    ],
)
def test_an_article_is_known_by_what_its_entry_says(title: str, summary: str) -> None:
    document = parse_entry_page(page("怀柔新平台", *BODY), LINK, "t", None, None, claim(title, summary))
    assert [point.text for point in document.points] == [*BODY]


def test_an_article_in_another_language_than_its_entry() -> None:
    long = [f"第{n}段说明资金来自北京市财政，总额为四十二亿元，分三年拨付给各个项目。" for n in range(12)]
    english = claim("Huairou opens two scientific platforms this year")
    assert parse_entry_page(page("怀柔新平台", *long), LINK, "t", None, None, english).points
    with pytest.raises(MismatchError, match="language"):
        parse_entry_page(page("安全中心", BODY[0]), LINK, "t", None, None, english)


def test_a_page_with_less_than_its_entry_is_a_teaser() -> None:
    with pytest.raises(MismatchError, match="less"):
        parse_entry_page(page("怀柔新平台", BODY[0]), LINK, "t", None, None, claim(summary=BODY[0] + BODY[1] * 9))


@pytest.mark.parametrize(
    ("link", "url", "front"),
    [
        (LINK, "https://www.bjnews.com.cn/", True),
        (LINK, "https://www.bjnews.com.cn", True),
        (LINK, "https://www.bjnews.com.cn/index.html", True),
        (LINK, "https://m.bjnews.com.cn/m/", True),
        (LINK, "https://www.bjnews.com.cn/detail/", True),
        (LINK, "https://m.bjnews.com.cn/detail/1.html", False),
        (LINK, LINK, False),
        ("https://a.example/", "https://a.example/", False),
        ("https://a.example/?p=7", "https://a.example/?p=7", False),
        ("https://a.example/?p=7", "https://a.example/", True),
        ("https://a.example/show.php?id=7", "https://a.example/index.php", True),
        ("https://a.example/show.php?id=7", "https://a.example/show.php?id=7", False),
        ("https://t.example/x7", "https://a.example/2025/07/a.html", False),
    ],
)
def test_where_an_address_leads(link: str, url: str, front: bool) -> None:
    assert leads_to_front(link, url) == front


def test_a_front_page_is_no_article() -> None:
    with pytest.raises(MismatchError, match="front"):
        parse_entry_page(page("怀柔新平台", *BODY), "https://www.bjnews.com.cn/", "t", None, None, claim())
    head = '<link rel="canonical" href="/">'
    listed = page("新京报网", "怀柔科学城新增两个平台，面积达到三万平方米。", *BODY, head=head)
    with pytest.raises(MismatchError, match="front"):
        parse_entry_page(listed, LINK, "t", None, None, claim())
    assert parse_entry_page(page("怀柔科学城新增两个平台", *BODY, head=head), LINK, "t", None, None, claim())
