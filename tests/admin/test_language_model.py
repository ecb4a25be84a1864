import pytest

from chat.models import LanguageModel, Route, Upstream

LIST = "/admin/chat/languagemodel/"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def model(db) -> LanguageModel:
    model = LanguageModel.objects.create(model_id="small")
    Route.objects.create(model=model, upstream=Upstream.objects.create(name="Mine", family="compatible"))
    return model


def test_it_is_switched_off_in_the_list(admin, model):
    row = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": model.pk, "_save": "Save"}
    admin.post(LIST, row)
    model.refresh_from_db()
    assert not model.enabled


def test_its_page_shows_its_routes(admin, model):
    assert "small at Mine" in admin.get(f"{LIST}{model.pk}/change/").content.decode()


def test_one_is_found_by_its_upstream(admin, model):
    assert admin.get(LIST, {"q": "mine"}).context["cl"].result_count == 1


def test_the_list_asks_as_often_for_many_as_for_one(admin, model, django_assert_max_num_queries):
    upstream = Upstream.objects.get()
    many = LanguageModel.objects.bulk_create(LanguageModel(model_id=f"m{n}") for n in range(40))
    Route.objects.bulk_create(Route(model=each, upstream=upstream) for each in many)
    with django_assert_max_num_queries(14):
        admin.get(LIST)
