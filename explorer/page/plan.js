// (c) The plan with the steps that it became, and (f) when each slice worked.
function planView() {
  const q = S.query;
  if (!q) return nothingYet('Run a query, or choose one below the SQL box.');
  const kids = new Map();
  for (const n of q.plan) kids.set(n.parent, [...(kids.get(n.parent) || []), n]);
  const known = new Set(q.plan.map((n) => n.id)), roots = q.plan.filter((n) => !known.has(n.parent));
  const tree = (list) => h('ul', { class: 'plan' }, list.map((n) => h('li', {}, nodeView(q, n), kids.has(n.id) ? tree(kids.get(n.id)) : null)));
  const own = q.steps.filter((s) => !s.node);
  return [
    queryHead(q), alertsOf(q),
    q.plan.length ? null : nothingYet('The log has no plan of it.'),
    h('div', { class: 'planside' },
      h('div', {}, h('h3', {}, 'Plan, as it ran'), h('p', { class: 'soft small' }, 'Read it from below: each node hands its rows to the one above. Bars are slices, their height is rows. A line of another colour is another stream: it begins when the one before has ended.'),
        tree(roots), own.length ? h('div', { class: 'node' }, h('div', { class: 'what soft' }, 'Steps of no node'), own.map((s) => stepView(q, s))) : null),
      h('div', {}, h('h3', {}, 'EXPLAIN'), h('pre', { tabindex: 0, 'aria-label': 'EXPLAIN', role: 'region' }, q.plan.map((n) => n.line + (n.info ? '\n' + ' '.repeat(n.line.search(/\S/) + 2) + n.info : '')).join('\n')), h('p', { class: 'soft small' }, 'A cost is the planner\'s measure of work, not a time.'))),
  ];
}

function queryHead(q) {
  return [h('h2', {}, 'Query ' + q.query), h('pre', { class: 'wrap' }, q.text), h('p', { class: 'small soft' }, q.aborted ? 'It failed. ' : '', scanText(q))];
}

// scanText sums up what the scans did, table by table.
function scanText(q) {
  const by = new Map();
  for (const s of q.scans) {
    const t = by.get(s.table) || { read: 0, skipped: 0, looked: 0, rows: 0 };
    for (const k of Object.keys(t)) t[k] += s[k];
    by.set(s.table, t);
  }
  return [...by].map(([name, t]) => name + ': ' + whole(t.read) + ' blocks read, ' + whole(t.skipped) + ' skipped, ' + whole(t.looked) + ' rows looked at, ' + whole(t.rows) + ' found. ').join('');
}

const alertsOf = (q) => (q.alerts.length ? h('div', {}, h('h3', {}, 'Alerts of the log'), q.alerts.map((a) => h('p', { class: 'small' }, h('span', { class: 'badge warn' }, a.event), a.solution))) : null);

function nodeView(q, n) {
  const line = n.line.trim().replace(/^->\s*/, ''), at = line.indexOf('  (cost');
  const what = at < 0 ? line : line.slice(0, at);
  const words = what.split(/(DS_[A-Z_]+)/).map((w) => (/^DS_/.test(w) ? h('span', { class: /NONE/.test(w) ? 'stays' : 'moves' }, w) : w));
  return h('div', { class: 'node' },
    h('div', {}, h('span', { class: 'what' }, words), ' ', at < 0 ? null : h('span', { class: 'soft small' }, 'cost ' + cost(n.cost) + ', about ' + whole(n.rows) + ' rows')),
    n.info ? h('div', { class: 'small soft' }, n.info) : null,
    q.steps.filter((s) => s.node === n.id).map((s) => stepView(q, s)));
}

