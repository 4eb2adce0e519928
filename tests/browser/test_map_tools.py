"""The tools of the operations map: filter, area, measure, opacity; mouse, touch and keyboard."""

from __future__ import annotations

import json
import re
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from pyproj import Geod

from tests.browser.chromium import DESKTOP, PHONE, choose_language, only
from tests.browser.test_map import COAST, SIZES, faults, opened, read, redrawn

FEW = only("admin_units", "checkpoints", "hotels", "sos_requests")
EARTH = Geod(ellps="WGS84")
TARGETS = "button:visible, select:visible, summary:visible, .downloads a:visible, .whole:visible"


HASH_HAS = "text => decodeURIComponent(location.hash.replaceAll('+', ' ')).includes(text)"


def counts(server: str, layer: str, **asked: str) -> dict[str, Any]:
    """What the server counts: the number of matches as `""`, and each column's values."""
    found = read(server, f"/ogc/collections/{layer}/counts?{urlencode(asked)}")
    return {
        "": found["numberMatched"],
        **{
            one["property"]: {value["value"]: value["count"] for value in one["values"]}
            for one in found["counts"]
        },
    }


def use(page: Page, tool: str) -> Locator:
    """Open a tool; its panel."""
    page.locator(f".toolbar [data-tool={tool}]").click()
    panel = page.locator(f".tool[data-tool={tool}]")
    expect(panel.locator("h2")).to_be_visible()
    return panel


def kept(page: Page, field: str) -> str | None:
    """What the address keeps under a name."""
    fields = dict(part.partition("=")[::2] for part in urlsplit(page.url).fragment.split("&"))
    return unquote_plus(fields[field]) if field in fields else None


def numbers(panel: Locator, column: str) -> dict[str, str]:
    """The choices of a column and the numbers beside them."""
    labels = panel.locator(f"[data-column={column}] label")
    return {
        one.locator("span").first.inner_text(): one.locator(".choice-count").inner_text()
        for one in labels.all()
    }


def show(panel: Locator, column: str) -> Locator:
    """Unfold a column's part of the form."""
    facet = panel.locator(f"[data-column={column}]")
    if facet.get_attribute("open") is None:
        facet.locator("summary").click()
    return facet


def point(page: Page, x: float, y: float, size: ViewportSize) -> None:
    """Point at a pixel of the screen, by mouse or finger."""
    page.wait_for_timeout(400)  # so that two of them are no double click
    if size is PHONE:
        page.touchscreen.tap(x, y)
    else:
        page.mouse.click(x, y)


def places(path: str) -> list[tuple[float, float]]:
    """The positions that an address keeps."""
    pairs = (part.split(",") for part in path.partition(":")[2].split(";"))
    return [(float(lon), float(lat)) for lon, lat in pairs]


