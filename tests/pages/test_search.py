from chat.models import Unindexed
from tests.pages.conftest import add_turn, begun

HTMX = {"HX-Request": "true"}


def hits(client, text, **query):
    response = client.get("/search", {"q": text} | query, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_hits_are_highlighted_after_they_are_escaped(owners, conversation):
    add_turn(conversation, "<script>alert(1)</script> & <b>bold</b>", "<mark>fake</mark> script")
    html = hits(owners, "script")
    assert "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt; &amp; &lt;b&gt;" in html
    assert "&lt;mark&gt;fake&lt;/mark&gt; <mark>script</mark>" in html


def test_a_title_is_escaped_as_well(owners, conversation):
    conversation.rename("<img src=x onerror=alert(1)> bread")
    assert "&lt;img src=x onerror=alert(1)&gt; <mark>bread</mark>" in hits(owners, "bread")


def test_what_was_asked_stands_in_the_box_as_text(owners, conversation):
    html = owners.get("/search", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert 'value="&quot;&gt;&lt;script&gt;' in html


def test_a_hit_opens_its_branch(owners, conversation):
    first = conversation.messages.get(role="user")
    answer = conversation.head
    other = conversation.messages.create(role="user", content=[{"type": "text", "text": "And cake?"}])
    conversation.head = other
    conversation.save(update_fields=["head"])
    address = hits(owners, "flour").split('class="hit" href="')[1].split('"')[0]
    html = owners.get(address.split("#")[0]).content.decode()
    assert f'id="{answer.dom_id}"' in html
    assert f'id="{first.dom_id}"' in html
    assert "And cake?" not in html.split('id="messages"')[1]
    assert address.endswith(f"#{answer.dom_id}")


def test_a_message_far_from_the_end_is_on_the_page_that_it_opens(owners, conversation):
    first = conversation.messages.get(role="user")
    for number in range(60):
        add_turn(conversation, f"Question {number}", "Yes.")
    html = owners.get(f"/c/{conversation.public_id}?at={first.public_id}").content.decode()
    assert f'id="{first.dom_id}"' in html


def test_somebody_elses_message_opens_the_conversation_as_ever(owners, stranger, model, conversation):
    theirs = begun(stranger, model, "Theirs", "Secret?", "Secret.")
    html = owners.get(f"/c/{conversation.public_id}?at={theirs.head.public_id}").content.decode()
    assert "How is bread made?" in html
    assert "Secret" not in html


def test_it_says_when_there_is_nothing(owners, conversation):
    assert "Words from a title" in hits(owners, "")
    assert "Nothing has all these words" in hits(owners, "croissant")


def test_the_next_page_goes_on_where_the_first_ended(owners, conversation):
    for number in range(30):
        add_turn(conversation, f"Loaf {number}.", "Yes.")
    while Unindexed.objects.take_up():
        pass
    first = hits(owners, "loaf")
    assert first.count('class="hit"') == first.count("<mark>Loaf</mark>") == 20
    before = first.split("before=")[1][:22]
    second = hits(owners, "loaf", before=before)
    assert second.count('class="hit"') == 10
    assert "Conversations</h2>" not in second


def test_a_strangers_message_is_no_place_to_go_on(strangers, conversation):
    assert strangers.get("/search", {"q": "bread", "before": conversation.head.public_id}).status_code == 404


def test_a_stranger_finds_nothing(strangers, conversation):
    assert "Nothing has all these words" in hits(strangers, "bread")


def test_bad_input_finds_nothing(owners, conversation):
    for text in ("\0", "%", "\\", "\ud800".encode("utf-8", "replace"), "x" * 5000, "\u202e"):
        hits(owners, text)
    assert owners.get("/search?q=%ff%fe&before=%00", headers=HTMX).status_code == 200
