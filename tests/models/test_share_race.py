from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from chat.models import LanguageModel, Share, Terms
from chat.pages.shared_page import draw
from tests.pages.conftest import begun


@pytest.mark.django_db(transaction=True)
def test_of_many_who_open_it_at_once_no_more_get_in_than_it_says(owner):
    model = LanguageModel.objects.create(model_id="small")
    share = begun(owner, model, "Bread", "How?", "So.").share(draw, terms=Terms(max_views=3))

    def view(_: int) -> bool:
        try:
            return Share.objects.get(pk=share.pk).count_view()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(view, range(24))) == 3
    share.refresh_from_db()
    assert share.views == 3