@SIZES
def test_a_filter_narrows_map_counts_and_address(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch = opened(browser, server, size, f"{COAST}&{FEW}")
    tiles: list[str] = []
    page.on(
        "request", lambda one: tiles.append(one.url) if "checkpoints/tiles" in one.url else None
    )
    panel = use(page, "filter")
    panel.get_by_label("Lớp dữ liệu").select_option("checkpoints")
    every = counts(server, "checkpoints", by="state,wifi")
    expect(panel.get_by_role("status")).to_have_text(f"{every['']} đối tượng, chưa lọc")
    expect(panel.locator("[data-column=state] .choice-count").first).not_to_be_empty()
    assert numbers(panel, "state")["Đang hoạt động"] == str(every["state"]["open"])
    panel.get_by_role("checkbox", name="Ùn ứ").check()
    n = every["state"]["congested"]
    expect(panel.get_by_role("status")).to_have_text(f"{n} trong {every['']} đối tượng khớp bộ lọc")
    # What else could be chosen is still told.
    assert numbers(panel, "state")["Đang hoạt động"] == str(every["state"]["open"])
    assert kept(page, "filter.checkpoints") == "state = 'congested'"
    count = page.locator("[data-layer=checkpoints] .count")
    expect(count).to_contain_text(f"{n} / {every['']}")
    redrawn(page)
    assert parse_qs(urlsplit(tiles[-1]).query)["filter"] == ["state = 'congested'"]
    assert faults(page) == []
    page.reload()
    redrawn(page)
    expect(page.locator("[data-layer=checkpoints] .count")).to_contain_text(f"{n} / {every['']}")
    panel = use(page, "filter")
    expect(panel.get_by_role("checkbox", name="Ùn ứ")).to_be_checked()
    panel.get_by_role("button", name="Xóa bộ lọc").click()
    assert kept(page, "filter.checkpoints") is None
    expect(panel.get_by_role("checkbox", name="Ùn ứ")).not_to_be_checked()
    expect(page.locator("[data-layer=checkpoints] .count")).not_to_contain_text("/")
    watch.assert_clean()
    page.context.close()


def test_what_a_filter_leaves_out_is_not_drawn(browser: Browser, server: str) -> None:
    others = ",".join(one["id"] for one in read(server, "/api/map")["layers"])
    page, watch = opened(browser, server, view=f"{COAST}&off={others}")
    nothing = page.locator("#map").screenshot()
    page.goto("about:blank")
    shown = others.replace("hotels,", "")
    page.goto(f"/{COAST}&off={shown}")
    redrawn(page)
    assert page.locator("#map").screenshot() != nothing
    page.goto("about:blank")
    page.goto(f"/{COAST}&off={shown}&filter.hotels=rooms%20%3C%200")
    redrawn(page)
    expect(page.locator("[data-layer=hotels] .count")).to_contain_text("0 / ")
    assert page.locator("#map").screenshot() == nothing
    watch.assert_clean()
    page.context.close()


def test_every_kind_of_column_can_be_asked_for(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server, view=f"#{FEW}")
    panel = use(page, "filter")
    panel.get_by_label("Lớp dữ liệu").select_option("checkpoints")
    show(panel, "wifi").get_by_role("radio", name="Có").check()
    show(panel, "officers").get_by_label("Từ").fill("3")
    show(panel, "name").get_by_label("Có chứa").fill("CHOT %")
    show(panel, "name").get_by_label("Có chứa").fill("chot")
    wanted = "wifi = TRUE AND officers >= 3 AND CASEI(ACCENTI(name)) LIKE CASEI(ACCENTI('%chot%'))"
    page.wait_for_function(HASH_HAS, arg=wanted)
    found = counts(server, "checkpoints", by="state", filter=wanted)
    assert 0 < found[""] < counts(server, "checkpoints")[""]
    expect(panel.get_by_role("status")).to_contain_text(f"{found['']} trong ")
    assert numbers(panel, "state")["Đang hoạt động"] == str(found["state"].get("open", 0))
    page.get_by_role("button", name="Phóng to").click()
    redrawn(page)
    assert kept(page, "filter.checkpoints") == wanted
    districts = show(panel, "district_code")
    expect(districts.get_by_role("checkbox").first).to_be_visible()
    names = districts.locator("label span:first-of-type").all_inner_texts()
    assert all(not re.fullmatch(r"\d+", name) for name in names), names
    panel.get_by_label("Lớp dữ liệu").select_option("sos_requests")
    address = "/ogc/collections/sos_requests/items?f=json&sortby=reported_at&limit=1&offset=300"
    reported = read(server, address)["features"][0]["properties"]["reported_at"]
    hanoi = timezone(timedelta(hours=7))
    day = datetime.fromisoformat(reported).astimezone(hanoi).date()
    days = show(panel, "reported_at")
    days.get_by_label("Từ").fill(str(day))
    days.get_by_label("Đến").fill(str(day))
    wanted = (
        f"reported_at >= TIMESTAMP('{day}T00:00:00+07:00')"
        f" AND reported_at < TIMESTAMP('{day + timedelta(days=1)}T00:00:00+07:00')"
    )
    page.wait_for_function(HASH_HAS, arg=wanted)
    found = counts(server, "sos_requests", filter=wanted)
    assert 0 < found[""] < counts(server, "sos_requests")[""]
    expect(panel.get_by_role("status")).to_contain_text(f"{found['']} trong ")
    watch.assert_clean()
    page.context.close()


def test_an_expression_is_written_by_hand_and_corrected(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server, view=f"#{FEW}")
    panel = use(page, "filter")
    panel.get_by_label("Lớp dữ liệu").select_option("hotels")
    panel.get_by_text("Nâng cao").click()
    area = panel.get_by_label("Biểu thức CQL2")
    area.fill("roomss > 20")
    panel.get_by_role("button", name="Áp dụng").click()
    expect(panel.get_by_role("alert")).to_contain_text("roomss")
    expect(panel.get_by_role("alert")).to_contain_text("thuộc tính")
    assert area.get_attribute("aria-invalid") == "true"
    assert kept(page, "filter.hotels") is None
    assert faults(page) == []
    # The server's refusal is the console's only complaint.
    assert [one for one in watch.errors if "400" not in one] == []
    watch.errors.clear()
    area.fill("occupied * 2 > rooms")
    panel.get_by_role("button", name="Áp dụng").click()
    expect(panel).to_contain_text("được viết bằng tay")
    assert kept(page, "filter.hotels") == "occupied * 2 > rooms"
    found = counts(server, "hotels", filter="occupied * 2 > rooms")
    expect(panel.get_by_role("status")).to_contain_text(f"{found['']} trong ")
    watch.assert_clean()
    page.context.close()


@SIZES
def test_an_area_is_drawn_and_what_is_in_it_downloaded(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch = opened(
        browser, server, size, f"#map=9.6/15.72/108.3&{FEW}&filter.hotels=rooms%20%3E%200"
    )
    panel = use(page, "area")
    panel.get_by_role("button", name="Đa giác").click()
    assert faults(page) == []
    x, y = (900, 250) if size is DESKTOP else (90, 120)
    for dx, dy in ((0, 0), (240, 20), (200, 250), (0, 220)):
        point(page, x + dx, y + dy, size)
    assert page.locator("#feature").is_hidden()
    panel.get_by_role("button", name="Xong").click()
    expect(panel.locator(".inside").first).to_be_visible()
    corners = places(kept(page, "area") or "")
    assert len(corners) == 4
    ring = ",".join(f"{lon} {lat}" for lon, lat in [*corners, corners[0]])
    inside = f"S_INTERSECTS(geom, POLYGON(({ring})))"
    found = counts(server, "sos_requests", by="priority", filter=inside)
    assert found[""] > 0
    section = panel.locator(".inside[data-layer=sos_requests]")
    shown = f"{found['']:,}".replace(",", ".")
    expect(section.locator(".inside-count")).to_have_text(shown)
    assert section.locator("li").count() == len(found["priority"])
    area = abs(EARTH.polygon_area_perimeter(*zip(*corners, strict=True))[0]) / 1e6
    said = panel.locator(".selected").inner_text()
    (size_said,) = re.findall(r"Vùng rộng ([\d.,]+)\s+km²", said)
    assert float(size_said.replace(".", "").replace(",", ".")) == pytest.approx(area, rel=1e-3)
    section.get_by_text("Tải về").click()
    links = section.locator(".downloads a")
    assert links.all_inner_texts() == [one["title"] for one in read(server, "/api/map")["formats"]]
    address = links.filter(has_text="CSV").get_attribute("href")
    with urllib.request.urlopen(f"{server}{address}", timeout=30) as answer:
        assert len(answer.read().decode().splitlines()) == found[""] + 1
    hotels = panel.locator(".inside[data-layer=hotels]")
    if hotels.count():
        assert "đang lọc" in hotels.inner_text()
        href = hotels.locator(".downloads a").first.get_attribute("href") or ""
        assert parse_qs(urlsplit(href).query)["filter"] == [f"rooms > 0 AND {inside}"]
    assert faults(page) == []
    page.reload()
    redrawn(page)
    expect(page.locator(".inside[data-layer=sos_requests] .inside-count")).to_have_text(shown)
    page.get_by_role("button", name="Bỏ vùng đã chọn").click()
    assert kept(page, "area") is None
    watch.assert_clean()
    page.context.close()


def test_an_area_by_keyboard_view_and_name(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server, view=f"{COAST}&{FEW}")
    panel = use(page, "area")
    panel.get_by_role("button", name="Hình tròn").focus()
    page.keyboard.press("Enter")
    page.locator("#map canvas").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    redrawn(page)
    page.keyboard.press("Enter")
    expect(panel.locator(".inside").first).to_be_visible()
    circle = re.fullmatch(r"circle:([\d.]+),([\d.]+);(\d+)", kept(page, "area") or "")
    assert circle is not None
    lon, lat, metres = circle.groups()
    near = f"S_DWITHIN(geom, POINT({lon} {lat}), {metres})"
    found = counts(server, "sos_requests", filter=near)
    expect(panel.locator(".inside[data-layer=sos_requests] .inside-count")).to_have_text(
        f"{found['']:,}".replace(",", ".")
    )
    panel.get_by_role("button", name="Phần đang xem").click()
    expect(panel.locator(".inside").first).to_be_visible()
    assert (kept(page, "area") or "").startswith("box:")
    panel.get_by_label("Hoặc theo tên").fill("tam ky")
    panel.get_by_role("button", name="Thành phố Tam Kỳ").click()
    expect(panel.locator(".unit-name")).to_have_text("Thành phố Tam Kỳ")
    assert kept(page, "area") == "unit:502"
    for layer in ("checkpoints", "sos_requests"):
        found = counts(server, layer, filter="district_code = '502'")
        assert found[""] > 0
        expect(panel.locator(f".inside[data-layer={layer}] .inside-count")).to_have_text(
            f"{found['']:,}".replace(",", ".")
        )
    expect(panel).to_contain_text("Ranh giới được giản lược")
    assert faults(page) == []
    panel.press("Escape")
    assert kept(page, "area") is None
    expect(page.locator(".toolbar [data-tool=area]")).to_be_focused()
    watch.assert_clean()
    page.context.close()


@SIZES
def test_distances_and_areas_are_measured(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch = opened(browser, server, size, f"#map=9.6/15.72/108.3&{only('admin_units')}")
    panel = use(page, "measure")
    x, y = (900, 250) if size is DESKTOP else (90, 120)
    for dx, dy in ((0, 0), (180, 40), (150, 220)):
        point(page, x + dx, y + dy, size)
    expect(panel.locator("dd").last).to_have_text("3")
    path = places(kept(page, "measure") or "")
    lons, lats = zip(*path, strict=True)
    lengths = EARTH.line_lengths(lons, lats)
    total, last = panel.locator("dd").all_inner_texts()[:2]
    for text, metres in ((total, sum(lengths)), (last, lengths[-1])):
        assert text.endswith("\u00a0km")
        shown = float(text[:-3].replace(".", "").replace(",", "."))
        assert shown == pytest.approx(metres / 1000, abs=0.006 if metres < 1e5 else 0.06)
    panel.get_by_role("button", name="Diện tích").click()
    area, perimeter = EARTH.polygon_area_perimeter(lons, lats)
    values = panel.locator("dd").all_inner_texts()
    (squared,) = re.findall(r"([\d.]+)\s+m²", values[0])
    assert int(squared.replace(".", "")) == pytest.approx(abs(area), abs=1)
    assert "km²" in values[0]
    assert "ha" in values[0]
    shown = float(values[1][:-3].replace(".", "").replace(",", "."))
    assert shown == pytest.approx(perimeter / 1000, rel=1e-3)
    assert faults(page) == []
    panel.get_by_role("button", name="Bỏ điểm cuối").click()
    expect(panel.locator("dd").last).to_have_text("2")
    page.reload()
    redrawn(page)
    panel = page.locator(".tool[data-tool=measure]")
    expect(panel.locator("dd").last).to_have_text("2")
    panel.get_by_role("button", name="Đo lại").click()
    page.locator("#map canvas").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    redrawn(page)
    page.keyboard.press("Enter")
    expect(panel.locator("dd").last).to_have_text("2")
    page.keyboard.press("Backspace")
    expect(panel.locator("dd").last).to_have_text("1")
    watch.assert_clean()
    page.context.close()


def test_a_tool_that_draws_opens_no_feature_until_it_is_closed(
    browser: Browser, server: str
) -> None:
    wanted = read(server, "/ogc/collections/checkpoints/items?f=json&limit=1")["features"][0]
    lon, lat = wanted["geometry"]["coordinates"]
    page, watch = opened(browser, server, DESKTOP, f"#map=18/{lat}/{lon}")
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    panel = use(page, "measure")
    page.mouse.click(x, y)
    expect(panel.locator("dd").last).to_have_text("1")
    assert page.locator("#feature").is_hidden()
    panel.get_by_role("button", name="Đóng").click()
    page.mouse.click(x, y)
    expect(page.locator("#feature h2")).to_be_visible()
    watch.assert_clean()
    page.context.close()


@SIZES
def test_a_layer_is_drawn_fainter(browser: Browser, server: str, size: ViewportSize) -> None:
    page, watch = opened(browser, server, size, f"{COAST}&{FEW}")
    before = page.locator("#map").screenshot()
    if size is PHONE:
        page.get_by_role("button", name="Mở rộng bảng lớp bản đồ").click()
        page.get_by_role("button", name="Xem chú giải: Yêu cầu cứu trợ SOS").click()
    slider = page.get_by_role("slider", name="Độ đậm của lớp Yêu cầu cứu trợ SOS")
    slider.fill("30")
    expect(page.locator(".opacity output").first).to_have_text("30\u00a0%")
    assert kept(page, "opacity") == "sos_requests:30"
    assert faults(page) == []
    page.reload()
    redrawn(page)
    assert page.locator("#map").screenshot() != before
    assert page.locator("#opacity-sos_requests").input_value() == "30"
    page.locator("#opacity-sos_requests").evaluate(
        "one => { one.value = '100'; one.dispatchEvent(new Event('input')); }"
    )
    redrawn(page)
    assert kept(page, "opacity") is None
    if size is DESKTOP:
        page.wait_for_timeout(600)
        assert page.locator("#map").screenshot() == before
    watch.assert_clean()
    page.context.close()


def test_targets_of_the_tools_are_large_on_a_phone(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server, PHONE, f"#area=unit:502&{FEW}")
    expect(page.locator(".inside").first).to_be_visible()
    page.locator(".inside summary").first.click()
    for name in ("area", "measure", "filter"):
        panel = page.locator(f".tool[data-tool={name}]") if name == "area" else use(page, name)
        expect(panel).to_be_visible()
        for target in panel.locator(TARGETS).all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 40, target.evaluate("one => one.outerHTML")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    watch.assert_clean()
    page.context.close()


def test_in_english_the_tools_speak_english(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server, view=f"#area=unit:502&{FEW}")
    expect(page.locator(".inside").first).to_be_visible()
    choose_language(page, "English")
    expect(page.locator(".inside-total")).to_contain_text("In the area there are")
    assert page.locator("#tool-title").inner_text() == "Select an area"
    assert not re.search("Tải|Vùng|lớp", page.locator(".tool").inner_text())
    watch.assert_clean()
    page.context.close()


def test_the_answer_of_the_map_names_the_addresses_that_tools_ask(server: str) -> None:
    data = read(server, "/api/map")
    assert json.dumps(data["formats"]).count("gpkg") == 1
    for layer in data["layers"]:
        assert layer["counts"].endswith("/counts")
        assert layer["export"].endswith("/export")
