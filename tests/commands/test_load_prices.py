import pytest
from django.core.management import CommandError, call_command

from chat.models import Price
from tests.models.test_price_list import GOOD, file

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_loads_those_that_come_along(capsys):
    call_command("load_prices")
    assert f"Prices: {Price.objects.count()} new, 0 changed, 0 gone.\n" in capsys.readouterr().out


def test_it_says_what_changed(tmp_path, capsys):
    path = tmp_path / "prices.csv"
    path.write_bytes(file(GOOD))
    call_command("load_prices", str(path))
    path.write_bytes(file(GOOD.replace(",10,", ",12.5,"), "openai,gpt-7,2026-12-01,0,1,,,5,,,"))
    capsys.readouterr()
    call_command("load_prices", str(path))
    assert capsys.readouterr().out.splitlines() == [
        "New: gpt-7 from 2026-12-01 at OpenAI, $1.00 in, $5.00 out",
        "Changed: gpt-6 from 2026-01-01 at OpenAI, $2.00 in, $12.50 out",
        "Prices: 1 new, 1 changed, 0 gone.",
    ]


def test_a_file_that_is_wrong_is_refused_whole(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_bytes(file(GOOD, GOOD.replace("gpt-6", "gpt-7").replace(",10,", ",-10,")))
    with pytest.raises(CommandError, match=r"prices\.csv: Line 3, output: .* Nothing was loaded\."):
        call_command("load_prices", str(path))
    assert not Price.objects.exists()


@pytest.mark.parametrize(("name", "why"), [("none.csv", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, why):
    with pytest.raises(CommandError, match=f"cannot be read: {why}"):
        call_command("load_prices", str(tmp_path / name))
