import pytest

from chat.pages.preselection import FEW, first_choice, preselected

OPENAI = """gpt-3.5-turbo gpt-4 gpt-4-0613 gpt-4-turbo gpt-4-turbo-2024-04-09 gpt-4o gpt-4o-2024-08-06 gpt-4o-mini
gpt-4o-audio-preview gpt-4o-search-preview gpt-4.1 gpt-4.1-mini gpt-5 gpt-5-2025-08-07 gpt-5-mini gpt-5.1
gpt-5.1-2025-11-13 gpt-5-pro o1 o3 o3-mini o4-mini chatgpt-4o-latest""".split()
CLAUDE = """claude-3-haiku-20240307 claude-3-7-sonnet-20250219 claude-sonnet-4-20250514 claude-sonnet-4-5-20250929
claude-opus-4-20250514 claude-opus-4-1-20250805 claude-opus-4-5-20251101 claude-haiku-4-5-20251001 claude-opus-5
claude-sonnet-5 claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5""".split()


def test_all_of_a_few_are_chosen():
    few = [f"model-{number}" for number in range(FEW)]
    assert preselected(few) == set(few)


def test_of_many_the_newest_of_each_line_is_chosen_by_its_name_without_a_date():
    chosen = preselected(OPENAI)
    assert {"gpt-5.1", "gpt-4o", "o3", "gpt-5-mini", "o4-mini"} <= chosen
    assert not chosen & {"gpt-5", "gpt-5.1-2025-11-13", "gpt-4", "gpt-4-0613", "gpt-3.5-turbo"}


def test_what_is_on_trial_or_no_text_model_is_left_out():
    assert not preselected(OPENAI) & {"gpt-4o-audio-preview", "gpt-4o-search-preview", "chatgpt-4o-latest"}


def test_an_older_order_of_the_words_of_a_name_is_a_line_of_its_own():
    assert {"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"} <= preselected(CLAUDE)
    assert not preselected(CLAUDE) & {"claude-opus-5", "claude-opus-4-5-20251101", "claude-sonnet-5"}


def test_the_way_a_list_is_sorted_does_not_matter():
    assert preselected(OPENAI) == preselected(OPENAI[::-1])


def test_of_too_many_lines_none_is_chosen():
    assert preselected([f"maker-{chr(97 + n % 26)}{chr(97 + n // 26)}/model" for n in range(60)]) == set()


@pytest.mark.parametrize(
    ("offered", "first"),
    [
        (OPENAI, "gpt-5.1"),
        (CLAUDE, "claude-opus-5-5"),
        (["llama3.2:1b", "qwen3:8b"], "qwen3:8b"),
        (["one"], "one"),
        ([], ""),
    ],
)
def test_a_new_chat_begins_with_the_newest(offered, first):
    assert first_choice(offered) == first
