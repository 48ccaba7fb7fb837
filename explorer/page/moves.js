// (d) What went from slice to slice.
function movesView() {
  const q = S.query;
  if (!q) return nothingYet('Run a query with a join, or choose one below the SQL box.');
  const exchanges = new Map();
  for (const m of q.moves) exchanges.set(m.segment, [...(exchanges.get(m.segment) || []), m]);
  const between = [...exchanges.values()].filter((l) => l[0].label !== 'return');
  const sent = sum(between.flat(), (m) => (m.from === m.to ? 0 : m.bytes)), rows = sum(between.flat(), (m) => (m.from === m.to ? 0 : m.rows));
  const verdict = between.length === 0
    ? h('p', {}, h('span', { class: 'badge good' }, 'nothing moved'), 'Each slice found the rows that it needed where they lay. Only results went to the leader.')
    : sent === 0 ? h('p', {}, h('span', { class: 'badge good' }, 'nothing moved'), 'Rows were sent, but every one to the slice that it was on.')
    : h('p', {}, h('span', { class: 'badge warn' }, bytes(sent) + ' moved'), whole(rows) + ' rows went from one slice to another: to all (bcast), or to the slice of their key (dist).');
  return [
    queryHead(q), verdict,
    [...exchanges.entries()].map(([segment, list]) => exchangeView(segment, list)),
  ];
}

const why = {
  bcast: 'bcast: every slice gets all rows (DS_BCAST_INNER)',
  dist: 'dist: a row goes to the slice of its key (DS_DIST_INNER, DS_DIST_OUTER, DS_DIST_BOTH; groups and DISTINCT as well)',
  return: 'return: results go to the leader',
};

function exchangeView(segment, list) {
  const from = ends(list, 'from'), to = ends(list, 'to');
  return h('div', {}, h('h3', {}, 'Segment ' + segment + ', ' + (why[list[0].label] || list[0].label)),
    h('div', { class: from.length > 6 ? null : 'two' }, h('div', { class: 'flow' }, flow(list, from, to)), matrix(list, from, to)));
}

const ends = (list, key) => [...new Set(list.map((m) => m[key]))].sort((a, b) => a - b);

// flow draws bands between senders and receivers, as wide as what they carry.
function flow(list, from, to) {
  const width = 460, height = Math.max(150, 34 * Math.max(from.length, to.length)), total = sum(list, (m) => m.bytes) || 1, gap = 8;
  const place = (names, key) => {
    const room = height - gap * (names.length - 1), at = new Map();
    let y = 0;
    for (const n of names) {
      const size = room * sum(list.filter((m) => m[key] === n), (m) => m.bytes) / total;
      at.set(n, { y, size, next: y });
      y += size + gap;
    }
    return at;
  };
  const a = place(from, 'from'), b = place(to, 'to'), x1 = 78, x2 = width - 78;
  const bands = list.map((m) => {
    const p = a.get(m.from), q = b.get(m.to), w1 = (m.bytes / (total || 1)) * (height - gap * (from.length - 1)), w2 = (m.bytes / (total || 1)) * (height - gap * (to.length - 1));
    const y1 = p.next, y2 = q.next, c = (x1 + x2) / 2;
    p.next += w1;
    q.next += w2;
    return svg('path', { d: 'M' + x1 + ' ' + y1 + ' C' + c + ' ' + y1 + ' ' + c + ' ' + y2 + ' ' + x2 + ' ' + y2 + ' V' + (y2 + w2) + ' C' + c + ' ' + (y2 + w2) + ' ' + c + ' ' + (y1 + w1) + ' ' + x1 + ' ' + (y1 + w1) + ' Z',
      style: { fill: m.from === m.to ? 'var(--soft)' : m.to === LEADER ? 'var(--leader)' : 'var(--unsorted)', opacity: m.from === m.to ? '.25' : '.45' } },
    svg('title', {}, sliceName(m.from) + ' to ' + sliceName(m.to) + ': ' + whole(m.rows) + ' rows, ' + bytes(m.bytes) + (m.from === m.to ? ' (stays)' : '')));
  });
  const labels = (at, x, anchor) => [...at].map(([n, p]) => [svg('rect', { x: anchor === 'end' ? x1 - 6 : x2, y: p.y, width: 6, height: Math.max(1, p.size), style: { fill: 'var(--ink)' } }),
    svg('text', { x, y: p.y + p.size / 2 + 4, 'text-anchor': anchor }, sliceName(n))]);
  return svg('svg', { viewBox: '-2 -4 ' + (width + 4) + ' ' + (height + 8), width, role: 'img', 'aria-label': 'Bytes from slice to slice; the table beside has the figures' }, bands, labels(a, x1 - 10, 'end'), labels(b, x2 + 10, 'start'));
}

function matrix(list, from, to) {
  const at = new Map(list.map((m) => [m.from + ' ' + m.to, m])), top = most(list, (m) => m.bytes);
  return h('div', { class: 'scroll' }, h('table', { class: 'matrix' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'from \\ to'), to.map((n) => h('th', { class: 'num', scope: 'col' }, sliceName(n))))),
    h('tbody', {}, from.map((f) => h('tr', {}, h('th', { scope: 'row' }, sliceName(f)), to.map((n) => {
      const m = at.get(f + ' ' + n);
      return m ? h('td', { class: f === n ? 'self' : null, style: heatColour(top ? m.bytes / top : 0), title: f === n ? 'stays on its slice' : null }, whole(m.rows), h('div', { class: 'small' }, bytes(m.bytes))) : h('td', { class: 'soft' }, '-');
    }))))));
}
