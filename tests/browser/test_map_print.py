"""Printing the map in Chromium: the files are downloaded and taken apart."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import DESKTOP, Watch
from tests.browser.test_map import SIZES, faults, opened, read

# A whole sheet drawn in software takes its time.
DRAWN_MS = 180_000
FEW = "#map=9.3/15.75/108.3&off=alerts,hotels,outbreak_zones,quarantine_sites,rescue_teams,shelters"


def opened_print(
    browser: Browser, server: str, size: ViewportSize, view: str = FEW
) -> tuple[Page, Watch, Any]:
    """The map with the panel of printing and its preview; and the panel."""
    page, watch = opened(browser, server, size, view)
    page.locator("[data-tool=print].map-button").click()
    page.locator(".print-preview canvas").wait_for(timeout=DRAWN_MS)
    return page, watch, page.locator("section.tool")


def made(page: Page, panel: Any, **choices: str) -> tuple[str, bytes]:
    """The file of these choices: its name and its bytes."""
    for label, value in choices.items():
        panel.get_by_label(label.replace("_", " ")).select_option(value)
    with page.expect_download(timeout=DRAWN_MS) as waiting:
        panel.get_by_role("button", name="Tạo tệp").click()
    download = waiting.value
    return download.suggested_filename, Path(download.path()).read_bytes()


def colours(image: Image.Image, box: tuple[float, float, float, float]) -> int:
    """How many colours a part of the sheet has; the box in parts of its width and height."""
    left, top, right, bottom = box
    width, height = image.size
    part = image.crop(
        (int(left * width), int(top * height), int(right * width), int(bottom * height))
    )
    return len(part.getcolors(part.width * part.height) or [])


def texts(pdf: bytes) -> list[str]:
    """The texts of a page that can be chosen."""
    return [
        bytes.fromhex(found.decode()).decode("utf-16-be")
        for found in re.findall(rb"Tm <([0-9a-f]+)> Tj", pdf)
    ]


@SIZES
def test_a_png_has_the_papers_size_the_map_and_the_legend(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch, panel = opened_print(browser, server, size)
    assert faults(page) == []
    name, data = made(page, panel, Loại_tệp="png", Độ_phân_giải="150")
    assert re.fullmatch(r"ban-do-quang-nam-\d{4}-\d\d-\d\d-a4\.png", name)
    image = Image.open(io.BytesIO(data))
    assert image.size == (1754, 1240)
    assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    sheet = image.convert("RGB")
    assert sheet.getpixel((5, 5)) == (255, 255, 255)
    # The map in the middle, the legend on the right, the scale bar at the bottom left.
    assert colours(sheet, (0.2, 0.2, 0.6, 0.8)) > 500
    assert colours(sheet, (0.84, 0.1, 0.96, 0.4)) > 100
    assert colours(sheet, (0.03, 0.9, 0.3, 0.97)) > 5
    assert page.evaluate("document.querySelectorAll('.print-stage').length") == 0
    expect(panel.get_by_role("status")).to_contain_text(name)
    watch.assert_clean()


@pytest.mark.parametrize(
    ("paper", "orientation", "points", "dpi"),
    [
        ("A4", "portrait", (595.276, 841.89), 150),
        ("A3", "landscape", (1190.551, 841.89), 300),
    ],
)
def test_a_pdf_has_one_page_of_its_paper_with_text_that_can_be_chosen(
    browser: Browser,
    server: str,
    paper: str,
    orientation: str,
    points: tuple[float, float],
    dpi: int,
) -> None:
    page, watch, panel = opened_print(browser, server, DESKTOP)
    panel.get_by_label("Tiêu đề").fill("Lũ lụt ở Điện Bàn")
    name, data = made(
        page,
        panel,
        Khổ_giấy=paper,
        Hướng_giấy=orientation,
        Loại_tệp="pdf",
        Độ_phân_giải=str(dpi),
        Tỉ_lệ="500000",
    )
    assert name.endswith(f"-{paper.lower()}.pdf")
    assert data.startswith(b"%PDF-1.7")
    assert len(re.findall(rb"/Type /Page\b", data)) == 1
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert box is not None
    assert (float(box[1]), float(box[2])) == pytest.approx(points, abs=0.01)
    found = texts(data)
    assert "Lũ lụt ở Điện Bàn" in found
    assert "Chú giải" in found
    assert "Dữ liệu mô phỏng" in found
    assert "Tỉ lệ 1:500.000" in found
    assert "Yêu cầu cứu trợ SOS" in found
    assert "Nơi trú tránh" not in found
    assert any("Asia/Ho Chi Minh" in text for text in found)
    start = data.index(b"stream\n", data.index(b"/DCTDecode")) + len(b"stream\n")
    picture = Image.open(io.BytesIO(data[start:]))
    assert picture.size == tuple(round(side / 72 * dpi) for side in points)
    assert colours(picture.convert("RGB"), (0.2, 0.2, 0.6, 0.6)) > 500
    watch.assert_clean()


def test_the_window_of_time_is_on_the_sheet_in_words(browser: Browser, server: str) -> None:
    day = read(server, "/api/layers/sos_requests/timeline")["days"][40]
    view = f"{FEW}&time={day}_day~1~1~sos_requests"
    page, watch = opened(browser, server, DESKTOP, view)
    expect(page.locator(".tool-status")).to_contain_text("đối tượng")
    page.locator("[data-tool=print].map-button").click()
    page.locator(".print-preview canvas").wait_for(timeout=DRAWN_MS)
    _, data = made(page, page.locator("section.tool"), Loại_tệp="pdf", Độ_phân_giải="150")
    year, month, number = day.split("-")
    assert f"Thời gian: {number}/{month}/{year} (Yêu cầu cứu trợ SOS)" in texts(data)
    watch.assert_clean()


def test_what_the_device_cannot_draw_is_said(browser: Browser, server: str) -> None:
    page, _, panel = opened_print(browser, server, DESKTOP)
    # As a phone does whose canvas has a limit: what is drawn beyond it is lost.
    page.evaluate(
        """() => {
          const real = CanvasRenderingContext2D.prototype.getImageData;
          CanvasRenderingContext2D.prototype.getImageData = function (x, y, w, h, ...rest) {
            const lost = this.canvas.width * this.canvas.height > 4e6;
            return lost ? new ImageData(w, h) : real.call(this, x, y, w, h, ...rest);
          };
        }"""
    )
    panel.get_by_label("Khổ giấy").select_option("A3")
    panel.get_by_label("Độ phân giải").select_option("300")
    button = panel.get_by_role("button", name="Tạo tệp")
    button.focus()
    button.press("Enter")
    status = panel.get_by_role("status")
    expect(status).to_contain_text("không vẽ được ảnh 4.961 × 3.508 điểm")
    panel.press("Escape")
    expect(panel).to_be_hidden()
