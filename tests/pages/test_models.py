import pytest

from chat.models import Upstream
from tests.pages.conftest import routed


@pytest.fixture
def _many(model):
    ollama = Upstream.objects.create(name="Ollama", family="compatible")
    routed("qwen3:32b", ollama, display_name="Qwen 3")
    routed("off", ollama, enabled=False)
    built_in = Upstream.objects.create(name="Built in", family="demo", origin="built-in")
    routed("demo", built_in, is_sample=True)


@pytest.mark.usefixtures("_many")
def test_models_are_listed_with_their_ids_and_upstreams_and_samples_last(owners):
    html = owners.get("/models").content.decode()
    places = [html.index(each) for each in ("Qwen 3", "qwen3:32b · Ollama", "replayed", "Built-in sample")]
    assert places == sorted(places)
    assert 'data-model="off"' not in html


@pytest.mark.usefixtures("_many")
@pytest.mark.parametrize("words", ["qwen", "OLLAMA", "3 qw"])
def test_words_find_a_model_by_name_id_or_upstream(owners, words):
    html = owners.get("/models", {"q": words}).content.decode()
    assert 'data-model="qwen3:32b"' in html
    assert 'data-model="replayed"' not in html


@pytest.mark.parametrize("words", ["nothing <b>", "\0"])
def test_words_that_find_nothing_are_said_back_as_text(owners, model, words):
    response = owners.get("/models", {"q": words})
    assert response.status_code == 200
    assert "<b>" not in response.content.decode()


def test_whoever_is_signed_out_sees_no_model(client, model):
    assert client.get("/models").status_code == 302


def test_the_list_costs_the_same_queries_however_long(owners, model, django_assert_num_queries):
    with django_assert_num_queries(4):
        owners.get("/models")
    for number in range(30):
        routed(f"model-{number}", model.routes.get().upstream)
    with django_assert_num_queries(4):
        owners.get("/models")
