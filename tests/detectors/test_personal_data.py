"""Personal data: what leads to one person is found where it stands, and what leads to nobody is left alone."""

import json

import pytest
from authored import DATA
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.personal_data import PersonalData, mask
from bot.detectors.personal_numbers import customer_pattern
from bot.model import Finding

DETECTOR = PersonalData(
    customer_numbers=["FF-########", "FV@@ ######"], public=["0431 555 1000"], own_domains=["fjordfon.example"]
)
ROWS = [json.loads(line) for line in (DATA / "personal_data.jsonl").read_text("utf-8").splitlines()]
KINDS = {"phone", "iban", "card", "tax", "insurance", "email", "address", "customer"}
PHONE, IBAN, MAIL = "0171 3920012", "DE89 3704 0044 0532 0130 00", "anna.berg@posteo.example"


def look(text: str, detector: PersonalData = DETECTOR) -> Finding:
    return detector.detect([text])[0]


def found(text: str, detector: PersonalData = DETECTOR) -> list[str]:
    return [text[start:end] for start, end in look(text, detector).spans]


def kinds(finding: Finding) -> list[str]:
    return [kind for kind in finding.reason.split(",") if kind in KINDS]


def test_the_authored_set_is_large_and_covers_every_kind_in_both_languages() -> None:
    posts = [row for row in ROWS if row["label"] == "personal_data"]
    assert len(posts) >= 150
    assert len(ROWS) - len(posts) >= 200
    assert len({row["text"] for row in ROWS}) == len(ROWS)
    for language in ("de", "en"):
        assert {kind for row in posts if row["language"] == language for kind in row["kinds"]} == KINDS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:40])
def test_an_authored_post_gets_exactly_its_kinds(row: dict) -> None:
    finding = look(row["text"])
    assert sorted(kinds(finding)) == sorted(row["kinds"])
    assert (finding.label == "personal_data") == (row["label"] == "personal_data")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        (f"Ruft {PHONE} an", PHONE),
        (f"Mail: {MAIL}.", MAIL),
        (f"IBAN {IBAN} bitte", IBAN),
        ("Ich wohne Lilienweg 4, 12345 Musterstadt.", "Lilienweg 4, 12345 Musterstadt."),
        ("24103 Kiel, Lilienweg 4 – Störung", "24103 Kiel, Lilienweg 4"),
        ("see 12 High Street, LS1 4AB please", "12 High Street, LS1 4AB"),
        ("Flat 3, 44 Park Road, Leeds LS6 2AB!", "Flat 3, 44 Park Road, Leeds LS6 2AB"),
        ("Kundennummer: 5012345678!", "5012345678"),
        ("Vertrag FF-12345678 läuft", "FF-12345678"),
        ("Karte 4111 1111 1111 1111 weg", "4111 1111 1111 1111"),
        ("Steuer-ID 86095742719", "86095742719"),
    ],
)
def test_the_span_is_what_a_reader_would_cross_out(text: str, span: str) -> None:
    assert found(text) == [span]


@pytest.mark.parametrize(
    "text",
    [
        "０１７１ ３９２００１２",
        "0\u200b1\u200b7\u200b1 39\u200b20\u200b012",
        "0 1 7 1 3 9 2 0 0 1 2",
        "0.1.7.1.3.9.2.0.0.1.2",
        "0-1-7-1-3-9-2-0-0-1-2",
        "0171\u20113920012",
        "0171\u00a03920012",
        "٠١٧١ ٣٩٢٠٠١٢",
        "0️⃣171 3920012",
        "anna.berg＠posteo.example",
        "anna.berg\u200b@\u200bposteo.example",
        "anna.berg (at) posteo (dot) example",
        "anna.berg [ät] posteo punkt example",
        "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0",
        "ＤＥ８９ ３７０４ ００４４ ０５３２ ０１３０ ００",
        "DE89-3704-0044-0532-0130-00",
    ],
)
def test_a_disguise_hides_nothing_and_the_span_lies_in_the_original(text: str) -> None:
    post = f"\u2764 schreibt: {text} danke"
    ((start, end),) = look(post).spans
    assert post[start:end] == text


NUMBERS = ["0171 2345678", "0172 3456789", "+49 173 4567890", "0049 174 5678901", "030 23125123", "(0431) 7654321"]


@pytest.mark.parametrize("between", [" ", "/", " / ", ", ", " - ", " | ", " und ", "\n"])
@pytest.mark.parametrize("before", ["", "Ruf an: ", "Störung bei ", "Tel. "])
@pytest.mark.parametrize("many", range(2, len(NUMBERS) + 1))
def test_every_number_of_a_row_is_found(before: str, between: str, many: int) -> None:
    text = before + between.join(NUMBERS[:many])
    rest = mask(text, look(text).spans)
    assert not [sign for sign in rest if sign.isdecimal()]


