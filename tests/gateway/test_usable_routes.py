"""Who may ask a model, and what that costs each request."""

import pytest
from django.contrib.auth.models import Group

from chat.completions import ModelNotFound, NoUpstream
from chat.gateway import Payer
from chat.gateway.routing import usable_routes
from chat.models import ApiKey, LanguageModel, Route, Upstream


@pytest.fixture
def model(db) -> LanguageModel:
    model = LanguageModel.objects.create(model_id="small")
    Route.objects.create(model=model, upstream=Upstream.objects.create(name="Mine", family="compatible"))
    return model


@pytest.fixture
def key(owner) -> ApiKey:
    key = ApiKey(owner=owner)
    key.issue()
    return key


def test_a_model_for_everyone_costs_one_query(owner, key, model, django_assert_num_queries):
    with django_assert_num_queries(1):
        (route,) = usable_routes("small", Payer(owner, key))
        assert (route.upstream.name, route.model) == ("Mine", model)


def test_each_restriction_costs_one_more(owner, key, model, django_assert_num_queries):
    group = Group.objects.create(name="Physicists")
    owner.groups.add(group)
    model.groups.add(group)
    key.allowed_models.add(model)
    with django_assert_num_queries(3):
        usable_routes("small", Payer(owner, key))


def test_to_others_it_looks_as_if_there_were_none(owner, model):
    model.groups.add(Group.objects.create(name="Physicists"))
    with pytest.raises(ModelNotFound):
        usable_routes("small", Payer(owner))
    Route.objects.update(enabled=False)
    with pytest.raises(ModelNotFound):
        usable_routes("small", Payer(owner))


def test_who_may_use_it_is_told_that_no_upstream_is_on(owner, model):
    Route.objects.update(enabled=False)
    with pytest.raises(NoUpstream):
        usable_routes("small", Payer(owner))


def test_whoever_was_switched_off_asks_nothing(owner, model):
    owner.is_active = False
    with pytest.raises(ModelNotFound):
        usable_routes("small", Payer(owner))
