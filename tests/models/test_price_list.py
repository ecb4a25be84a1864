from datetime import date
from decimal import Decimal

import pytest

from chat.models import Price, PriceList
from chat.models.price_file import InvalidPrices, read_prices
from chat.models.price_list import PACKAGED

HEADER = "family,model_id,effective_from,above,input,cached_input,cache_write,output,reasoning,per_image,per_second"
GOOD = "openai,gpt-6,2026-01-01,0,2,0.2,,10,,,"


def file(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


def load(*lines: str):
    return PriceList.objects.load(file(*lines))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "openai,x,2026-01-01,0,-1,,,10,,,",
            "Line 3, input: Ensure this value is greater than or equal to 0.",
        ),
        ("openai,x,2026-01-01,0,1e9,,,10,,,", "Line 3, input:"),
        ("openai,x,2026-01-01,0,100000.01,,,10,,,", "Line 3, input: Ensure this value is less than"),
        ("openai,x,2026-01-01,0,two,,,10,,,", "Line 3, input:"),
        ("openai,x,2026-01-01,0,NaN,,,10,,,", "Line 3, input:"),
        ("openai,x,2026-01-01,0,Infinity,,,10,,,", "Line 3, input:"),
        ("openai,x,2026-01-01,0,0.0000001,,,10,,,", "Line 3, input:"),
        ("openai,x,2026-01-01,0,,,,10,,,", "Line 3, input:"),
        ("openai,x,2026-01-01,0,1,,,,,,", "Line 3, output:"),
        ("openai,x,2026-01-01,0,1,,,10,,,-1", "Line 3, per_second:"),
        ("openai,x,2026-13-01,0,1,,,10,,,", "Line 3, effective_from:"),
        ("openai,x,tomorrow,0,1,,,10,,,", "Line 3, effective_from:"),
        ("openai,x,,0,1,,,10,,,", "Line 3, effective_from:"),
        ("openai,x,2026-01-01,-1,1,,,10,,,", "Line 3, above:"),
        ("openai,x,2026-01-01,1.5,1,,,10,,,", "Line 3, above:"),
        ("openai,x,2026-01-01,99999999999,1,,,10,,,", "Line 3, above:"),
        ("oepnai,x,2026-01-01,0,1,,,10,,,", "Line 3, family: Value 'oepnai' is not a valid choice."),
        ("openai,,2026-01-01,0,1,,,10,,,", "Line 3, model_id:"),
        (f"openai,{'x' * 201},2026-01-01,0,1,,,10,,,", "Line 3, model_id:"),
        ("openai,a\0b,2026-01-01,0,1,,,10,,,", "Line 3"),
        ("openai,x,2026-01-01,0,1,,,10,,", "Line 3 has more or fewer values"),
        ("openai,x,2026-01-01,0,1,,,10,,,,", "Line 3 has more or fewer values"),
        ('openai,"x,2026-01-01,0,1,,,10,,,', "Line 3: unexpected end of data."),
        (GOOD, "Line 3: it is for the same as line 2."),
        (GOOD.upper().replace("OPENAI", "openai"), "Line 3: it is for the same as line 2."),
        ("openai,x,2026-01-01,200000,1,,,10,,,", "Line 3: there is no price of x from 2026-01-01 for short"),
    ],
)
def test_a_file_with_a_bad_line_is_not_loaded_and_the_line_is_named(db, line, said):
    with pytest.raises(InvalidPrices) as refused:
        load(GOOD, line)
    assert str(refused.value).startswith(said)
    assert not Price.objects.exists()
    assert not PriceList.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Line 1 does not name the columns family, model_id,"),
        (b"\n\n", "Line 1 does not name the columns"),
        (file(), "There is no price in it."),
        (file(GOOD).replace(b",", b";"), "Line 1 does not name the columns"),
        (file(GOOD).replace(b"cached_input", b"cashed"), "Line 1 does not name the columns cached_input."),
        (file(GOOD, GOOD).replace(b"gpt-6,", b"gpt-\xff,"), "Line 2: it is not text in UTF-8."),
        (file(GOOD).decode().encode("utf-16"), "Line 1: it is not text in UTF-8."),
    ],
)
def test_what_is_no_list_of_prices_is_refused_in_words(content, said):
    with pytest.raises(InvalidPrices) as refused:
        read_prices(content)
    assert str(refused.value).startswith(said)