@pytest.mark.parametrize("between", [" ", "/", " / "])
def test_numbers_in_a_row_are_told_apart(between: str) -> None:
    numbers = ["0171 2345678", "0172 3456789", "0173 4567890", "0174 5678901", "0175 6789012"]
    assert found(f"Ruf an: {between.join(numbers)}!") == numbers


def test_the_reason_lists_the_kinds_in_the_order_of_the_text_and_no_digit_of_it() -> None:
    finding = look(f"{MAIL}, {PHONE}, {IBAN}, {PHONE}")
    assert finding.reason == "email,phone,iban"
    assert len(finding.spans) == 4
    assert finding.score == 990


@pytest.mark.parametrize(("text", "label"), [("", "undetermined"), ("🙂 12345", "undetermined"), ("Kein Netz", "none")])
def test_without_a_word_nothing_is_determined(text: str, label: str) -> None:
    assert look(text) == Finding("personal_data", DETECTOR.version, label, 0)


def test_a_post_that_is_only_a_number_is_still_personal() -> None:
    assert look(PHONE).label == "personal_data"


@pytest.mark.parametrize(
    "written", ["0431 555 1000", "0431/5551000", "+49 431 5551000", "0049 431 555 1000", "(0431) 555-1000"]
)
def test_the_brands_own_number_is_nobodys_however_it_is_written(written: str) -> None:
    assert found(f"Meine Nummer? Nein, {written} ist eure!") == []
    assert found(f"Ruft an: {written}", PersonalData()) == [written]


def test_the_brands_own_mail_is_nobodys_and_only_its_own() -> None:
    assert found("hilfe.team@fjordfon.example und x.y@mail.fjordfon.example") == []
    assert found("x.y@fjordfon.example", PersonalData()) == ["x.y@fjordfon.example"]
    assert found("x.y@notfjordfon.example") == ["x.y@notfjordfon.example"]


def test_regions_say_whose_numbers_count_without_a_country_code() -> None:
    german, british = PersonalData(regions=["DE"]), PersonalData(regions=["GB"])
    assert found("so 020 7946 0123 is it", british) == ["020 7946 0123"]
    assert found("so 020 7946 0123 is it", german) == []
    assert found("+44 20 7946 0123", german) == ["+44 20 7946 0123"]
    assert found("so (212) 555-0123 is it", PersonalData(regions=["US"])) == ["(212) 555-0123"]
    assert found("so 0431 7654321 ist es", PersonalData(regions=[])) == []


@pytest.mark.parametrize(
    ("notation", "number"),
    [
        ("K-########", "K-12345678"),
        ("K-########", "k 1234 5678"),
        ("K-########", "K12345678"),
        ("5#########", "5012345678"),
        ("@@#####.##", "XY12345.67"),
        ("A.B-#####", "ab12345"),
    ],
)
def test_a_customer_number_is_found_in_its_notation(notation: str, number: str) -> None:
    assert found(f"Mein Vertrag {number} läuft", PersonalData([notation])) == [number]


@pytest.mark.parametrize("text", ["K-1234567", "XK-12345678", "K-123456789", "K-12345678a", "K-1234A678"])
def test_what_only_resembles_the_notation_is_not_a_customer_number(text: str) -> None:
    assert found(f"Fehler {text}", PersonalData(["K-########"])) == []


@given(st.from_regex(r"([AZ09#@][ ./_-]{0,2}){0,30}#{5}", fullmatch=True))
def test_every_notation_becomes_a_pattern_that_finds_its_own_example(notation: str) -> None:
    example = notation.replace("#", "7").replace("@", "q").lower()
    pattern = customer_pattern(["FF-########", notation])
    assert pattern is not None
    assert pattern.search(f"so: {example}!")


def test_without_notations_there_is_no_pattern() -> None:
    assert customer_pattern([]) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Steuer-ID 86095742718", "Steuer-ID 86095742719"),
        ("15 070649 C 104", "15 070649 C 103"),
        ("15 990649 C 103", "15 070649 C 103"),
        ("KVNR A000500016", "KVNR A000500015"),
        ("756.9217.0769.84", "756.9217.0769.85"),
        ("4111 1111 1111 1112", "4111 1111 1111 1111"),
        ("BG 12 34 56 A", "CE 12 34 56 A"),
        ("DE89 3704 0044 0532 0130 01", "DE89 3704 0044 0532 0130 00"),
    ],
)
def test_a_wrong_check_digit_makes_it_any_number(wrong: str, right: str) -> None:
    assert look(f"so: {wrong}").label == "none"
    assert look(f"so: {right}").label == "personal_data"