function stepView(q, s) {
  const top = most(s.slices, (x) => x.rows);
  return h('div', { class: 'steps s' + (s.stream % 4) }, h('div', { class: 'steprow' },
    h('div', { title: s.label }, stepName(s.label), h('div', { class: 'soft' }, 'stream ' + s.stream + ', segment ' + s.segment + ', step ' + s.step)),
    h('div', { class: 'bars', role: 'img', 'aria-label': s.label + ': ' + s.slices.map((x) => sliceName(x.slice) + ' ' + whole(x.rows) + ' rows').join(', ') },
      s.slices.map((x) => h('span', { class: x.slice === LEADER ? 'leader' : null, style: { height: (top ? Math.max(3, 100 * x.rows / top) : 3) + '%' }, title: sliceName(x.slice) + ': ' + whole(x.rows) + ' rows, ' + bytes(x.bytes) }))),
    h('div', { class: 'num' }, whole(sum(s.slices, (x) => x.rows)) + ' rows', h('div', { class: 'soft' }, bytes(sum(s.slices, (x) => x.bytes))))));
}

// stepName is a step's label without the numbers of its tables; what comes over the network is an internal worktable to the log.
const stepName = (label) => label.replace(/ tbl=\d+/, '').replace(/ name=Internal Worktable/, ' network').replace(/ name=/, ' ');

// timeView draws when each slice worked on which segment.
function timeView() {
  const q = S.query;
  if (!q) return nothingYet('Run a query, or choose one below the SQL box.');
  const work = new Map(), rows = new Map();
  for (const s of q.steps) for (const x of s.slices) {
    const k = s.segment + ' ' + x.slice, w = work.get(k) || { segment: s.segment, stream: s.stream, slice: x.slice, start: x.start, end: x.end, labels: [] };
    w.start = Math.min(w.start, x.start);
    w.end = Math.max(w.end, x.end);
    w.labels.push(s.label);
    work.set(k, w);
    rows.set(x.slice, 0);
  }
  const list = [...work.values()], slices = [...rows.keys()].sort((a, b) => a - b);
  if (!list.length) return [queryHead(q), nothingYet('It ran no step.')];
  const from = list.reduce((n, w) => Math.min(n, w.start), Infinity), to = most(list, (w) => w.end), span = Math.max(1, to - from);
  const left = 70, width = 860, w = width - left - 90, row = 30, height = slices.length * row + 40;
  const colours = ['var(--accent)', 'var(--sorted)', 'var(--leader)', 'var(--unsorted)', 'var(--good)', 'var(--deleted)', 'var(--soft)'];
  return [
    queryHead(q),
    h('h3', {}, 'Slices over time'),
    h('p', { class: 'soft small' }, 'Times are those of this machine, where a few workers take the slices in turns; on a cluster each slice has processors of its own. What lasts longest of a segment is what the query waits for. The bar of the leader has its waiting for rows in it. Behind each line: how long the slice had nothing to do.'),
    h('div', { class: 'scroll' }, svg('svg', { viewBox: '0 0 ' + width + ' ' + height, width, role: 'img', 'aria-label': 'Work of the slices over ' + whole(span) + ' microseconds' },
      slices.map((n, i) => {
        const own = list.filter((x) => x.slice === n), busy = sum(own, (x) => x.end - x.start), y = i * row + 4;
        return [svg('text', { x: 0, y: y + 16 }, sliceName(n)), svg('line', { class: 'axis', x1: left, x2: left + w, y1: y + row - 4, y2: y + row - 4 }),
          own.map((x) => svg('rect', { x: left + w * (x.start - from) / span, y, width: Math.max(2, w * (x.end - x.start) / span), height: row - 9, rx: 2, style: { fill: colours[x.segment % colours.length] } },
            svg('title', {}, sliceName(n) + ', stream ' + x.stream + ', segment ' + x.segment + ': ' + x.labels.join(' | ') + ', ' + whole(x.end - x.start) + ' us'))),
          svg('text', { class: 'dim', x: left + w + 8, y: y + 16 }, 'idle ' + Math.max(0, Math.round(100 * (1 - busy / span))) + ' %')];
      }),
      svg('text', { class: 'dim', x: left, y: height - 8 }, '0'), svg('text', { class: 'dim', x: left + w, y: height - 8, 'text-anchor': 'end' }, whole(span) + ' us'))),
    h('div', { class: 'legend' }, [...new Set(list.map((x) => x.segment))].map((g) => h('span', {}, h('i', { style: { background: colours[g % colours.length] } }), 'segment ' + g + ': ' + [...new Set(list.find((x) => x.segment === g).labels)].map(stepName).join(' | ')))),
  ];
}
