from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, hold, last_answer
from tests.files import PDF, ZIP, png

PICTURE = {"name": "lighthouse.png", "mimeType": "image/png", "buffer": png(320, 200)}
NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Flour, water, salt"}
REPORT = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": PDF}
ARCHIVE = {"name": "archive.zip", "mimeType": "application/zip", "buffer": ZIP}

DROP = """([name, text, kind]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type: "text/plain" }));
    const event = kind === "paste"
        ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
        : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.getElementById("text").dispatchEvent(event);
}"""


def chips(page: Page):
    return page.get_by_role("list", name="Files to send").get_by_role("listitem")


def choose(page: Page, *files: dict) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(list(files))


def loads(picture) -> bool:
    return picture.evaluate("async (image) => (await image.decode(), image.naturalWidth === 320)")


def test_a_picture_goes_with_the_first_question_and_stays_in_the_conversation(page, upstream):
    upstream.say("A lighthouse.")
    page.goto("/")
    choose(page, PICTURE)
    expect(chips(page)).to_contain_text(["lighthouse.png"])
    ask(page, "What is it?")
    expect(last_answer(page)).to_contain_text("A lighthouse.")
    picture = page.locator('article[data-role="user"]').get_by_role("img", name="lighthouse.png")
    assert loads(picture)
    expect(chips(page)).to_have_count(0)
    assert [part["type"] for part in upstream.requests[-1].json["messages"][0]["content"]] == [
        "image_url",
        "text",
    ]
    page.reload()
    assert loads(picture)


def test_in_a_conversation_several_go_without_text_and_one_is_removed_before(page, upstream):
    upstream.say("First.")
    page.goto("/")
    ask(page, "Hello")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    choose(page, PICTURE, NOTES)
    choose(page, REPORT)
    expect(chips(page)).to_contain_text(["lighthouse.png", "notes.txt", "report.pdf"])
    page.get_by_role("button", name="Remove report.pdf").click()
    expect(chips(page)).to_have_count(2)
    upstream.say("Second.")
    page.get_by_role("button", name="Send").click()
    expect(last_answer(page)).to_contain_text("Second.")
    expect(chips(page)).to_have_count(0)
    assert len(upstream.requests[-1].json["messages"][-1]["content"]) == 2
    with page.expect_download() as download:
        page.get_by_role("link", name="Download notes.txt").click()
    assert download.value.suggested_filename == "notes.txt"


def test_what_cannot_be_sent_is_said_and_nothing_else_is_lost(page, upstream):
    page.goto("/")
    page.get_by_role("textbox", name="Message").fill("What is it?")
    choose(page, ARCHIVE, NOTES)
    expect(page.get_by_role("alert").first).to_contain_text("archive.zip is of a type that cannot be sent")
    expect(chips(page)).to_contain_text(["notes.txt"])
    expect(page.get_by_role("textbox", name="Message")).to_have_value("What is it?")
    page.reload()
    expect(chips(page)).to_contain_text(["notes.txt"])
    expect(page.get_by_role("textbox", name="Message")).to_have_value("What is it?")


def test_one_that_is_too_large_is_not_uploaded(page):
    page.goto("/")
    page.evaluate("document.getElementById('attach').dataset.largest = 10")
    choose(page, NOTES, {**NOTES, "name": "small.txt", "buffer": b"Flour"})
    expect(page.get_by_role("alert").first).to_contain_text("notes.txt is larger than")
    expect(chips(page)).to_contain_text(["small.txt"])


def test_files_are_pasted_and_dropped(page):
    page.goto("/")
    page.evaluate(DROP, ["dropped.txt", "Flour", "drop"])
    expect(chips(page)).to_contain_text(["dropped.txt"])
    page.evaluate(DROP, ["pasted.txt", "Water", "paste"])
    expect(chips(page)).to_contain_text(["dropped.txt", "pasted.txt"])


def test_what_is_sent_while_a_file_comes_waits_for_it(page, upstream):
    upstream.say("Bread.")
    page.goto("/")

    def late(route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/attachments", late)
    choose(page, NOTES)
    ask(page, "What is it?")
    expect(last_answer(page)).to_contain_text("Bread.")
    assert "Flour" in upstream.requests[-1].json["messages"][0]["content"][0]["text"]


def test_a_file_may_take_longer_than_a_minute(page, upstream):
    upstream.say("Bread.")
    page.clock.install()
    page.goto("/")
    held = hold(page, "**/attachments")
    with page.expect_request("**/attachments"):
        choose(page, NOTES)
    ask(page, "What is it?")
    page.clock.fast_forward(90_000)
    held[0].continue_()
    page.clock.resume()
    expect(last_answer(page)).to_contain_text("Bread.")
    assert "Flour" in upstream.requests[-1].json["messages"][0]["content"][0]["text"]


def test_an_edited_question_brings_its_files_back(page, upstream):
    upstream.say("First.")
    page.goto("/")
    choose(page, PICTURE, NOTES)
    expect(chips(page)).to_have_count(2)
    ask(page, "What is it?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    question = page.locator('article[data-role="user"]')
    question.hover()
    question.get_by_role("button", name="Edit").click()
    expect(chips(page)).to_contain_text(["lighthouse.png", "notes.txt"])
    page.get_by_role("button", name="Remove notes.txt").click()
    upstream.say("Second.")
    ask(page, "Where is it?")
    expect(last_answer(page)).to_contain_text("Second.")
    expect(chips(page)).to_have_count(0)
    parts = upstream.requests[-1].json["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["image_url", "text"]


def test_what_the_chosen_model_cannot_take_is_said_before_sending(page, site):
    text_only = """
from chat.models import LanguageModel
LanguageModel.objects.filter(model_id="another-model").update(capabilities={"inputs": []})
"""
    site.manage("shell", "-c", text_only)
    page.goto("/?model=replayed")
    choose(page, PICTURE)
    expect(chips(page)).to_have_count(1)
    expect(page.get_by_text("cannot take")).to_have_count(0)
    page.get_by_role("button", name="Model:").click()
    page.get_by_role("option", name="another-model").click()
    expect(page.get_by_text("another-model cannot take lighthouse.png. Remove it")).to_be_visible()
    page.get_by_role("button", name="Remove lighthouse.png").click()
    expect(page.get_by_text("cannot take")).to_have_count(0)
    site.manage("shell", "-c", text_only.replace("[]", '["image", "file"]'))


def test_an_upload_tells_how_much_of_it_has_gone_out(page):
    page.goto("/")
    page.evaluate(
        """() => {
          window.told = [];
          const shown = document.getElementById("upload-percent");
          new MutationObserver(() => told.push(shown.textContent)).observe(shown, { childList: true });
        }"""
    )
    large = {"name": "large.txt", "mimeType": "text/plain", "buffer": b"Flour. " * 1_500_000}
    choose(page, large)
    expect(chips(page)).to_contain_text(["large.txt"])
    assert page.evaluate("told[0]") == "0 %"
    assert page.evaluate("told.at(-1)") == ""


def test_an_upload_is_cancelled_and_nothing_is_sent_without_it(page):
    page.goto("/")
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 50_000}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow)
    choose(page, {"name": "large.txt", "mimeType": "text/plain", "buffer": b"Flour. " * 1_500_000})
    ask(page, "What is it?")
    page.get_by_role("button", name="Cancel the upload").click()
    expect(page.get_by_text("Uploading")).to_be_hidden()
    expect(page.locator("#page-notice")).to_be_empty()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("What is it?")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    expect(chips(page)).to_have_count(0)
    network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    choose(page, NOTES)
    expect(chips(page)).to_have_count(1)
