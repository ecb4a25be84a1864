"""Whom a model is for: the list, the entry and every call agree."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group

from chat.api.models import entries
from chat.gateway import Payer
from chat.models import ApiKey
from tests.api.conftest import ASK, HELLO


@pytest.fixture
def group(model) -> Group:
    group = Group.objects.create(name="Physicists")
    model.groups.add(group)
    return group


async def ids(program) -> list[str]:
    return [each["id"] for each in (await program.get("/v1/models")).json()["data"]]


async def statuses(program) -> set[int]:
    answers = [await program.get("/v1/models/replayed"), await program.post(ASK, json=HELLO)]
    return {answer.status_code for answer in answers}


async def test_a_model_of_a_group_does_not_exist_for_others(program, group):
    assert await ids(program) == []
    assert await statuses(program) == {404}


async def test_a_member_sees_and_asks_it(program, group, owner, server):
    await sync_to_async(owner.groups.add)(group)
    server.say("Hello.")
    assert await ids(program) == ["replayed"]
    assert await statuses(program) == {200}


async def test_a_superuser_is_kept_from_none(program, group, owner, server):
    owner.is_superuser = True
    await sync_to_async(owner.save)(update_fields=["is_superuser"])
    server.say("Hello.")
    assert await ids(program) == ["replayed"]
    assert await statuses(program) == {200}


async def test_who_leaves_the_group_loses_it_with_the_next_request(program, group, owner, server):
    await sync_to_async(owner.groups.add)(group)
    server.say("Hello.")
    assert await statuses(program) == {200}
    await sync_to_async(owner.groups.clear)()
    assert await statuses(program) == {404}


async def test_a_deleted_group_opens_its_models_to_nobody(program, group, owner):
    await sync_to_async(owner.groups.add)(group)
    await sync_to_async(group.delete)()
    assert await ids(program) == []
    assert await statuses(program) == {404}


async def test_taking_the_last_group_away_opens_it_to_everyone(program, group, model, server):
    await sync_to_async(model.groups.remove)(group)
    server.say("Hello.")
    assert await ids(program) == ["replayed"]
    assert await statuses(program) == {200}


async def test_a_group_that_takes_a_model_keeps_it_from_others(program, model, server):
    def take() -> None:
        Group.objects.create(name="Chemists").language_models.add(model)

    await sync_to_async(take)()
    assert await statuses(program) == {404}


async def test_a_key_reaches_no_further_than_its_owner(program, group, model, secret):
    await sync_to_async(lambda: ApiKey.objects.find(secret).allowed_models.add(model))()
    assert await ids(program) == []
    assert await statuses(program) == {404}


async def test_a_key_whose_only_model_is_deleted_opens_no_other(program, model, secret, upstream):
    def replace() -> None:
        from tests.api.conftest import routed

        ApiKey.objects.find(secret).allowed_models.add(model)
        model.delete()
        routed("another", upstream)

    await sync_to_async(replace)()
    assert await ids(program) == []
    assert (await program.post(ASK, json=HELLO | {"model": "another"})).status_code == 404


async def test_a_hidden_model_is_not_listed_and_can_be_asked(program, model, server):
    model.is_hidden = True
    await sync_to_async(model.save)(update_fields=["is_hidden"])
    server.say("Hello.")
    assert await ids(program) == []
    assert await statuses(program) == {200}


async def test_the_list_is_in_the_order_of_the_positions(program, model, upstream):
    def add() -> None:
        from tests.api.conftest import routed

        routed("zebra", upstream, position=1)
        routed("ape", upstream)

    await sync_to_async(add)()
    assert await ids(program) == ["zebra", "ape", "replayed"]


async def test_groups_cost_the_list_no_query_a_model(
    owner, model, group, upstream, django_assert_num_queries
):
    def listed() -> None:
        from tests.api.conftest import routed

        owner.groups.add(group)
        for number in range(20):
            routed(f"model-{number}", upstream).groups.add(group)
        with django_assert_num_queries(3):
            assert len(entries(Payer(owner))) == 21

    await sync_to_async(listed)()
