"""Opens a page in headless Chromium and says what is wrong with it, as a person would see it.

    check_page.py CHROMIUM PAGE [--axe FILE] [--screenshot PREFIX]

Prints one JSON object: "problems", a list of texts, "text", "headings" and "tree", what a reader and a screen reader
get, and "charts", what is in each. Talks to the browser by its debugging pipe: nothing listens on the network.
"""

import argparse
import base64
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SECONDS_MAX = 90
WIDTHS = {"phone": 360, "desktop": 1280}

# Contrast of every piece of text with what is behind it (WCAG 2.2, 1.4.3), and what sticks out of the window.
LOOK = """
(() => {
  const problems = [];
  const channel = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const luminance = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0.99) return c;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.textContent.trim() || !element.getClientRects().length) continue;
    const ink = parse(element.closest('svg') ? style.fill : style.color);
    const one = luminance(ink), other = luminance(behind(element));
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) problems.push(`contrast ${contrast.toFixed(2)}: ${node.textContent.trim().slice(0, 40)}`);
    const size = element.closest('svg')
      ? parseFloat(style.fontSize) * element.closest('svg').getBoundingClientRect().width
          / element.closest('svg').viewBox.baseVal.width
      : parseFloat(style.fontSize);
    if (size < 9) problems.push(`text of ${size.toFixed(1)} px: ${node.textContent.trim().slice(0, 40)}`);
  }
  // What is written in a chart is inside it, and nothing is written over something else.
  for (const [frame, texts] of [
    ...[...document.querySelectorAll('svg[role=img]')].map(svg => [svg, svg.querySelectorAll('text')]),
    ...[...document.querySelectorAll('.scale .track')].map(track => [track, track.querySelectorAll('span')]),
  ]) {
    const outer = frame.getBoundingClientRect();
    const boxes = [...texts].map(text => [text.textContent, text.getBoundingClientRect()]);
    boxes.forEach(([text, box], index) => {
      if (box.left < outer.left - 1 || box.right > outer.right + 1 || box.top < outer.top - 1
          || box.bottom > outer.bottom + 8)
        problems.push(`sticks out of its chart: ${text}`);
      for (const [other, its] of boxes.slice(index + 1))
        if (box.left < its.right && its.left < box.right && box.top + 1 < its.bottom && its.top + 1 < box.bottom)
          problems.push(`written over each other: ${text} and ${other}`);
    });
  }
  // Every point and line is inside its chart.
  for (const svg of document.querySelectorAll('svg[role=img]')) {
    const outer = svg.getBoundingClientRect();
    for (const shape of svg.querySelectorAll('path, polyline, polygon, circle')) {
      const box = shape.getBoundingClientRect();
      if (box.left < outer.left || box.right > outer.right || box.top < outer.top || box.bottom > outer.bottom)
        problems.push(`a ${shape.tagName} sticks out of its chart`);
    }
  }
  for (const mark of document.querySelectorAll('.track > .dot, .track > .range, .track > .tick')) {
    const outer = mark.parentElement.getBoundingClientRect(), box = mark.getBoundingClientRect();
    if (box.left < outer.left - 8 || box.right > outer.right + 8) problems.push('a mark is off its track');
  }
  if (document.documentElement.scrollWidth > innerWidth)
    problems.push(`wider than the window: ${document.documentElement.scrollWidth} of ${innerWidth}`);
  return problems;
})()
"""


# Each chart: what it is called, what its picture says, the names and the values in its rows, its legend, its table.
CHARTS = """
[...document.querySelectorAll('figure')].map(figure => {
  const texts = selector => [...figure.querySelectorAll(selector)].map(e => e.textContent.trim());
  const picture = figure.querySelector('svg[role=img]');
  return {
    caption: texts('figcaption')[0], picture: picture && picture.getAttribute('aria-label'),
    points: picture ? picture.querySelectorAll('circle, polygon').length : 0,
    rows: texts('.row:not(.scale) > :first-child'), values: texts('.row > .value'), scale: texts('.scale .at'),
    dots: [...figure.querySelectorAll('.row:not(.scale)')].map(row => row.querySelectorAll('.dot').length),
    legend: texts('.legend li'), summary: texts('summary'),
    table: [...figure.querySelectorAll('table tr')].map(row => [...row.cells].map(cell => cell.textContent.trim())),
  };
})
"""


