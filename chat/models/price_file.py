"""The prices of a file: CSV with a line for each price, and these columns in any order.

Those of `prices.csv` are as of November 2026, from https://developers.openai.com/api/docs/pricing,
https://www.anthropic.com/pricing#api, https://ai.google.dev/gemini-api/docs/pricing,
https://api-docs.deepseek.com/quick_start/pricing and https://www.alibabacloud.com/help/en/model-studio/model-pricing.
Where a price depends on the hour, or on whether words or pictures come back, it is the dearer one.
`2020-01-01` says that it has held ever since the model has been there.
"""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO

from django.core.exceptions import ValidationError

from .price import FIGURES, PLACE, Origin, Price

COLUMNS = (*PLACE, *FIGURES)


class InvalidPrices(Exception):
    """The file cannot be taken; says in which line and why."""


def read_prices(content: bytes) -> list[Price]:
    """All of them, or the first thing that is wrong as InvalidPrices."""
    by_place: dict[tuple[object, ...], tuple[int, Price]] = {}
    for line, row in _rows(content):
        price = _price(line, row)
        if earlier := by_place.get(price.place):
            raise InvalidPrices(f"Line {line}: it is for the same as line {earlier[0]}.")
        by_place[price.place] = line, price
    if not by_place:
        raise InvalidPrices("There is no price in it.")
    for line, price in by_place.values():
        if (*price.place[:3], 0) not in by_place:
            raise InvalidPrices(f"Line {line}: there is no price of {price} for short prompts, above 0.")
    return [price for _, price in by_place.values()]


def _rows(content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(StringIO(_text(content), newline=""), strict=True)
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InvalidPrices(f"Line 1 does not name the columns {', '.join(missing)}.")
        for row in reader:
            if None in row or None in row.values():
                raise InvalidPrices(
                    f"Line {reader.line_num} has more or fewer values than there are columns."
                )
            yield reader.line_num, row
    except csv.Error as error:
        raise InvalidPrices(f"Line {reader.reader.line_num}: {error}.") from error


def _text(content: bytes) -> str:
    """Spreadsheets put a byte order mark before it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidPrices(f"Line {line}: it is not text in UTF-8.") from error


def _price(line: int, row: Mapping[str, str]) -> Price:
    given = {name: row[name].strip() for name in COLUMNS}
    nothing = {name: None for name in FIGURES if not given[name]}
    price = Price(origin=Origin.CATALOGUE, **{**given, **nothing})
    try:
        price.clean_fields()
        price.clean()
    except ValidationError as error:
        field, words = next(iter(error.message_dict.items()))
        raise InvalidPrices(f"Line {line}, {field}: {' '.join(words)}") from error
    return price
