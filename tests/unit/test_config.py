"""A mistake in feeds.toml or the environment names its place, what was found and what is allowed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import make_url

from aggregator.config import Config, load_config
from aggregator.exceptions import ConfigError
from aggregator.types import Credentials, Kind, Only, TalkSource

GOOD = """\
time_zone = "Asia/Seoul"

[visits]
max_interval_minutes = 30

[feeds.haneul]
name = "하늘상점 기술 블로그"
url = "https://tech.haneul.example/feed.xml"
organisation = "하늘상점"
language = "ko"
kind = "company"
weight = 0.2
tags = ["medium"]
"""


def _load(tmp_path: Path, text: str, **environment: str) -> Config:
    file = tmp_path / "feeds.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(environment, home=tmp_path, file=file)


def test_a_file_becomes_typed_objects(tmp_path: Path) -> None:
    config = _load(tmp_path, GOOD)
    assert config.settings.visits.max_interval_minutes == 30
    assert config.settings.visits.connections == 16
    (feed,) = config.feeds
    assert (feed.key, feed.kind, feed.organisation, feed.tags) == ("haneul", Kind.COMPANY, "하늘상점", ("medium",))
    assert config.database == tmp_path / "aggregator.sqlite"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    config = _load(
        tmp_path, GOOD, AGGREGATOR_VISITS_MAX_INTERVAL_MINUTES="15", AGGREGATOR_DATABASE_URL="postgresql://h/d"
    )
    assert config.settings.visits.max_interval_minutes == 15
    assert config.database == "postgresql://h/d"


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('time_zone = "Asia/Seoul"', 'timezone = "Asia/Seoul"', "line 1, timezone: is not a known key; did you mean time_zone?"),
        ('time_zone = "Asia/Seoul"', 'time_zone = "Seoul"', "line 1, time_zone: 'Seoul' is not allowed; a time zone of"),
        ("max_interval_minutes = 30", "max_intervall_minutes = 30", "line 4, visits.max_intervall_minutes: is not a known key; did you mean max_interval_minutes?"),
        ("max_interval_minutes = 30", 'max_interval_minutes = "often"', "line 4, visits.max_interval_minutes: 'often' is not allowed"),
        ("max_interval_minutes = 30", "max_interval_minutes = 0", "line 4, visits.max_interval_minutes: 0 is not allowed; should be greater than or equal to 1"),
        ('kind = "company"', 'kind = "firm"', "line 11, feeds.haneul.kind: 'firm' is not allowed; choose 'company', 'research'"),
        ('kind = "company"', 'kynd = "company"', "line 6, feeds.haneul.kind: is missing"),
        ("weight = 0.2", "weight = 2.0", "line 12, feeds.haneul.weight: 2.0 is not allowed"),
        ('language = "ko"', 'language = "Korean"', "line 10, feeds.haneul.language: 'Korean' is not allowed"),
        ("https://tech.haneul.example/feed.xml", "tech.haneul.example", "line 8, feeds.haneul.url: 'tech.haneul.example' is not allowed"),
        ("[feeds.haneul]", "[feeds.Haneul]", "line 6, feeds.Haneul: a feed's key consists of lower-case letters"),
        ("[visits]", "[visit]", "line 3, visit: is not a known key; did you mean visits?"),
        ("max_interval_minutes = 30", "max_interval_minutes = 5", "line 3, visits: max_interval_minutes (5) is below min_interval_minutes (15)"),
        ("max_interval_minutes = 30", "max_interval_minutes = ", "is not valid TOML"),
        ("max_interval_minutes = 30", f"max_interval_minutes = {'9' * 5000}", "is not valid TOML: Exceeds the limit"),
        ("max_interval_minutes = 30", f"max_interval_minutes = {'[' * 5000}", "is not valid TOML"),
        ("[visits]", '[server]\npublic_url = "https://a.example/x"\n[visits]', "line 4, server.public_url: 'https://a.example/x' is not allowed; the page is served at the root"),
        ("[feeds.haneul]", "[feeds]", "feeds: every feed is a table of its own"),
        ("max_interval_minutes = 30", "max_entries = 0", "line 4, visits.max_entries: 0 is not allowed; should be greater than or equal to 1"),
        ("max_interval_minutes = 30", "parse_seconds = 0.5", "line 4, visits.parse_seconds: 0.5 is not allowed; should be a valid integer"),
        ("max_interval_minutes = 30", "move_trial_days = -1", "line 4, visits.move_trial_days: -1 is not allowed; should be greater than or equal to 0"),
        ("max_interval_minutes = 30", 'alarm_minutes = "never"', "line 4, visits.alarm_minutes: 'never' is not allowed; should be a valid integer"),
        ("[visits]", '[keys]\napprove = "ab"\n[visits]', "line 4, keys.approve: 'ab' is not allowed; a letter such as a or A"),
        ("[visits]", '[keys]\nhold = "?"\n[visits]', "line 4, keys.hold: '?' is not allowed; a letter such as a or A"),
        ("[visits]", '[keys]\napprove = "h"\n[visits]', "line 4, keys.approve: 'h' is not allowed; hold has this key"),
        ("[visits]", '[keys]\nhold = "z"\nundo = "z"\n[visits]', "line 5, keys.undo: 'z' is not allowed; hold has this key"),
        ("[visits]", "[weights]\nout_of_scope = -2.0\n[visits]", "line 4, weights.out_of_scope: -2.0 is not allowed; should be greater than or equal to 0"),
        ("[visits]", "[shortlist]\nper_aws_source = 10\n[visits]", "line 4, shortlist.per_aws_source: is not a known key; did you mean per_source?"),
        ("[visits]", '[shortlist.sections]\n"9.9" = 3\n[visits]', "'9.9' is not a section; write one from 1.1 to 3.4"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_place(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    assert wrong in GOOD
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD.replace(wrong, right))
    assert str(tmp_path / "feeds.toml") in str(caught.value)
    assert said in str(caught.value)


def test_networks_are_a_list_or_in_the_environment_stand_between_commas(tmp_path: Path) -> None:
    text = GOOD.replace("[visits]", '[visits]\nallowed_networks = ["10.1.0.0/16", "::1"]')
    assert _load(tmp_path, text).settings.visits.allowed_networks == ("10.1.0.0/16", "::1")
    config = _load(tmp_path, text, AGGREGATOR_VISITS_ALLOWED_NETWORKS="10.2.0.0/16, fd00:1::/32")
    assert config.settings.visits.allowed_networks == ("10.2.0.0/16", "fd00:1::/32")
    assert _load(tmp_path, text, AGGREGATOR_VISITS_ALLOWED_NETWORKS="").settings.visits.allowed_networks == ()


@pytest.mark.parametrize("wrong", ['["10.0.0.5/8"]', '["localhost"]', "[167772160]", "7", '[["::1"]]', '{a = "::1"}'])
def test_what_is_no_network_is_told_with_its_line(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"line 4, visits.allowed_networks: .*network.* such as .* is needed"):
        _load(tmp_path, GOOD.replace("[visits]", f"[visits]\nallowed_networks = {wrong}"))
    with pytest.raises(
        ConfigError, match="environment, AGGREGATOR_VISITS_ALLOWED_NETWORKS: '::1,inside' is not allowed"
    ):
        _load(tmp_path, GOOD, AGGREGATOR_VISITS_ALLOWED_NETWORKS="::1,inside")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://user:secret@tech.haneul.example/feed.xml", "'ftp://tech.haneul.example/feed.xml' is not allowed"),
        ("https://user:secret@tech.haneul.example/feed.xml", "an address without name and password is needed; see credentials in docs/settings.md"),
        ("https://secret@tech.haneul.example/feed.xml", "an address without name and password is needed"),
        ("https://a user:a secret@tech.haneul.example/feed.xml", "an address without name and password is needed"),
        ("https://user:a/secret@tech.haneul.example/feed.xml", "'https://tech.haneul.example/feed.xml' is not allowed"),
        ("https://user:a#secret@tech.haneul.example/feed.xml", "'https://tech.haneul.example/feed.xml' is not allowed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["url", "site"])
def test_a_mistake_in_an_address_does_not_tell_its_password(tmp_path: Path, key: str, address: str, said: str) -> None:
    text = GOOD.replace("[feeds.haneul]", '[feeds.haneul]\nsite = "https://haneul.example/"')
    line = next(line for line in text.splitlines() if line.startswith(f"{key} = "))
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text.replace(line, f'{key} = "{address}"'))
    assert f"feeds.haneul.{key}: " in str(caught.value)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_at_sign_behind_the_host_is_no_password(tmp_path: Path) -> None:
    address = "https://tech.haneul.example:8443/@writer/feed"
    config = _load(tmp_path, GOOD.replace("https://tech.haneul.example/feed.xml", address))
    assert config.feeds[0].url == address
    with pytest.raises(ConfigError, match=r"'ftp://tech.haneul.example:8443/@writer/feed' is not allowed"):
        _load(tmp_path, GOOD.replace("https://tech.haneul.example/feed.xml", address.replace("https", "ftp")))


WITH_CREDENTIALS = GOOD + 'credentials = "HANEUL_LOGIN"\n'


@pytest.mark.parametrize(
    ("value", "header"),
    [
        ("writer:secret", "Basic d3JpdGVyOnNlY3JldA=="),
        # The example of RFC 7617, 2, whose password may hold spaces and colons.
        ("Aladdin:open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("writer:a:b", "Basic d3JpdGVyOmE6Yg=="),
        ("작가:비밀\n", "Basic 7J6R6rCAOuu5hOuwgA=="),
        ("Bearer abc.def", "Bearer abc.def"),
        ("  Bearer abc.def\n", "Bearer abc.def"),
        ("Token token:abc", "Token token:abc"),
    ],
)
def test_credentials_come_from_the_environment_and_belong_to_one_origin(
    tmp_path: Path, value: str, header: str
) -> None:
    config = _load(tmp_path, WITH_CREDENTIALS, HANEUL_LOGIN=value)
    assert config.credentials == {"haneul": Credentials("https://tech.haneul.example", header)}
    # What a log or a trace would show.
    assert header not in repr(config)
    assert _load(tmp_path, GOOD).credentials == {}


def test_the_origin_of_credentials_has_the_port(tmp_path: Path) -> None:
    text = WITH_CREDENTIALS.replace("https://tech.haneul.example/", "http://Tech.Haneul.example:8080/")
    assert _load(tmp_path, text, HANEUL_LOGIN="a:b").credentials["haneul"].origin == "http://tech.haneul.example:8080"


def test_credentials_may_have_a_name_like_a_setting(tmp_path: Path) -> None:
    text = WITH_CREDENTIALS.replace("HANEUL_LOGIN", "AGGREGATOR_HANEUL")
    assert set(_load(tmp_path, text, AGGREGATOR_HANEUL="a:b").credentials) == {"haneul"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "the environment variable HANEUL_LOGIN is not set; it has to contain name:password or a value for"),
        ({"HANEUL_LOGIN": " "}, "the environment variable HANEUL_LOGIN is not set"),
        ({"HANEUL_LOGIN": "secret"}, "the environment variable HANEUL_LOGIN contains neither name:password nor a value for"),
        ({"HANEUL_LOGIN": "Bearer secret\r\nHost: other.example"}, "contains neither"),
        ({"HANEUL_LOGIN": "writer:sec\x00ret"}, "contains neither"),
        ({"HANEUL_LOGIN": "비밀 secret"}, "contains neither"),
    ],
)  # fmt: skip
def test_credentials_that_are_none_are_told_without_telling_them(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, WITH_CREDENTIALS, **environment)
    assert "line 14, feeds.haneul.credentials: the environment variable HANEUL_LOGIN" in str(caught.value)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("wrong", ['"writer:secret"', '"Bearer secret"', '"secret"', '{name = "secret"}', '["secret"]'])
def test_a_password_in_the_file_is_refused_without_telling_it(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"line 14, feeds.haneul.credentials: .*the name of an environment") as caught:
        _load(tmp_path, GOOD + f"credentials = {wrong}\n")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("table", ["[talk]\ngithub_token", "[visits]\nproxy", f"{GOOD}proxy"])
def test_a_secret_in_place_of_its_variable_is_not_told(tmp_path: Path, table: str) -> None:
    with pytest.raises(ConfigError, match="the name of an environment") as caught:
        _load(tmp_path, f'{table} = "ghp_a1b2"\n')
    assert "a1b2" not in str(caught.value)


NOTICES = '[notices]\nurls = ["AGGREGATOR_MAIL", "CHAT"]\n'
MAIL = "mailto://mina:secret@mail.example"


def test_urls_of_notices_come_from_the_environment_and_are_not_shown(tmp_path: Path) -> None:
    chat = "slack://secret/a/b"
    config = _load(tmp_path, GOOD + NOTICES, AGGREGATOR_MAIL=MAIL, CHAT=f"{chat}\n")
    assert config.notice_urls == {"AGGREGATOR_MAIL": MAIL, "CHAT": chat}
    assert not re.search("secret[/@]", repr(config))
    assert _load(tmp_path, GOOD, AGGREGATOR_NOTICES_URLS="CHAT", CHAT=chat).notice_urls == {"CHAT": chat}


@pytest.mark.parametrize(
    ("notices", "chat", "said"),
    [
        ('urls = ["CHAT"]', "", "line 15, notices.urls: the environment variable CHAT has to contain a URL of Apprise"),
        ('urls = ["CHAT"]', "secret", "line 15, notices.urls: the environment variable CHAT has to contain a URL"),
        ('urls = ["slack://secret"]', "", "notices.urls.0: what it says is not allowed; the name of an environment"),
        ('urls = {mail = "secret"}', "", "line 15, notices.urls: should be a valid tuple"),
        ('quiet_hours = "22-7"', "", "notices.quiet_hours: '22-7' is not allowed"),
        ('kinds = ["draft", "letter"]', "", "notices.kinds.1: 'letter' is not allowed; choose 'draft', 'closing', "),
    ],
)
def test_mistakes_in_notices_are_told_without_telling_a_url(tmp_path: Path, notices: str, chat: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD + f"[notices]\n{notices}\n", CHAT=chat)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


HOOK = '[digest]\nafter_print_url = "https://hook.example/"\nafter_print_secret = "AGGREGATOR_KEY"\n'


def test_the_secret_of_prints_comes_from_the_environment_and_commands_do_not_see_it(tmp_path: Path) -> None:
    secrets = {"AGGREGATOR_KEY": "secret of 16 characters", "CHAT": "slack://secret", "HANEUL_LOGIN": "mina:secret"}
    text = GOOD + 'credentials = "HANEUL_LOGIN"\n' + HOOK + '[notices]\nurls = ["CHAT"]\n'
    config = _load(tmp_path, text, PATH="/bin", AGGREGATOR_CURATOR="mina", **secrets)
    assert config.print_secret == "secret of 16 characters"
    assert config.plain_environment == {"PATH": "/bin"}
    assert "secret of" not in repr(config)
    named = {"AGGREGATOR_DRAFTING_CREDENTIALS": "CHAT_KEY", "CHAT_KEY": "sk-secret", "PATH": "/bin"}
    endpoint = '[drafting]\nendpoint = "https://chat.example/v1"\nmodel = "m"\n'
    assert _load(tmp_path, GOOD + endpoint, **named).plain_environment == {"PATH": "/bin"}
    assert _load(tmp_path, GOOD, AGGREGATOR_DIGEST_AFTER_PRINT="publish 'a b'").settings.digest.after_print == (
        "publish",
        "a b",
    )


@pytest.mark.parametrize(
    ("digest", "key", "said"),
    [
        (HOOK, "", "digest.after_print_secret: the environment variable AGGREGATOR_KEY has to contain a secret"),
        (HOOK, "secret", "digest.after_print_secret: the environment variable AGGREGATOR_KEY has to contain a secret"),
        (HOOK.rpartition("after_print_secret")[0], "", "digest.after_print_secret"),
        ('[digest]\nafter_print_secret = "my secret"', "", "the name of an environment variable in capitals"),
        ('[digest]\nafter_print_url = "https://mina:secret@hook.example/"', "", "an address without name and password"),
        ('[digest]\nformats = ["html", "pdf"]', "", "digest.formats.1: 'pdf' is not allowed"),
    ],
)
def test_mistakes_in_what_follows_a_print(tmp_path: Path, digest: str, key: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, f"{GOOD}{digest}\n", **({"AGGREGATOR_KEY": key} if digest == HOOK else {}))
    assert said in str(caught.value)
    assert "my secret" not in str(caught.value)


PLACE = "postgresql://mina@db.example:5433/posts?sslmode=require"


@pytest.mark.parametrize("password", ["plain", "a:b/c@d#e?f%41 g", "비밀번호", " kept ", "'\"\\$"])
def test_the_password_of_the_database_comes_from_a_file(tmp_path: Path, password: str) -> None:
    file = tmp_path / "password"
    file.write_text(f"{password}\n", "utf-8")
    config = _load(tmp_path, GOOD, AGGREGATOR_DATABASE_URL=PLACE, AGGREGATOR_DATABASE_PASSWORD_FILE=str(file))
    address = make_url(str(config.database))
    assert (address.username, address.password, address.host, address.port) == ("mina", password, "db.example", 5433)
    assert (address.database, dict(address.query)) == ("posts", {"sslmode": "require"})
    assert str(config.database) not in repr(config)


@pytest.mark.parametrize(
    ("url", "said", "reason"),
    [
        ("", b"secret", "is for a database_url that names a user without a password"),
        ("sqlite:///posts.sqlite", b"secret", "is for a database_url that names a user"),
        ("postgresql://db.example/posts", b"secret", "is for a database_url that names a user"),
        ("postgresql://db.example/posts?user=a@b", b"secret", "is for a database_url that names a user"),
        ("postgresql://mina:other@db.example/posts", b"secret", "is for a database_url that names a user"),
        (PLACE, b"", "has to contain a password in one line"),
        (PLACE, b"secret\nsecret", "has to contain a password in one line"),
        (PLACE, b"secret\xff", "is not UTF-8 (byte 6)"),
        (PLACE, None, "cannot be read: No such file or directory"),
    ],
)
def test_mistakes_in_the_password_of_the_database(tmp_path: Path, url: str, said: bytes | None, reason: str) -> None:
    file = tmp_path / "password"
    if said is not None:
        file.write_bytes(said)
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, f'database_password_file = "{file}"\n{GOOD}', AGGREGATOR_DATABASE_URL=url)
    assert reason in str(caught.value)
    assert "feeds.toml, line 1, database_password_file: " in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "other" not in str(caught.value)


def test_one_address_belongs_to_one_feed(tmp_path: Path) -> None:
    twin = '[feeds.twin]\nname = "x"\nurl = "https://tech.haneul.example/feed.xml"\nkind = "company"\n'
    with pytest.raises(ConfigError, match=r"line 17, feeds.twin.url: the address is that of feeds.haneul already"):
        _load(tmp_path, GOOD + "\n" + twin)


def test_mistakes_in_the_environment_name_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"environment, AGGREGATOR_VISITS_CONNECTIONS: 'many' is not allowed"):
        _load(tmp_path, GOOD, AGGREGATOR_VISITS_CONNECTIONS="many")
    with pytest.raises(ConfigError, match=r"did you mean AGGREGATOR_TIME_ZONE\?"):
        _load(tmp_path, GOOD, AGGREGATOR_TIMEZONE="UTC")


def test_a_missing_file_and_a_wrong_charset_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config({}, home=tmp_path, file=tmp_path / "none.toml")
    (tmp_path / "feeds.toml").write_bytes('name = "하늘"'.encode("euc-kr"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_config({}, home=tmp_path, file=tmp_path / "feeds.toml")


def test_the_shipped_list_is_right_and_stands_at_the_defaults(tmp_path: Path) -> None:
    from aggregator.config import Settings

    shipped = load_config({}, home=tmp_path, file=Path(__file__).parents[2] / "feeds.toml")
    assert shipped.settings == Settings()
    assert len(shipped.feeds) > 100
    assert {feed.language for feed in shipped.feeds} == {"en", "ko"}
    assert {feed.kind for feed in shipped.feeds} >= set(Kind) - {Kind.ROUNDUP}
    assert all(feed.organisation is None for feed in shipped.feeds if feed.kind is Kind.INDIVIDUAL)


def test_limits_of_single_feeds_and_sections(tmp_path: Path) -> None:
    limits = '[shortlist]\nsources = { haneul = 2 }\nsections = { "business/mlops" = 4 }\n[visits]'
    shortlist = _load(tmp_path, GOOD.replace("[visits]", limits)).settings.shortlist
    assert (shortlist.sources, shortlist.sections) == ({"haneul": 2}, {"2.4": 4})


DRAFTING = (
    GOOD + '[drafting]\nendpoint = "http://127.0.0.1:11434/v1/"\nmodel = "tiny"\ncredentials = "DRAFTING_LOGIN"\n'
)


@pytest.mark.parametrize(
    ("value", "header"),
    [("sk-a1b2", "Bearer sk-a1b2"), (" Bearer sk-a1b2 ", "Bearer sk-a1b2"), ("Basic YTpi", "Basic YTpi")],
)
def test_the_key_of_the_endpoint_comes_from_the_environment(tmp_path: Path, value: str, header: str) -> None:
    config = _load(tmp_path, DRAFTING, DRAFTING_LOGIN=value)
    assert config.settings.drafting.endpoint == "http://127.0.0.1:11434/v1"
    assert config.drafting_key == Credentials("http://127.0.0.1:11434", header)
    assert "sk-a1b2" not in repr(config)


TALK = GOOD + '[talk]\nsources = ["github", "geeknews"]\nlists = ["https://list.example/"]\n'


def test_issues_at_github_and_the_token_for_them(tmp_path: Path) -> None:
    table = GOOD + '[suggestions]\ngithub = "mina/digest"\n'
    assert _load(tmp_path, table).suggestions_token is None
    config = _load(tmp_path, f'{table}github_token = "ISSUES"\ncomment = true\n', ISSUES="ghp_a1b2")
    assert config.suggestions_token == Credentials("https://api.github.com", "Bearer ghp_a1b2")
    assert "ghp_a1b2" not in repr(config)
    assert "ISSUES" not in config.plain_environment
    with pytest.raises(ConfigError, match="comments need a repository"):
        _load(tmp_path, f"{table}comment = true\n")


def test_places_of_talk_and_the_token_for_one(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD).settings.talk.asked == ()
    config = _load(tmp_path, f'{TALK}github_token = "STARS"\n', STARS="ghp_a1b2")
    assert config.settings.talk.asked == (TalkSource.GEEKNEWS, TalkSource.GITHUB, TalkSource.LISTS)
    assert config.github_token == Credentials("https://api.github.com", "Bearer ghp_a1b2")
    assert "ghp_a1b2" not in repr(config)
    assert "STARS" not in config.plain_environment
    with pytest.raises(ConfigError, match="the environment variable STARS has to contain a token of GitHub"):
        _load(tmp_path, f'{TALK}github_token = "STARS"\n')


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('endpoint = "http://127.0.0.1/v1"', "an endpoint needs a model, as the endpoint names it"),
        (
            'endpoint = "http://127.0.0.1/v1?key=x"',
            "a base address such as http://127.0.0.1:11434/v1 is needed, without ? and #",
        ),
        ('endpoint = "ollama"', "should be a valid URL"),
        (
            'credentials = "sk-a1b2"',
            "the name of an environment variable in capitals such as BLOG_LOGIN is needed",
        ),
        (
            'endpoint = "http://127.0.0.1/v1"\nmodel = "tiny"\ncredentials = "DRAFTING_LOGIN"',
            "the environment variable DRAFTING_LOGIN has to contain the key of the endpoint",
        ),
    ],
)
def test_a_mistake_in_the_table_of_drafts_is_told(tmp_path: Path, table: str, message: str) -> None:
    with pytest.raises(ConfigError) as mistake:
        _load(tmp_path, f"{GOOD}[drafting]\n{table}\n")
    assert message in str(mistake.value)
    assert "sk-a1b2" not in str(mistake.value)


WITH_PROXY = GOOD + 'proxy = "HANEUL_PROXY"\n'


@pytest.mark.parametrize(
    "address",
    [
        *("http://127.0.0.1:3128", "http://[::1]:3128", "https://mina:a%20secret@proxy.example:65535/"),
        *("socks5://p.example", "socks5h://mina:secret@p.example:1080"),
    ],
)
def test_the_address_of_a_proxy_comes_from_the_environment(tmp_path: Path, address: str) -> None:
    config = _load(tmp_path, WITH_PROXY, HANEUL_PROXY=address)
    assert config.proxies == {"haneul": address}
    assert "HANEUL_PROXY" not in config.plain_environment
    assert address not in repr(config.proxies.keys()) + repr(config.settings) + repr(config.feeds)


def test_one_proxy_may_be_for_all_feeds(tmp_path: Path) -> None:
    text = WITH_PROXY + '[feeds.lumen]\nname = "L"\nurl = "https://lumen.example/feed"\nkind = "company"\n'
    settings = text.replace("[visits]\n", '[visits]\nproxy = "FOR_ALL"\n')
    config = _load(tmp_path, settings, FOR_ALL="http://all.example:1", HANEUL_PROXY="http://own.example:1")
    assert config.proxies == {"haneul": "http://own.example:1", "lumen": "http://all.example:1"}
    assert _load(tmp_path, GOOD).proxies == {}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "proxy.example:3128",
        "socks4://p.example:1",
        "http://secret@",
        "http://a b/",
        "http://a:secret/",
        "http://a:65536",
    ],
)
def test_what_is_no_proxy_is_told_without_telling_it(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match=r"feeds\.haneul\.proxy: the environment variable HANEUL_PROXY") as caught:
        _load(tmp_path, WITH_PROXY, HANEUL_PROXY=address)
    assert "secret" not in str(caught.value)


def test_a_filter_and_a_day_of_a_feed_are_read(tmp_path: Path) -> None:
    text = GOOD + 'only = { words = ["LLM"], categories = ["AI"] }\nverified = 2026-10-08\n'
    (feed,) = _load(tmp_path, text).feeds
    assert (feed.only, feed.verified) == (Only(("LLM",), ("AI",)), date(2026, 10, 8))
    with pytest.raises(ConfigError, match=r"feeds\.haneul\.only.*words or categories are needed"):
        _load(tmp_path, GOOD + "only = {}\n")
