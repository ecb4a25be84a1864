from playwright.sync_api import Route, expect

from tests.browser.conftest import ask, begin, hold, last_answer

# From the browser's memory.
COME_BACK = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


def box(page):
    return page.get_by_role("textbox", name="Message")


def test_a_draft_that_is_changed_after_its_send_was_taken_is_not_lost(visit, upstream):
    page = visit(tolerated=("422",)).new_page()
    upstream.say("Flour.")
    page.goto("/")
    box(page).fill("How is bread made?")
    form = "Object.fromEntries(new FormData(document.getElementById('composer-form')))"
    page.request.post(
        "/", form=page.evaluate(form), headers={"origin": page.url.rstrip("/")}, max_redirects=0
    )
    page.reload()
    box(page).fill("How is cake made?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").first).to_contain_text("already sent another message")
    expect(box(page)).to_have_value("How is cake made?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article[data-role=user]")).to_contain_text("How is cake made?")
    expect(box(page)).to_have_value("")


def test_what_was_written_beside_a_turn_that_another_tab_sent_stays(visit, upstream):
    upstream.say("Flour.")
    context = visit()
    one, two = context.new_page(), context.new_page()
    one.goto("/")
    ask(one, "How is bread made?")
    expect(last_answer(one)).to_have_attribute("data-status", "complete")
    two.goto(one.url)
    turn = "document.getElementById('composer-form').elements.turn_id"
    duplicated = one.evaluate(f"{turn}.value")
    two.evaluate(f"{turn}.value = '{duplicated}'")
    box(two).fill("Something else")
    ask(one, "How is cake made?")
    expect(last_answer(one)).to_have_attribute("data-status", "complete")
    expect(two.locator("article")).to_have_count(4)
    expect(box(two)).to_have_value("Something else")
    two.reload()
    expect(box(two)).to_have_value("Something else")
    two.get_by_role("button", name="Send").click()
    expect(two.locator("article")).to_have_count(6)


def test_back_from_the_first_answer_leads_to_an_empty_box_and_another_turn(page, upstream):
    upstream.say("Flour.")
    page.goto("/")
    turn = page.locator("#composer-form [name=turn_id]")
    ask(page, "How is bread made?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    sent = page.locator("article[data-role=user]").get_attribute("data-turn")
    page.go_back()
    expect(box(page)).to_have_value("")
    assert turn.input_value() != sent
    ask(page, "How is cake made?")
    expect(page.locator("article[data-role=user]")).to_contain_text("How is cake made?")


def test_a_page_from_the_memory_of_the_browser_shows_what_was_not_sent(page):
    page.goto("/")
    turn = page.locator("#composer-form [name=turn_id]")
    first = turn.input_value()
    box(page).fill("How is bread made?")
    page.evaluate(COME_BACK)
    expect(box(page)).to_have_value("How is bread made?")
    page.evaluate("sessionStorage.clear()")
    page.evaluate(COME_BACK)
    expect(box(page)).to_have_value("")
    assert turn.input_value() != first


NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Flour"}


def begin_editing(page, upstream):
    """With a draft and its file in the box before."""
    begin(page, upstream)
    page.locator("#attach input").set_input_files([NOTES])
    expect(page.locator("#composer-attachments .chip")).to_have_count(1)
    box(page).fill("A long draft")
    question = page.locator("article[data-role=user]")
    question.hover()
    question.get_by_role("button", name="Edit").click()
    expect(box(page)).to_have_value("How is bread made?")
    expect(page.locator("#composer-attachments .chip")).to_have_count(0)


def test_a_draft_is_back_when_editing_is_cancelled(page, upstream):
    begin_editing(page, upstream)
    page.keyboard.press("Escape")
    expect(box(page)).to_have_value("A long draft")
    expect(page.locator("#composer-attachments .chip")).to_contain_text("notes.txt")
    page.reload()
    expect(box(page)).to_have_value("A long draft")


def test_a_draft_is_back_when_the_edited_question_is_sent(page, upstream):
    begin_editing(page, upstream)
    ask(page, "How is cake made?")
    expect(page.locator("article[data-role=user]")).to_contain_text("How is cake made?")
    expect(box(page)).to_have_value("A long draft")
    expect(page.locator("#composer-attachments .chip")).to_contain_text("notes.txt")
    expect(page.locator("#composer-editing")).to_be_hidden()


def test_another_text_that_was_sent_with_a_taken_turn_goes_out_as_another(page, upstream):
    begin(page, upstream)
    taken = page.locator("article[data-role=user]").get_attribute("data-turn")
    page.evaluate(f"document.getElementById('composer-form').elements.turn_id.value = '{taken}'")
    ask(page, "How is cake made?")
    expect(page.get_by_role("alert").first).to_contain_text("already sent another message")
    expect(box(page)).to_have_value("How is cake made?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article")).to_have_count(4)


def test_an_edit_and_the_draft_before_it_survive_a_reload(page, upstream):
    begin(page, upstream)
    box(page).fill("A long draft")
    question = page.locator("article[data-role=user]")
    question.hover()
    question.get_by_role("button", name="Edit").click()
    box(page).fill("How is cake made?")
    page.reload()
    expect(box(page)).to_have_value("How is cake made?")
    expect(page.locator("#composer-editing")).to_be_visible()
    box(page).press("Enter")
    expect(question).to_contain_text("How is cake made?")
    expect(page.locator("article")).to_have_count(2)
    expect(box(page)).to_have_value("A long draft")
    page.reload()
    expect(box(page)).to_have_value("A long draft")
    expect(page.locator("#composer-editing")).to_be_hidden()