def test_a_shop_has_an_address_and_a_person_who_says_where_they_live_has_one_too() -> None:
    assert found("Euer Shop, Holstenstraße 12, 24103 Kiel, ist zu") == []
    assert found("Holstenstraße 12 ist tot") == []
    assert found("Ich wohne Holstenstraße 12 und nichts geht") == ["Holstenstraße 12"]


@pytest.mark.parametrize("before", ["David ", "Spin ", "Kasim: ", "Ich (Tim, Kiel) ", "Haus 7, ", "24103 "])
def test_a_name_that_ends_like_a_word_for_something_else_silences_nothing(before: str) -> None:
    assert found(f"{before}{PHONE}") == [PHONE]


def test_more_windows_than_are_read_are_flagged() -> None:
    finding = look(f"{PHONE}; " * 500)
    assert finding.reason == "phone,cut"
    assert finding.spans[0] == (0, len(PHONE))
    assert look("Kein Netz. " * 3_000).reason == "cut"
    assert look(f"{MAIL} " * 900).reason == "email,cut"


HOSTILE = {
    "digits": "1" * 20_000,
    "spaced digits": "1 " * 10_000,
    "zeros": "0 " * 10_000,
    "at signs": "@" * 10_000,
    "letters and at signs": "a@" * 10_000,
    "country codes": "+49" * 6_666,
    "numbers": f"{PHONE}, " * 1_400,
    "accounts": "de89 3704 " * 2_000,
    "addresses": "wohne Hauptstr. 4 " * 1_100,
    "towns": "weg 4, 12345 Ort " * 1_170,
    "hills": "am Hang 4, 12345 " * 1_170,
    "words for at": "a at b (at) c " * 1_400,
    "customers": "Kundennummer ist nr " * 1_000,
    "dates": "01.02.2024 " * 1_800,
    "marks": "0\u0301\u0327" * 5_000,
    "surrogates": "\ud800017\udfff1 3920012" * 500,
    "nul": "0171\0003920012" * 500,
    "superscripts": "²³¹" * 5_000,
    "many digits of the world": "٣४๓３" * 4_000,
    "dotted capitals": "İ1" * 5_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_gets_a_finding_with_spans_inside_it(text: str) -> None:
    finding = look(text)
    assert finding.label in {"none", "personal_data", "undetermined"}
    assert all(0 <= start < end <= len(text) for start, end in finding.spans)
    assert all(before[1] <= after[0] for before, after in zip(finding.spans, finding.spans[1:], strict=False))


_BITS = st.sampled_from(
    [
        *"0123456789 .-/()@#aßİ０\n\u200b\ud800",
        *("+49", " at ", "(at)", "web.de", "DE89", "straße ", " weg ", ", 12345 ort", "tel ", "kundennummer ", "iban "),
        *("steuer-id ", "AB "),
    ]
)


@given(st.lists(_BITS, max_size=60).map("".join) | st.text(st.characters(), max_size=80))
def test_any_text_gets_one_finding_with_sorted_spans_in_it(text: str) -> None:
    finding = look(text)
    assert (finding.label == "personal_data") == bool(finding.spans) == bool(finding.score)
    assert all(0 <= start < end <= len(text) for start, end in finding.spans)
    assert all(before[1] <= after[0] for before, after in zip(finding.spans, finding.spans[1:], strict=False))
    assert bool(finding.spans) == bool(kinds(finding))


@given(st.lists(_BITS, max_size=40).map("".join))
def test_what_was_masked_is_not_found_a_second_time(text: str) -> None:
    finding = look(text)
    hidden = mask(text, finding.spans)
    assert len(hidden) == len(text)
    for start, end in finding.spans:
        assert not any(sign.isdecimal() for sign in hidden[start:end])


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=4))
def test_masking_keeps_the_length_and_what_lies_outside(text: str, spans: list[tuple[int, int]]) -> None:
    hidden = mask(text, spans)
    assert len(hidden) == len(text)
    for place, sign in enumerate(text):
        inside = any(start <= place < end for start, end in spans)
        assert hidden[place] == ("x" if inside and sign.isalnum() else sign)


def test_masking_leaves_the_shape_and_crosses_out_the_rest() -> None:
    text = f"Ruft {PHONE} an"
    assert mask(text, look(text).spans) == "Ruft xxxx xxxxxxx an"
    assert mask(text, ()) == text


def test_findings_come_in_order_and_the_same_every_time() -> None:
    texts = [row["text"] for row in ROWS[:50]]
    together = DETECTOR.detect(texts)
    assert together == [look(text) for text in texts]
    assert list(DETECTOR.detect([])) == []
