// The timeline of a page of who spoke when; diarization_page.h says what it shows, diarization_page_json.cc what the
// data are. Times are integer microseconds. Names reach the page as text only (textContent, fillText).
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const view = byId("view"), track = byId("track"), canvas = byId("timeline"), cursor = byId("cursor");
  const tip = byId("tip"), sound = byId("sound"), list = byId("turns");
  const context = canvas.getContext("2d");
  const TURNS_OF_LIST = 200, SECOND = 1e6;

  // Lanes from top to bottom, and turns by start; `place` is that of the turn in its group's data.
  const lanes = [], turns = [];
  for (const kind of data.reference ? ["reference", "result"] : ["result"]) {
    const group = kind === "reference" ? data.reference : data;
    const first = lanes.length;
    for (const speaker of group.speakers) lanes.push({kind, ...speaker, shown: true, turns: []});
    group.turns.forEach(([start, duration, speaker, confidence], place) => {
      const lane = lanes[first + speaker];
      lane.turns.push({kind, place, start, end: start + duration, lane, confidence});
      turns.push(lane.turns[lane.turns.length - 1]);
    });
  }
  let listed = [];       // turns of the result whose speakers are shown
  let rows = [];         // what is drawn, from top to bottom
  let start = 0;         // where the view begins
  let scale = 1;         // pixels of a microsecond
  let now = 0;           // where the cursor is
  let current = null;    // the turn that was chosen last
  let colours = {};

  const pad = (number) => String(number).padStart(2, "0");
  function clock(time, decimals) {
    const unit = 10 ** (6 - decimals), ticks = Math.round(time / unit), perSecond = 10 ** decimals;
    const seconds = Math.floor(ticks / perSecond), hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    const text = (hours ? hours + ":" + pad(minutes) : minutes) + ":" + pad(seconds % 60);
    return decimals ? text + "." + String(ticks % perSecond).padStart(decimals, "0") : text;
  }
  function describe(turn) {
    const text = `${turn.lane.name}, ${clock(turn.start, 2)} to ${clock(turn.end, 2)}`;
    return turn.kind === "reference" ? text + ", reference" : `${text}, confidence ${(turn.confidence / 1000).toFixed(2)}`;
  }

  // Rows.

  function layOut() {
    const shown = lanes.filter((lane) => lane.shown);
    const height = Math.max(3, Math.min(24, Math.floor(9000 / Math.max(1, shown.length))));
    rows = [];
    let top = 24;
    const add = (row, gap) => { rows.push({...row, top}); top += row.height + (gap || 0); };
    for (const kind of ["reference", "result"]) {
      const own = shown.filter((lane) => lane.kind === kind);
      if (data.reference && own.length) add({label: kind, heading: true, height: 20});
      for (const lane of own) add({label: lane.name, lane, height});
      if (own.length) top += 6;
    }
    for (const band of data.reference ? ["missed", "false alarm", "confusion"] : []) {
      add({label: band, spans: data.reference[band], colour: band, height: 16}, 2);
    }
    if (data.overlap.length) add({label: "overlap", spans: data.overlap, colour: "overlap", height: 14}, 2);
    if (data.peaks.length) add({label: "sound", wave: true, height: 84}, 2);
    const labels = rows.filter((row) => row.height >= 12).map((row) => {
      const label = document.createElement("div");
      label.textContent = label.title = row.label;
      label.className = row.heading ? "heading" : "";
      label.style.top = row.top + "px";
      label.style.height = label.style.lineHeight = row.height + "px";
      return label;
    });
    byId("labels").replaceChildren(...labels);
    for (const element of [byId("labels"), canvas, track]) element.style.height = top + 2 + "px";
    listed = turns.filter((turn) => turn.kind === "result" && turn.lane.shown);
    showList();
    setView(start, scale);
  }

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue("--" + name.replace(" ", "-")).trim();
    colours = {};
    for (const name of ["ground", "text", "faint", "rule", "scored", "wave", "overlap", "missed", "false alarm",
                        "confusion", "unmapped"]) colours[name] = colour(name);
    for (let i = 0; i < data.palette; ++i) colours[i] = colour("speaker" + i);
  }

  // Speakers beyond the palette have its colours again, striped.
  function fillOf(lane) {
    if (lane.colour < 0) return colours.unmapped;
    const colour = colours[lane.colour % data.palette], stripes = Math.floor(lane.colour / data.palette) % 4;
    if (!stripes) return colour;
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 8, 8);
    pen.fillStyle = colours.ground;
    for (let i = 0; i < 8; ++i) pen.fillRect([0, i, 0, 7 - i][stripes], i, stripes === 2 ? (i % 4 ? 0 : 8) : 2, 1);
    return context.createPattern(tile, "repeat");
  }

  // View.

  const width = () => view.clientWidth;
  const xOf = (time) => (time - start) * scale;
  function setView(wantedStart, wantedScale) {
    const whole = width() / data.extent;
    // Browsers draw elements of up to some ten million pixels.
    scale = Math.max(whole, Math.min(wantedScale, 0.002, 8e6 / data.extent));
    start = Math.max(0, Math.min(wantedStart, data.extent - width() / scale));
    track.style.width = Math.max(width(), Math.floor(data.extent * scale)) + "px";
    view.scrollLeft = start * scale;
    redraw();
  }
  function zoom(factor, x) {
    const at = x === undefined ? Math.max(0, Math.min(width(), xOf(now))) : x;
    const time = start + at / scale, before = scale;
    scale = Math.max(width() / data.extent, Math.min(scale * factor, 0.002, 8e6 / data.extent));
    if (scale !== before) setView(time - at / scale, scale);
  }
  function reveal(time) {
    const x = xOf(time);
    if (x < 0 || x > width() - 20) setView(time - 0.1 * width() / scale, scale);
  }

  // Drawing.

  let waiting = false;
  function redraw() {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }
  function draw() {
    waiting = false;
    const ratio = window.devicePixelRatio || 1, height = parseFloat(canvas.style.height);
    canvas.width = Math.round(width() * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = width() + "px";
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawRules(height);
    for (const row of rows) {
      if (row.lane) drawLane(row);
      if (row.spans) drawSpans(row);
      if (row.wave) drawWave(row);
    }
    cursor.style.left = now * scale + "px";
  }
  function drawRules(height) {
    context.fillStyle = colours.scored;
    for (const [from, to] of data.reference ? data.reference.scored : []) {
      context.fillRect(xOf(from), 20, (to - from) * scale, height - 20);
    }
    const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
    const seconds = steps.find((step) => step * SECOND * scale >= 84) || 36000, step = seconds * SECOND;
    const decimals = seconds >= 1 ? 0 : seconds >= 0.1 ? 1 : 2;
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "alphabetic";
    for (let time = Math.ceil(start / step) * step; xOf(time) < width(); time += step) {
      context.fillStyle = colours.rule;
      context.fillRect(Math.round(xOf(time)), 18, 1, height);
      context.fillStyle = colours.faint;
      context.fillText(clock(time, decimals), Math.round(xOf(time)) + (time ? 3 : 0), 13);
    }
  }
  function rectangleOf(turn) {
    const row = rows.find((other) => other.lane === turn.lane);
    const length = Math.max(1, (turn.end - turn.start) * scale), inset = row && row.height > 8 ? 2 : 0;
    return row && {x: xOf(turn.start), y: row.top + inset, width: length > 5 ? length - 1 : length,
                   height: row.height - 2 * inset};
  }
  function drawLane(row) {
    context.fillStyle = fillOf(row.lane);
    for (const turn of row.lane.turns) {
      if (xOf(turn.end) < 0 || xOf(turn.start) > width()) continue;
      const box = rectangleOf(turn);
      context.fillRect(box.x, box.y, box.width, box.height);
      if (turn !== current) continue;
      context.strokeStyle = colours.text;
      context.lineWidth = 2;
      context.strokeRect(box.x, box.y, box.width, box.height);
    }
  }
  // Where two speakers are wrong at once the mark is higher: [from, to, level].
  function drawSpans(row) {
    const levels = Math.max(2, ...row.spans.map((span) => (span[2] || 0) + 1));
    context.fillStyle = colours[row.colour];
    for (const [from, to, level] of row.spans) {
      const part = row.height / levels, whole = level === undefined;
      context.fillRect(xOf(from), whole ? row.top : row.top + row.height - part * (level + 1),
                       Math.max(1, (to - from) * scale), whole ? row.height : part);
    }
  }
  function drawWave(row) {
    const columns = data.peaks.length / 2, middle = row.top + row.height / 2;
    const gain = row.height / 2 / data.loudest;
    context.fillStyle = colours.wave;
    const columnOf = (x) => Math.floor((start + x / scale) / data.duration * columns);
    for (let x = 0; x < width(); ++x) {
      const first = columnOf(x), last = Math.min(columns, Math.max(first + 1, columnOf(x + 1)));
      let low = 0, high = 0;
      for (let i = first; i < last; ++i) {
        low = Math.min(low, data.peaks[2 * i]);
        high = Math.max(high, data.peaks[2 * i + 1]);
      }
      if (first < columns) context.fillRect(x, middle - high * gain - 0.5, 1, (high - low) * gain + 1);
    }
  }

  // Sound.

  function moveTo(time) {
    now = Math.max(0, Math.min(time, data.extent));
    byId("now").textContent = clock(now, 1);
    cursor.style.left = now * scale + "px";
  }
  function seek(time, play) {
    moveTo(time);
    if (!sound) return;
    sound.currentTime = now / SECOND;
    if (play) sound.play().catch(() => {});
  }
  function follow() {
    if (sound.paused) return;
    moveTo(sound.currentTime * SECOND);
    reveal(now);
    requestAnimationFrame(follow);
  }
  function toggle() {
    if (!sound) return;
    if (sound.paused) sound.play().catch(() => {});
    else sound.pause();
  }

  // Turns.

  function choose(turn, play) {
    current = turn;
    seek(turn.start, play);
    reveal(turn.start);
    byId("said").textContent = describe(turn);
    showList();
    redraw();
  }
  function stepTurn(step) {
    let place = listed.indexOf(current);
    if (place < 0 || now < current.start || now >= current.end) {
      const next = listed.findIndex((turn) => turn.start > now);
      place = (next < 0 ? listed.length : next) - (step > 0 ? 1 : 0);
    }
    const inList = list.contains(document.activeElement);
    const turn = listed[place + step];
    if (!turn) return;
    choose(turn, Boolean(sound) && !sound.paused);
    const button = inList && list.querySelector("[aria-current]");
    if (button) button.focus();
  }
  let listStart = -1, listKey = null;
  function showList(from) {
    const place = listed.indexOf(current);
    if (from === undefined) from = place < 0 ? Math.max(0, listStart) : place - place % TURNS_OF_LIST;
    from = from < listed.length ? from : 0;
    if (from !== listStart || listKey !== listed) {
      listStart = from;
      listKey = listed;
      list.replaceChildren(...listed.slice(from, from + TURNS_OF_LIST).map(itemOf));
      list.start = from + 1;
      const last = Math.min(listed.length, from + TURNS_OF_LIST);
      byId("range").textContent = listed.length ? `${from + 1} to ${last} of ${listed.length}` : "none";
      byId("earlier").disabled = from === 0;
      byId("later").disabled = last === listed.length;
    }
    for (const marked of list.querySelectorAll("[aria-current]")) marked.removeAttribute("aria-current");
    const item = place < from ? null : list.children[place - from];
    if (item) {
      item.firstChild.setAttribute("aria-current", "true");
      list.scrollTop = item.offsetTop - list.clientHeight / 2;
    }
  }
  function itemOf(turn) {
    const item = document.createElement("li"), button = document.createElement("button");
    const parts = [clock(turn.start, 2), clock(turn.end, 2), turn.lane.name, (turn.confidence / 1000).toFixed(2)];
    for (const text of parts) button.appendChild(document.createElement("bdi")).textContent = text;
    button.setAttribute("aria-label", describe(turn));
    const [start, duration, speaker, confidence] = data.turns[turn.place];
    Object.assign(button.dataset, {place: turn.place, start, duration, speaker, confidence});
    button.type = "button";
    button.addEventListener("click", () => choose(turn, true));
    item.append(button);
    return item;
  }

  // Pointer and keys.

  function under(event) {
    const box = canvas.getBoundingClientRect(), y = event.clientY - box.top;
    const time = start + (event.clientX - box.left) / scale, near = 2 / scale;
    const row = rows.find((other) => y >= other.top && y < other.top + other.height);
    const turn = row && row.lane &&
        row.lane.turns.filter((other) => time >= other.start - near && time < other.end + near).pop();
    return {time, row, turn};
  }
  canvas.addEventListener("click", (event) => {
    const {time, turn} = under(event);
    if (turn) choose(turn, true);
    else seek(time, true);
  });
  canvas.addEventListener("pointermove", (event) => {
    const {time, row, turn} = under(event);
    const span = row && row.spans && row.spans.filter((other) => time >= other[0] && time < other[1]).pop();
    tip.hidden = false;
    tip.textContent = turn ? describe(turn)
        : span ? `${row.label}, ${clock(span[0], 2)} to ${clock(span[1], 2)}` : clock(Math.max(0, time), 2);
    const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = left + "px";
    tip.style.top = event.clientY + 16 + "px";
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  view.addEventListener("wheel", (event) => {
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;  // scrolls
    event.preventDefault();
    const lines = event.deltaMode === 1 ? event.deltaY * 30 : event.deltaY;
    zoom(Math.exp(-lines / 400), event.clientX - view.getBoundingClientRect().left);
  }, {passive: false});
  view.addEventListener("scroll", () => {
    if (Math.abs(view.scrollLeft - start * scale) > 1) start = view.scrollLeft / scale;
    redraw();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const isControl = /^(BUTTON|INPUT|SUMMARY)$/.test(event.target.tagName);
    const actions = {ArrowRight: () => stepTurn(1), ArrowLeft: () => stepTurn(-1), "+": () => zoom(1.6),
                     "=": () => zoom(1.6), "-": () => zoom(1 / 1.6), "0": () => setView(0, 0)};
    if (!isControl) actions[" "] = toggle;
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
  byId("in").addEventListener("click", () => zoom(1.6));
  byId("out").addEventListener("click", () => zoom(1 / 1.6));
  byId("whole").addEventListener("click", () => setView(0, 0));
  byId("earlier").addEventListener("click", () => showList(Math.max(0, listStart - TURNS_OF_LIST)));
  byId("later").addEventListener("click", () => showList(listStart + TURNS_OF_LIST));
  for (const box of document.querySelectorAll("input[data-lane]")) {
    box.checked = true;
    box.addEventListener("change", () => {
      lanes[Number(box.dataset.lane)].shown = box.checked;
      layOut();
    });
  }
  if (sound) {
    const button = byId("play");
    button.addEventListener("click", toggle);
    sound.addEventListener("play", () => { button.textContent = "Pause"; follow(); });
    sound.addEventListener("pause", () => { button.textContent = "Play"; });
    sound.addEventListener("error", () => { byId("problem").hidden = false; });
    if (sound.error) byId("problem").hidden = false;
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); redraw(); });
  new ResizeObserver(() => setView(start, scale)).observe(view);

  readColours();
  scale = 0;
  layOut();
  moveTo(0);
  // For scripts that look at the page: tools/page_check.sh.
  window.diarizationPage = {
    setView,
    draw,
    rectangleOf: (place) => rectangleOf(turns.find((turn) => turn.kind === "result" && turn.place === place)),
  };
  document.documentElement.dataset.ready = "true";
})();
