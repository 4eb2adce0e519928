"""What is added on the SOS page, from the phone to the desk: once, whatever gets lost."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, BrowserType, Page, Route, expect

from tests.browser.chromium import DESKTOP, choose_language, open_page
from tests.browser.sos_phone import phone, picture, rows
from tests.browser.test_board import choose, go_to_board
from tests.browser.test_ogc_pages import faults
from tests.people import PASSWORD, person


def losing(page: Page) -> list[int]:
    """Lose the answers to what is added; the statuses of those that were lost."""
    lost: list[int] = []

    def lose(route: Route) -> None:
        # The server takes it; the phone never hears of it.
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/sos/follow", lose)
    return lost


def wait_until_lost(page: Page, lost: list[int]) -> None:
    """Wait until an answer was lost, and the phone waits to try again."""
    for _ in range(300):
        if lost:
            break
        page.wait_for_timeout(100)
    expect(page.locator(".additions li.state-waiting")).to_have_count(1)
    assert lost[:1] == [200]
    page.unroute("**/api/sos/follow")


def test_another_language_keeps_what_is_typed(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
    with phone(browsers, address, tmp_path) as one:
        page = one.page
        page.locator("#way-text").click()
        page.locator("#position").fill("15.57, 108")
        choose_language(page, "English")
        expect(page.locator("#position")).to_have_value("15.57, 108")
        page.locator("#way-commune").click()
        page.locator("#address").fill("Thôn 3")
        page.locator("#commune_code").select_option(index=2)
        chosen = page.locator("#commune_code").input_value()
        choose_language(page, "Tiếng Việt")
        expect(page.locator("#address")).to_have_value("Thôn 3")
        expect(page.locator("#commune_code")).to_have_value(chosen)
        one.write()
        page.locator("#phone").fill("0905 1")
        choose_language(page, "English")
        expect(page.locator("#phone")).to_have_value("0905 1")
        page.locator("#phone").fill("")
        page.locator(".send-button").click()
        expect(page.locator(".big-code")).to_be_visible()
        page.locator("#injured").fill("2")
        page.locator("#note").fill("Nước tới mái")
        page.locator("#needBoat").check()
        choose_language(page, "Tiếng Việt")
        expect(page.get_by_label("Người bị thương")).to_have_value("2")
        expect(page.get_by_label("Ghi chú")).to_have_value("Nước tới mái")
        expect(page.get_by_label("Xuồng, thuyền")).to_be_checked()
        assert faults(page) == []
        page.get_by_role("button", name="Gửi thông tin này").click()
        expect(page.locator(".additions li.state-sent")).to_have_count(1)
        expect(page.get_by_label("Người bị thương")).to_have_value("")
        (kept,) = one.kept()
        assert rows(url, "SELECT injured FROM layer.sos_requests WHERE id = %s", kept["id"]) == [
            (2,)
        ]
        one.watch.assert_clean()


def test_details_whose_answer_is_lost_arrive_once(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
    # The page alone: the worker would send past the route that loses answers.
    with phone(browsers, address, tmp_path, workers=False) as one:
        page = one.write()
        one.send()
        expect(page.locator(".big-code")).to_be_visible()
        taken = losing(page)
        page.get_by_label("Trẻ em", exact=True).fill("3")
        page.get_by_label("Địa chỉ").fill("Thôn 3, gần cầu")
        page.get_by_label("Ghi chú").fill("Nước tới mái")
        page.get_by_role("button", name="Gửi thông tin này").click()
        wait_until_lost(page, taken)
        page.reload()
        expect(page.locator(".additions li.state-sent")).to_have_count(1)
        (kept,) = one.kept()
        assert rows(
            url,
            "SELECT q.children, r.address FROM layer.sos_requests AS q"
            " JOIN private.sos_report AS r ON r.request_id = q.id WHERE q.id = %s",
            kept["id"],
        ) == [(3, "Thôn 3, gần cầu")]
        assert rows(
            url,
            "SELECT kind FROM private.sos_step WHERE request_id = %s AND actor = 'reporter'"
            " ORDER BY id",
            kept["id"],
        ) == [("details",), ("note",)]


def test_a_photo_from_a_phone_without_a_network_is_seen_at_the_desk(
    browsers: BrowserType, browser: Browser, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
    desk = person(url, "operator", password=PASSWORD)
    with phone(browsers, address, tmp_path, workers=False) as one:
        page = one.write()
        one.send()
        code = page.locator(".big-code").inner_text()
        one.offline(True)
        chooser = page.get_by_label("Chụp hoặc chọn ảnh")
        # A phone offers the camera and the gallery for this.
        assert chooser.get_attribute("accept") == "image/*"
        photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        chooser.set_input_files([photo])  # type: ignore[arg-type]
        expect(page.locator(".additions li.state-waiting")).to_have_count(1)
        lost = losing(page)
        one.offline(False)
        wait_until_lost(page, lost)
        page.reload()
        expect(page.locator(".additions li.state-sent")).to_have_count(1)
        (kept,) = one.kept()
        about = "FROM private.sos_photo WHERE request_id = %s"
        assert rows(url, f"SELECT count(*) {about}", kept["id"]) == [(1,)]
    board, watch = open_page(browser, address, DESKTOP)
    go_to_board(board, desk)
    choose(board, code)
    shown = board.locator(".photos img")
    expect(shown).to_have_count(1)
    shown.scroll_into_view_if_needed()
    board.wait_for_function("() => document.querySelector('.photos img').naturalWidth > 0")
    assert shown.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [1600, 1200]
    assert faults(board) == []
    watch.assert_clean()
