// What all views use: elements, figures as text, the state, and how the handler is asked.
const byId = (id) => document.getElementById(id);

// h makes an element. Text becomes text nodes, never markup: what a table holds cannot run here.
function make(el, attrs, kids) {
  for (const [k, v] of Object.entries(attrs || {})) {
    if (v === false || v === null || v === undefined) continue;
    if (k.startsWith('on')) el.addEventListener(k.slice(2), v);
    else if (k === 'style') for (const [p, x] of Object.entries(v)) el.style.setProperty(p, x);
    else el.setAttribute(k, v === true ? '' : v);
  }
  el.append(...kids.flat(9).filter((x) => x !== null && x !== undefined && x !== false).map((x) => (x instanceof Node ? x : String(x))));
  return el;
}
const h = (tag, attrs, ...kids) => make(document.createElement(tag), attrs, kids);
const svg = (tag, attrs, ...kids) => make(document.createElementNS('http://www.w3.org/2000/svg', tag), attrs, kids);
const fill = (id, ...kids) => byId(id).replaceChildren(...kids.flat(9).filter(Boolean));

const LEADER = 6411;
const whole = (n) => Math.round(n).toLocaleString('en-US');
const sliceName = (n) => (n === LEADER ? 'leader' : 'slice ' + n);
function bytes(n) {
  if (n < 1000) return whole(n) + ' B';
  if (n < 1e6) return (n / 1e3).toFixed(1) + ' kB';
  if (n < 1e9) return (n / 1e6).toFixed(1) + ' MB';
  return (n / 1e9).toFixed(1) + ' GB';
}
function blockSize(n) { return n >= 1 << 20 ? n / (1 << 20) + ' MB' : n / 1024 + ' KB'; }
function cost(n) { return n >= 1e6 ? n.toExponential(2) : n.toLocaleString('en-US', { maximumFractionDigits: 2 }); }
const sum = (list, f) => list.reduce((n, x) => n + f(x), 0);
const most = (list, f) => list.reduce((n, x) => Math.max(n, f(x)), 0);

// Of an exported page all there is stands in the page; otherwise null, and the handler is asked.
const DATA = JSON.parse(byId('data').textContent);

const S = {
  place: 'cluster', tabs: {}, info: null, overview: null, view: 'tables',
  query: null, // of the log, as /api/query gives it
  table: '', blocks: null, column: -1, // of the block map
  before: {}, // block maps by table, as they were before the last statement
  lesson: null, wanted: null, step: 0, done: false, whatif: null, asked: null, running: null,
};

class Refused extends Error {
  constructor(problem, status) { super(problem.message); this.problem = problem; this.status = status; }
}

// ask sends a request for the open tab; one that was forgotten is opened anew.
async function ask(path, body, signal, again) {
  const head = { 'Content-Type': 'application/json' };
  if (path !== 'open') head['X-Redshiftsim-Tab'] = S.tabs[S.place] ? S.tabs[S.place].tab : '';
  const r = await fetch('api/' + path, { method: 'POST', headers: head, body: JSON.stringify(body || {}), signal });
  const a = await r.json();
  if (r.status === 410 && !again && path !== 'open') {
    await openTab(S.place, true);
    return ask(path, body, signal, true);
  }
  if (!r.ok) throw new Refused(a.error, r.status);
  return a;
}

async function openTab(place, anew) {
  if (!S.tabs[place] || anew) S.tabs[place] = await ask('open', { place });
  S.place = place;
  S.info = S.tabs[place];
}

// problemView shows an error, with the place in the text where there is one.
function problemView(p, text) {
  const out = h('div', { class: 'error', role: 'alert' }, h('strong', {}, 'ERROR'), p.code ? ' ' + p.code : '', ': ' + p.message);
  if (p.position && text) {
    const chars = Array.from(text), at = Math.min(p.position - 1, chars.length);
    let from = at, to = at;
    while (from > 0 && chars[from - 1] !== '\n') from--;
    while (to < chars.length && chars[to] !== '\n') to++;
    let end = at;
    while (end < to && /[\p{L}\p{N}_]/u.test(chars[end])) end++;
    if (end === at) end = Math.min(at + 1, to);
    const line = chars.slice(0, at).filter((c) => c === '\n').length + 1;
    out.append(h('pre', {}, 'line ' + line + ': ' + chars.slice(from, at).join(''), h('mark', {}, chars.slice(at, end).join('') || ' '), chars.slice(end, to).join('')));
  }
  for (const k of ['detail', 'hint']) if (p[k]) out.append(h('div', { class: 'small' }, k[0].toUpperCase() + k.slice(1) + ': ' + p[k]));
  return out;
}

// legend lists what colours mean.
const legend = (...items) => h('div', { class: 'legend' }, items.filter(Boolean).map(([k, t]) => h('span', {}, h('i', { class: 'k-' + k }), t)));

const heatColour = (share) => ({ 'background-color': 'rgba(var(--heat), ' + (0.05 + 0.36 * share).toFixed(3) + ')' });
const nothingYet = (text) => h('p', { class: 'soft' }, text);