def test_the_file_of_a_draft_survives_a_reload_before_it_is_back(page):
    page.goto("/")
    page.locator("#attach input").set_input_files([NOTES])
    expect(page.locator("#composer-attachments .chip")).to_have_count(1)
    box(page).fill("What is it?")
    held = hold(page, "**/attachments?*")
    with page.expect_request("**/attachments?*"):
        page.reload()
    box(page).fill("What is this?")
    held.clear()
    page.unroute_all()
    page.reload()
    expect(page.locator("#composer-attachments .chip")).to_contain_text("notes.txt")
    expect(box(page)).to_have_value("What is this?")


def test_the_files_of_an_edit_that_was_cancelled_do_not_come_after_it(page, upstream):
    upstream.say("Flour.")
    page.goto("/")
    page.locator("#attach input").set_input_files([NOTES])
    ask(page, "What is it?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    held: list[Route] = []
    page.route("**/attachments?*", lambda route: route.continue_() if held else held.append(route))
    question = page.locator("article[data-role=user]")
    question.hover()
    with page.expect_request("**/attachments?message=*"):
        question.get_by_role("button", name="Edit").click()
    page.keyboard.press("Escape")
    with page.expect_response("**/attachments?message=*"):
        held[0].continue_()
    page.wait_for_timeout(300)
    expect(page.locator("#composer-attachments .chip")).to_have_count(0)
    expect(page.locator("#composer")).not_to_have_attribute("data-uploading", "")


def test_a_first_question_can_be_sent_again_when_its_page_was_stopped(visit, upstream):
    page = visit(tolerated=("Failed to",)).new_page()
    upstream.say("Flour.")
    page.clock.install()
    page.goto("/")
    page.route(f"{page.url}", lambda route: route.abort("aborted"))
    with page.expect_event("requestfailed"):
        ask(page, "How is bread made?")
    page.unroute_all()
    page.clock.fast_forward(6_000)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article").first).to_contain_text("How is bread made?")


def test_a_chat_after_one_that_began_with_a_file_only_has_a_turn_of_its_own(page, upstream):
    upstream.say("A recipe.")
    page.goto("/")
    page.locator("#attach input").set_input_files([NOTES])
    expect(page.locator("#composer-attachments .chip")).to_have_count(1)
    page.get_by_role("button", name="Send").click()
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    page.goto("/")
    ask(page, "How is bread made?")
    expect(page.locator("article[data-role=user]")).to_contain_text("How is bread made?")


def test_a_page_from_the_memory_of_the_browser_has_the_file_that_was_not_sent(page):
    page.goto("/")
    page.locator("#attach input").set_input_files([NOTES])
    expect(page.locator("#composer-attachments .chip")).to_have_count(1)
    page.evaluate(COME_BACK)
    expect(page.locator("#composer-attachments .chip")).to_have_count(1)
    page.evaluate("sessionStorage.clear()")
    page.evaluate(COME_BACK)
    expect(page.locator("#composer-attachments .chip")).to_have_count(0)


def test_a_page_from_the_memory_of_the_browser_has_the_edit_that_was_not_sent(page, upstream):
    begin(page, upstream)
    question = page.locator("article[data-role=user]")
    question.hover()
    question.get_by_role("button", name="Edit").click()
    box(page).fill("How is cake made?")
    page.evaluate(COME_BACK)
    expect(box(page)).to_have_value("How is cake made?")


def test_a_first_question_that_was_taken_in_silence_is_not_asked_twice(page, upstream):
    upstream.say("Flour.")
    page.goto("/")
    box(page).fill("How is bread made?")
    form = "Object.fromEntries(new FormData(document.getElementById('composer-form')))"
    taken = page.request.post(
        "/", form=page.evaluate(form), headers={"origin": page.url.rstrip("/")}, max_redirects=0
    )
    page.evaluate(COME_BACK)
    page.get_by_role("button", name="Send").click()
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    assert taken.headers["location"] in page.url


def test_the_file_of_a_draft_is_back_after_an_edit_that_a_reload_broke_off(page, upstream):
    begin_editing(page, upstream)
    box(page).fill("How is cake made?")
    page.reload()
    expect(page.locator("#composer-editing")).to_be_visible()
    expect(box(page)).to_have_value("How is cake made?")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(box(page)).to_have_value("A long draft")
    expect(page.locator("#composer-attachments .chip")).to_contain_text("notes.txt")


def test_the_page_works_where_nothing_can_be_kept(visit, upstream):
    page = visit(tolerated=("422",)).new_page()
    upstream.say("Flour.")
    page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('It is full.', 'QuotaExceededError'); }"
    )
    page.goto("/")
    model = page.locator("#composer-form [name=model]")
    model.evaluate("(field) => (field.value = 'none')")
    ask(page, "How is bread made?")
    expect(page.get_by_role("alert").first).to_contain_text("Choose another one")
    model.evaluate("(field) => (field.value = 'replayed')")
    box(page).press("Enter")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    question = page.locator("article[data-role=user]")
    question.hover()
    question.get_by_role("button", name="Edit").click()
    box(page).fill("How is cake made?")
    box(page).press("Enter")
    expect(question).to_contain_text("How is cake made?")