class Browser:
    def __init__(self, chromium, profile):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def wire():
            # The browser reads descriptor 3 and writes 4; both may be in use already.
            first, second = os.dup(to_browser), os.dup(from_browser)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self._process = subprocess.Popen(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
             f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=wire, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._number = 0
        self._rest = b""
        self._deadline = time.monotonic() + SECONDS_MAX
        self.events = []
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def call(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer.get("result", {})
            self.events.append(answer)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._read())

    def _read(self):
        while b"\0" not in self._rest:
            left = self._deadline - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise RuntimeError("the browser does not answer")
            piece = os.read(self._in, 1 << 16)
            if not piece:
                raise RuntimeError("the browser ended")
            self._rest += piece
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, expression, waits=False):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=waits)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def close(self):
        try:
            self._session = None
            self.call("Browser.close")
        except (RuntimeError, OSError):
            pass
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def check(browser, page, axe, screenshot):
    problems = []
    for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
        browser.call(f"{domain}.enable")
    url = page.resolve().as_uri()
    browser.call("Page.navigate", url=url)
    browser.wait("Page.loadEventFired")
    for event in browser.events:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent" if parameters["request"]["url"] != url:
                problems.append(f"requests {parameters['request']['url'][:100]}")
            case "Runtime.exceptionThrown":
                problems.append(f"script error: {parameters['exceptionDetails'].get('text')}")
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                problems.append(f"console: {parameters['entry']['text']}")
    for scheme in ("light", "dark"):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for device, width in WIDTHS.items():
            browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1,
                         mobile=device == "phone")
            # As it is shown first, and with all figures asked for.
            for is_open in ("false", "true"):
                browser.evaluate(f"document.querySelectorAll('details').forEach(each => each.open = {is_open})")
                problems += [f"{scheme}, {device}: {each}" for each in browser.evaluate(LOOK)]
            if axe:
                browser.evaluate(axe)
                found = browser.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.help + ': ' + "
                                         "v.nodes.map(n => n.html).slice(0, 3).join(' ')))", waits=True)
                problems += [f"{scheme}, {device}: axe: {each}" for each in found]
            if screenshot:
                image = browser.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
                Path(f"{screenshot}-{scheme}-{device}.png").write_bytes(base64.b64decode(image))
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    tree = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes
            if not node.get("ignored") and node.get("role", {}).get("value") not in ("none", "generic", "InlineTextBox")]
    for role in ("main", "banner", "contentinfo"):
        if not any(each == role for each, _ in tree):
            problems.append(f"no landmark '{role}'")
    problems += [f"an image without a name" for role, name in tree if role in ("image", "img") and not name]
    if browser.evaluate("document.documentElement.lang") != "en" or not browser.evaluate("document.title"):
        problems.append("no language, or no title")
    levels = browser.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    if levels[:1] != [1] or levels.count(1) != 1 or any(b > a + 1 for a, b in zip(levels, levels[1:])):
        problems.append(f"headings are nested wrongly: {levels}")
    return {
        "problems": problems, "text": browser.evaluate("document.body.innerText"),
        "headings": [name for role, name in tree if role == "heading"], "tree": tree,
        "charts": browser.evaluate(CHARTS),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chromium")
    parser.add_argument("page", type=Path)
    parser.add_argument("--axe", type=Path, help="axe.min.js, where it is to be had")
    parser.add_argument("--screenshot", help="write pictures too, with this prefix")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(options.chromium, profile)
        try:
            axe = options.axe.read_text() if options.axe else None
            print(json.dumps(check(browser, options.page, axe, options.screenshot)))
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
