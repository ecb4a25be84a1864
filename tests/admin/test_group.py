from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission

from chat.models import LanguageModel, Route, Upstream

LIST = "/admin/auth/group/"
FORM = {"name": "Physicists", "allowance-TOTAL_FORMS": 1, "allowance-INITIAL_FORMS": 0}


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def model(db) -> LanguageModel:
    model = LanguageModel.objects.create(model_id="small")
    Route.objects.create(model=model, upstream=Upstream.objects.create(name="Mine", family="compatible"))
    return model


@pytest.fixture
def group(db) -> Group:
    return Group.objects.create(name="Physicists")


@pytest.fixture
def staff(client, owner):
    """Somebody who may manage groups, and is no superuser."""
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    rights = (
        "add_group change_group delete_group view_group add_allowance change_allowance view_allowance".split()
    )
    owner.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(owner)
    return client


def change(client, group: Group, **fields):
    return client.post(f"{LIST}{group.pk}/change/", FORM | fields)


def test_it_is_made_with_members_models_and_limits(admin, stranger, owner, model):
    limits = {"allowance-0-monthly_budget": "20", "allowance-0-requests_per_minute": "60"}
    admin.post(f"{LIST}add/", {**FORM, "members": [owner.pk], "language_models": [model.pk], **limits})
    group = Group.objects.get()
    assert list(group.user_set.all()) == [owner]
    assert (group.allowance.monthly_budget, group.allowance.requests_per_minute) == (Decimal(20), 60)
    assert list(LanguageModel.objects.usable_by(owner)) == [model]
    assert not LanguageModel.objects.usable_by(stranger).exists()


def test_its_page_shows_what_it_has(admin, group, owner, model):
    group.user_set.add(owner)
    model.groups.add(group)
    form = admin.get(f"{LIST}{group.pk}/change/").context["adminform"].form
    assert list(form.initial["members"]) == [owner]
    assert list(form.initial["language_models"]) == [model]


def test_a_model_that_it_gives_up_is_for_everyone_again(admin, group, stranger, model):
    model.groups.add(group)
    change(admin, group)
    assert list(LanguageModel.objects.usable_by(stranger)) == [model]


def test_one_that_is_deleted_in_use_leaves_its_models_to_nobody(admin, group, owner, model):
    model.groups.add(group)
    group.user_set.add(owner)
    admin.post(f"{LIST}{group.pk}/delete/", {"post": "yes"})
    assert not Group.objects.exists()
    assert not LanguageModel.objects.usable_by(owner).exists()
    assert "nobody: its group is gone" in admin.get("/admin/chat/languagemodel/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"members": ["9999"]},
        {"language_models": ["x"]},
        {"allowance-0-daily_budget": "-1"},
        {"allowance-0-total_budget": "1e9"},
        {"allowance-0-requests_per_minute": "0"},
        {"allowance-0-parallel_requests": "x"},
    ],
)
def test_what_is_wrong_is_not_saved(admin, wrong):
    assert admin.post(f"{LIST}add/", {**FORM, **wrong}).status_code == 200
    assert not Group.objects.exists()


def test_staff_manage_a_group_that_they_are_not_in(staff, group, stranger):
    change(staff, group, members=[stranger.pk], **{"allowance-0-daily_budget": "1"})
    assert list(group.user_set.all()) == [stranger]
    assert group.allowance.daily_budget == 1


def test_staff_do_not_join_a_group_by_themselves(staff, group, owner):
    change(staff, group, members=[owner.pk])
    assert not group.user_set.exists()


def test_staff_do_not_change_their_own_group(staff, group, owner, model):
    group.user_set.add(owner)
    response = change(staff, group, language_models=[model.pk], **{"allowance-0-daily_budget": "1000"})
    assert response.status_code == 403
    assert not group.language_models.exists()
    assert not hasattr(group, "allowance")
    assert staff.post(f"{LIST}{group.pk}/delete/", {"post": "yes"}).status_code == 403


def test_staff_do_not_decide_whom_models_are_for(staff, group, owner, stranger, model):
    other = LanguageModel.objects.create(model_id="other")
    model.groups.add(group)
    assert b"language_models" not in staff.get(f"{LIST}{group.pk}/change/").content
    change(staff, group, members=[stranger.pk], language_models=[other.pk])
    assert list(group.user_set.all()) == [stranger]
    assert list(group.language_models.all()) == [model]
    assert not LanguageModel.objects.usable_by(owner).filter(pk=model.pk).exists()


def test_staff_do_not_give_rights(staff, group, owner):
    right = Permission.objects.get(codename="add_upstream")
    change(staff, group, permissions=[right.pk])
    assert not group.permissions.exists()
    group.permissions.add(right)
    assert change(staff, group, members=[owner.pk]).status_code == 403
    assert not group.user_set.exists()


def test_the_list_asks_as_often_for_many_as_for_one(admin, group, owner, django_assert_max_num_queries):
    for number in range(30):
        owner.groups.add(Group.objects.create(name=f"Group {number}"))
    with django_assert_max_num_queries(8):
        admin.get(LIST)
