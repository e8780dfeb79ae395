// The timeline of a page of who spoke when; diarization_page.h says what it shows, diarization_page_json.h what the
// data are. Times are integer microseconds. Names reach the page as text only (textContent, fillText).
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const view = byId("view"), track = byId("track"), canvas = byId("timeline"), cursor = byId("cursor");
  const tip = byId("tip"), sound = byId("sound"), list = byId("turns");
  const context = canvas.getContext("2d");
  const TURNS_OF_LIST = 200, SECOND = 1e6;

  // Lanes from top to bottom; turns of the result by start, as in the data.
  const lanes = [], turns = [];
  for (const kind of data.reference ? ["reference", "result"] : ["result"]) {
    const group = kind === "reference" ? data.reference : data;
    const own = group.speakers.map((speaker) => ({kind, ...speaker, shown: true, turns: []}));
    lanes.push(...own);
    group.turns.forEach(([start, duration, speaker, confidence], place) => {
      const turn = {place, start, end: start + duration, lane: own[speaker], confidence};
      turn.lane.turns.push(turn);
      if (kind === "result") turns.push(turn);
    });
  }
  let listed = [];       // turns of the result whose speakers are shown
  let rows = [];         // what is drawn, from top to bottom
  let start = 0;         // where the view begins
  let scale = 0;         // pixels of a microsecond
  let now = 0;           // where the cursor is
  let current = null;    // the turn that was chosen last
  const colours = {};    // by the names of the style's variables

  const share = (thousandths) => (thousandths / 1000).toFixed(2);
  const pad = (number) => String(number).padStart(2, "0");
  function clock(time, decimals) {
    const unit = 10 ** (6 - decimals), ticks = Math.round(time / unit), perSecond = 10 ** decimals;
    const seconds = Math.floor(ticks / perSecond), hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    const text = (hours ? hours + ":" + pad(minutes) : minutes) + ":" + pad(seconds % 60);
    return decimals ? text + "." + String(ticks % perSecond).padStart(decimals, "0") : text;
  }
  function describe(turn) {
    const sure = turn.lane.kind === "reference" ? "reference" : "confidence " + share(turn.confidence);
    return `${turn.lane.name}, ${clock(turn.start, 2)} to ${clock(turn.end, 2)}, ${sure}`;
  }

  // Rows.

  function layOut() {
    const shown = lanes.filter((lane) => lane.shown);
    const height = Math.max(3, Math.min(24, Math.floor(9000 / Math.max(1, shown.length))));  // canvases have a limit
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
      add({label: band, spans: data.reference[band], colour: band.replace(" ", "-"), height: 16}, 2);
    }
    if (data.overlap.length) add({label: "overlap", spans: data.overlap, colour: "overlap", height: 14}, 2);
    if (data.peaks.length) add({label: "sound", wave: true, height: 84}, 2);
    const labels = rows.filter((row) => row.height >= 12).map((row) => {
      const label = document.createElement("div");
      label.textContent = label.title = row.label;
      label.className = row.heading ? "heading" : "";
      const height = row.height + "px";
      Object.assign(label.style, {top: row.top + "px", height, lineHeight: height});
      return label;
    });
    byId("labels").replaceChildren(...labels);
    for (const element of [byId("labels"), canvas, track]) element.style.height = top + 2 + "px";
    listed = turns.filter((turn) => turn.lane.shown);
    showList();
    setView(start, scale);
  }

  function readColours() {
    const style = getComputedStyle(document.documentElement), ofLanes = lanes.map((lane) => lane.colour);
    const names = "text faint rule scored wave overlap missed false-alarm confusion".split(" ");
    for (const name of [...names, ...ofLanes]) colours[name] = style.getPropertyValue("--" + name);
  }

  // View.

  const width = () => view.clientWidth;
  const xOf = (time) => (time - start) * scale;
  let fits = true;       // the whole recording is in view, and stays so when the window changes
  function setView(wantedStart, wantedScale) {
    if (!width()) return;
    const whole = width() / data.extent;
    // Browsers draw elements of up to some ten million pixels.
    scale = Math.max(whole, Math.min(wantedScale, 0.002, 8e6 / data.extent));
    fits = scale === whole;
    start = Math.max(0, Math.min(wantedStart, data.extent - width() / scale));
    track.style.width = Math.max(width(), Math.floor(data.extent * scale)) + "px";
    view.scrollLeft = start * scale;
    redraw();
  }
  function zoom(factor, x) {
    const at = x === undefined ? Math.max(0, Math.min(width(), xOf(now))) : x, time = start + at / scale;
    const wanted = Math.max(width() / data.extent, Math.min(scale * factor, 0.002, 8e6 / data.extent));
    setView(time - at / wanted, wanted);
  }
  const inView = (time) => xOf(time) >= 0 && xOf(time) <= width() - 20;
  function reveal(time) {
    if (!inView(time)) setView(time - 0.1 * width() / scale, scale);
  }

  // Drawing.

  let waiting = 0;
  const redraw = () => { waiting = waiting || requestAnimationFrame(draw); };
  function draw() {
    waiting = 0;
    const ratio = window.devicePixelRatio || 1, height = parseFloat(canvas.style.height);
    const size = [Math.round(width() * ratio), Math.round(height * ratio)];
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    canvas.style.width = width() + "px";
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width(), height);
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
    const steps = [.01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400,
                   36000, 1e5, 1e6, 1e7, 1e8, 1e9];
    const seconds = steps.find((step) => step * SECOND * scale >= 84) || 1e9, step = seconds * SECOND;
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
  function rectangleOf(turn, row) {
    const length = Math.max(1, (turn.end - turn.start) * scale), inset = row.height > 8 ? 2 : 0;
    const x = length > 2 ? xOf(turn.start) : Math.round(xOf(turn.start));
    return {x, y: row.top + inset, width: length > 5 ? length - 1 : length, height: row.height - 2 * inset};
  }
  // Speakers beyond the palette have its colours again, their turns as two bars, three, ...
  function drawLane(row) {
    const bars = row.lane.bars, right = start + width() / scale;
    let drawn = -Infinity;  // up to where; what is behind another turn's pixels is left out
    context.fillStyle = colours[row.lane.colour];
    for (const turn of row.lane.turns) {
      if (turn.start > right) break;
      if (turn.end < start) continue;
      const box = rectangleOf(turn, row), bar = box.height / (2 * bars - 1);
      if (box.x + box.width <= drawn) continue;
      drawn = box.x + box.width;
      for (let i = 0; i < bars; ++i) context.fillRect(box.x, box.y + 2 * i * bar, box.width, bar);
    }
    if (!current || current.lane !== row.lane) return;
    const box = rectangleOf(current, row);
    [context.strokeStyle, context.lineWidth] = [colours.text, 2];
    context.strokeRect(box.x, box.y, box.width, box.height);
  }
  // [from, to, level]: where two speakers are wrong at once the mark is higher. Without a level it is full.
  function drawSpans(row) {
    const part = row.height / row.spans.reduce((most, span) => Math.max(most, (span[2] || 0) + 1), 2), right = width();
    context.fillStyle = colours[row.colour];
    for (const [from, to, level] of row.spans) {
      const x = xOf(from), length = Math.max(1, (to - from) * scale);
      if (x > right || x + length < 0) continue;
      if (level === undefined) context.fillRect(x, row.top, length, row.height);
      else context.fillRect(x, row.top + row.height - part * (level + 1), length, part);
    }
  }
  function drawWave(row) {
    const columns = data.peaks.length / 2, middle = row.top + row.height / 2, gain = row.height / 2 / 127;
    context.fillStyle = colours.wave;
    const columnOf = (x) => Math.floor((start + x / scale) / data.duration * columns);
    for (let x = 0, end = width(); x < end; ++x) {
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
    const wasInView = inView(now);  // else the reader has gone elsewhere
    moveTo(sound.currentTime * SECOND);
    if (wasInView) reveal(now);
    requestAnimationFrame(follow);
  }
  function toggle() {
    if (sound && sound.paused) sound.play().catch(() => {});
    else if (sound) sound.pause();
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
      byId("pages").hidden = listed.length <= TURNS_OF_LIST;
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
    for (const text of [clock(turn.start, 2), clock(turn.end, 2), turn.lane.name, share(turn.confidence)]) {
      button.appendChild(document.createElement("bdi")).textContent = text;
    }
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
    turn ? choose(turn, true) : seek(time, true);
  });
  canvas.addEventListener("pointermove", (event) => {
    const {time, row, turn} = under(event);
    const span = row && row.spans && row.spans.filter((other) => time >= other[0] && time < other[1]).pop();
    tip.hidden = false;
    tip.textContent = turn ? describe(turn)
        : span ? `${row.label}, ${clock(span[0], 2)} to ${clock(span[1], 2)}` : clock(Math.max(0, time), 2);
    tip.style.left = Math.min(event.clientX + 14, document.documentElement.clientWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = event.clientY + 16 + "px";
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  view.addEventListener("wheel", (event) => {
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;  // scrolls
    event.preventDefault();
    const pixels = event.deltaMode === 1 ? event.deltaY * 30 : event.deltaY;  // else lines
    zoom(Math.exp(-pixels / 400), event.clientX - view.getBoundingClientRect().left);
  }, {passive: false});
  view.addEventListener("scroll", () => {
    if (Math.abs(view.scrollLeft - start * scale) > 1) start = view.scrollLeft / scale;
    redraw();
  });
  // A control keeps its keys; but space on the turn that was chosen last pauses rather than begins it again.
  const isSpace = (event) => event.key === " " && (event.target.hasAttribute("aria-current") ||
                                                   !/^(BUTTON|INPUT|SUMMARY)$/.test(event.target.tagName));
  const keys = {ArrowRight: () => stepTurn(1), ArrowLeft: () => stepTurn(-1), "0": () => setView(0, 0),
                "+": () => zoom(1.6), "=": () => zoom(1.6), "-": () => zoom(1 / 1.6)};
  document.addEventListener("keydown", (event) => {
    const action = isSpace(event) ? toggle : keys[event.key];
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    action();
  });
  document.addEventListener("keyup", (event) => { if (isSpace(event)) event.preventDefault(); });
  byId("in").addEventListener("click", () => zoom(1.6));
  byId("out").addEventListener("click", () => zoom(1 / 1.6));
  byId("whole").addEventListener("click", () => setView(0, 0));
  byId("earlier").addEventListener("click", () => showList(Math.max(0, listStart - TURNS_OF_LIST)));
  byId("later").addEventListener("click", () => showList(listStart + TURNS_OF_LIST));
  for (const box of document.querySelectorAll("input[data-lane]")) {
    box.checked = true;  // also when the browser remembers otherwise
    box.addEventListener("change", () => { lanes[Number(box.dataset.lane)].shown = box.checked; layOut(); });
  }
  if (sound) {
    byId("play").addEventListener("click", toggle);
    sound.addEventListener("play", () => { byId("play").textContent = "Pause"; follow(); });
    sound.addEventListener("pause", () => { byId("play").textContent = "Play"; });
    sound.addEventListener("error", () => { byId("problem").hidden = false; });
    if (sound.error) byId("problem").hidden = false;
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); redraw(); });
  new ResizeObserver(() => setView(start, fits ? 0 : scale)).observe(view);

  readColours();
  layOut();
  moveTo(0);
  // For scripts that look at the page: tools/page_check.sh.
  window.diarizationPage = {
    setView,
    draw,
    // Of a turn of the data's list; undefined when its speaker is hidden.
    rectangleOf: (place) => {
      const row = rows.find((other) => other.lane === turns[place].lane);
      return row && rectangleOf(turns[place], row);
    },
  };
  document.documentElement.dataset.ready = "true";
})();
