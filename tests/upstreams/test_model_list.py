import pytest

from chat.completions import BadUpstreamResponse
from chat.upstreams.model_list import read_models


@pytest.mark.parametrize(
    "body",
    [
        b'{"object":"list","data":[{"id":"a"},{"id":"b"}]}',
        b'{"models":[{"name":"a","model":"a"},{"name":"b"}]}',
        b'{"models":[{"name":"x"}],"data":[{"id":"a"},{"id":"b"}]}',
        b'[{"id":"a"},{"id":"b"}]',
        b'["a","b"]',
        b'{"data":[{"id":"a"},{"id":7},null,{"id":"b"},{"id":"a"}]}',
    ],
)
def test_models_are_found_in_every_shape_of_list(body: bytes) -> None:
    assert [model.id for model in read_models(body)] == ["a", "b"]


@pytest.mark.parametrize("body", [b"", b"Welcome", b'{"status":"ok"}', b'"a"'])
def test_what_is_no_list_is_a_bad_response(body: bytes) -> None:
    with pytest.raises(BadUpstreamResponse, match="base URL"):
        read_models(body)
