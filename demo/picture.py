"""Takes the README's pictures of the record page, in a real browser."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from demo.reps import record_path
from demo.stage import Stage
from demo.story import say, worth_showing

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1360, 1000
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


def take_picture(stage: Stage, folder: Path) -> None:
    """Log in as a rep and take the record page, light and dark.

    raises: RuntimeError where no browser is installed.
    """
    browser_path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser_path is None:
        raise RuntimeError(f"no browser found; install one of {', '.join(BROWSERS)}")
    folder.mkdir(parents=True, exist_ok=True)
    rep = stage.people.reps[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=QUIET)
        for scheme in ("light", "dark"):
            context = browser.new_context(
                ignore_https_errors=True,  # the org's certificates are its own
                color_scheme=scheme,
                viewport={"width": WIDTH, "height": HEIGHT},
            )
            page = context.new_page()
            page.goto(f"{stage.address.url}/login")
            page.fill("input[name=username]", rep.username)
            page.fill("input[name=password]", rep.secret)
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/lightning/**")
            page.goto(stage.address.url + record_path(worth_showing(stage)))
            target = folder / f"record-page-{scheme}.png"
            page.screenshot(path=target, full_page=True)
            say(f"picture: {target}")
            context.close()
        browser.close()
