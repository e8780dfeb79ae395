#!/usr/bin/env bash
# Opens a page of who spoke when (pages/diarization_page.h) in headless Chromium and checks what is shown against the
# page's own data: the list of turns, the colour on the canvas where each turn must be, keys and check boxes.
#   tools/page_check.sh PAGE.html [PICTURE.png]
# Writes pictures of the window, light and dark: PICTURE.png and PICTURE-dark.png (PAGE.png when none is named).
# Exit code 0: all is well, or there is no Chromium here (apt-get install -y chromium); 1: not so; 2: wrong call.
set -euo pipefail

if [[ $# -lt 1 || $# -gt 2 || ! -r $1 ]]; then
  echo "page_check.sh PAGE.html [PICTURE.png]: the page must be there" >&2
  exit 2
fi
page=$(realpath -- "$1")
picture=$(realpath -m -- "${2:-${1%.html}.png}")

browser=
for name in chromium chromium-browser google-chrome; do
  browser=$(command -v "$name" || true)
  [[ -n $browser ]] && break
done
if [[ -z $browser ]]; then
  echo "page_check: nothing was checked, as there is no Chromium here (Debian: apt-get install -y chromium)"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
browse() {
  local flags=(--headless=new --disable-gpu --disable-dev-shm-usage --hide-scrollbars --window-size=1240,960
    --user-data-dir="$work/profile" --virtual-time-budget=20000)
  [[ $(id -u) -eq 0 ]] && flags+=(--no-sandbox)
  HOME=$work timeout 120 "$browser" "${flags[@]}" "$@" 2>>"$work/log" || { tail -n 20 "$work/log" >&2; return 1; }
}
url_of() { python3 -c 'import pathlib, sys; print(pathlib.Path(sys.argv[1]).as_uri())' "$1"; }

# A copy that drives itself. The page's own policy would not let another script in.
python3 - "$page" "$work/driven.html" <<'PYTHON'
import re, sys
DRIVER = r"""
<pre id="page-check"></pre><script>
(() => {
  const page = window.diarizationPage, canvas = document.getElementById("timeline");
  const data = JSON.parse(document.getElementById("data").textContent), wrong = [];
  const expect = (is, what) => { if (!is && wrong.length < 20) wrong.push(what); };
  const key = (name) => document.body.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true}));
  const buttons = () => [...document.querySelectorAll("#turns button")];
  const at = () => Number(document.querySelector("#turns [aria-current]").dataset.place);
  const pen = canvas.getContext("2d"), ratio = window.devicePixelRatio;
  const colourAt = (x, y) => [...pen.getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data].slice(0, 3);
  const probe = document.body.appendChild(document.createElement("span"));
  const colourOf = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color.match(/\d+/g).map(Number);
  };
  // Edges that lie between pixels are rounded.
  const alike = (a, b) => a.every((value, i) => Math.abs(value - b[i]) < 4);
  const run = () => {
    if (!page) return expect(false, "the page's script did not run to its end");
    // The list, page by page, is the data.
    const listed = [];
    for (;;) {
      for (const {dataset} of buttons()) {
        listed.push([dataset.start, dataset.duration, dataset.speaker, dataset.confidence].map(Number));
      }
      if (document.getElementById("later").disabled) break;
      document.getElementById("later").click();
    }
    expect(JSON.stringify(listed) === JSON.stringify(data.turns), `the ${listed.length} turns listed are not the data's`);
    // The canvas has a turn's colour inside of it, and not behind its end unless another turn of the speaker is there.
    const every = Math.ceil(data.turns.length / 300);
    for (let i = 0; i < data.turns.length; i += every) {
      const [start, duration, speaker] = data.turns[i], scale = Math.min(0.002, 60 / duration);
      page.setView(start - 100 / scale, scale);
      page.draw();
      const box = page.rectangleOf(i), colour = colourOf(data.speakers[speaker].colour);
      const inside = colourAt(box.x + box.width / 2, box.y + 1);
      expect(alike(inside, colour), `turn ${i} at ${start}: ${inside} is drawn, not ${colour}`);
      const free = data.turns.every((other) => other[2] !== speaker || other[0] >= start + 2 * duration ||
                                               other[0] + other[1] <= start + duration);
      if (!free || box.width < 6 || box.x + box.width > 1000) continue;
      const outside = colourAt(box.x + box.width + 3, box.y + 1);
      expect(!alike(outside, colour), `turn ${i} at ${start} goes on behind its end`);
    }
    // Keys.
    page.setView(0, 0);
    const before = document.getElementById("track").offsetWidth;
    key("+");
    expect(document.getElementById("track").offsetWidth > before || data.extent < 1e6, "+ does not zoom");
    key("0");
    expect(document.getElementById("track").offsetWidth === before, "0 does not show all");
    if (data.turns.length > 2) {
      buttons()[0].click();
      const first = at();
      key("ArrowRight");
      key("ArrowRight");
      expect(at() === first + 2, "the right arrow does not go to the next turn");
      key("ArrowLeft");
      expect(at() === first + 1, "the left arrow does not go to the turn before");
      expect(document.getElementById("said").textContent !== "", "a turn that is chosen is not said");
    }
    // Hidden speakers leave the list and the canvas.
    const boxes = [...document.querySelectorAll("input[data-lane]")].slice(-data.speakers.length);
    if (data.speakers.length) {
      boxes[0].click();
      expect(buttons().every((button) => button.dataset.speaker !== "0"), "a hidden speaker is listed");
      const place = data.turns.findIndex((turn) => turn[2] === 0);
      expect(place < 0 || page.rectangleOf(place) === undefined, "a hidden speaker is drawn");
      boxes[0].click();
    }
  };
  try { run(); } catch (error) { wrong.push(String(error.stack)); }
  document.getElementById("page-check").textContent =
      wrong.length ? wrong.join("\n") : `all is well: ${data.turns.length} turns, ${data.speakers.length} speakers`;
})();
</script>
"""
text = open(sys.argv[1], encoding="utf-8").read()
text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text, count=1)
end = text.rindex("</body>")
open(sys.argv[2], "w", encoding="utf-8").write(text[:end] + DRIVER + text[end:])
PYTHON

browse --dump-dom "$(url_of "$work/driven.html")" >"$work/driven.dom"
browse --dump-dom "$(url_of "$page")" >"$work/page.dom"
python3 - "$work/driven.dom" "$work/page.dom" <<'PYTHON'
import html, json, re, sys
driven, page = (open(path, encoding="utf-8").read() for path in sys.argv[1:])
said = re.search(r'<pre id="page-check">(.*?)</pre>', driven, re.S)
said = html.unescape(said.group(1)) if said else "the driving script did not run"
# The page as it is, with its policy: its script ran, and lists what the data begin with.
data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))
buttons = [dict(re.findall(r'data-(\w+)="(\d+)"', tag)) for tag in re.findall(r'<button [^>]*data-place=[^>]*>', page)]
listed = [[int(b[k]) for k in ("start", "duration", "speaker", "confidence")] for b in buttons]
wrong = [] if said.startswith("all is well") else [said]
if 'data-ready="true"' not in page:
    wrong.append("the page's script does not run under the page's own policy")
if listed != data["turns"][:200]:
    wrong.append("the list of turns is not that of the data")
if re.search(r'id="problem"(?![^>]*hidden)', page):
    wrong.append("the sound cannot be played")
print("page_check: " + ("\n  ".join(wrong) or said))
sys.exit(bool(wrong))
PYTHON
browse --screenshot="$picture" "$(url_of "$page")" >/dev/null
browse --blink-settings=preferredColorScheme=0 --screenshot="${picture%.png}-dark.png" "$(url_of "$page")" >/dev/null
echo "page_check: the pictures are $picture and ${picture%.png}-dark.png"