def test_a_file_of_a_spreadsheet_is_read():
    content = b"\xef\xbb\xbf" + file(" openai , GPT-6 ,2026-01-01,0,2,,,10,,,").replace(b"\n", b"\r\n")
    (price,) = read_prices(content)
    assert (price.family, price.model_id, price.input) == ("openai", "gpt-6", 2)


def test_loading_again_changes_nothing(db):
    assert len(load(GOOD).new) == 1
    changes = load(GOOD)
    assert (changes.new, changes.changed, changes.gone) == ([], [], [])


def test_a_price_that_is_corrected_is_changed_in_its_place(db):
    load(GOOD)
    (changed,) = load(GOOD.replace(",10,", ",12,")).changed
    assert (changed.output, Price.objects.get().output) == (12, 12)


def test_prices_of_other_models_and_days_stay(db):
    load(GOOD)
    load("openai,gpt-6,2026-06-01,0,1,,,5,,,", "openai,gpt-5,2026-01-01,0,1,,,5,,,")
    assert Price.objects.count() == 3


def test_a_price_for_long_prompts_that_is_given_up_goes(db):
    load(GOOD, "openai,gpt-6,2026-01-01,200000,4,,,20,,,")
    (gone,) = load(GOOD).gone
    assert gone.above == 200_000
    assert Price.objects.get().above == 0


def test_what_the_admin_entered_is_left_alone(db):
    entered = Price.objects.create(
        family="openai", model_id="gpt-6", effective_from=date(2026, 1, 1), input=7, output=7
    )
    load(GOOD)
    entered.refresh_from_db()
    assert entered.input == 7
    assert Price.objects.of("openai", "gpt-6", date(2026, 11, 25)).base == entered


def test_the_packaged_list_is_loaded_once(db, django_assert_num_queries):
    PriceList.objects.load_packaged()
    assert Price.objects.count() > 250
    with django_assert_num_queries(1):
        PriceList.objects.load_packaged()


def test_what_was_loaded_since_stays_until_the_packaged_list_changes(db):
    PriceList.objects.load_packaged()
    load("openai,gpt-6-sol,2020-01-01,0,7,,,7,,,")
    PriceList.objects.load_packaged()
    assert Price.objects.get(model_id="gpt-6-sol", above=0).input == 7


def test_the_packaged_list_knows_models_of_five_families(db):
    PriceList.objects.load_packaged()
    for family, model_id, price in [
        ("openai", "gpt-4o-2024-08-06", "2.5"),
        ("openai", "gpt-6.1-sol", "2"),
        ("anthropic", "claude-haiku-4-5-20251001", "1"),
        ("anthropic", "claude-opus-4-20250514", "15"),
        ("gemini", "models/gemini-2.5-flash-preview-09-2025", "0.3"),
        ("gemini", "gemini-3-pro-preview", "2"),
        ("deepseek", "deepseek-v4-flash", "0.3"),
        ("qwen", "qwen3-max-2026-01-23", "1.2"),
    ]:
        found = Price.objects.of(family, model_id, date(2026, 11, 25)).base
        assert found, model_id
        assert found.input == Decimal(price), model_id


def test_a_price_that_is_announced_holds_from_its_day(db):
    PriceList.objects.load_packaged()
    found = [Price.objects.of("gemini", "gemini-4-argon", date(2026, month, 1)).base for month in (11, 12)]
    assert [price.input for price in found if price] == [2, 4]


def test_the_packaged_list_is_in_order_and_without_a_mark():
    lines = PACKAGED.read_bytes().splitlines()
    assert lines[0].decode() == HEADER
    assert len(lines) == len(set(lines))
