// (b) Blocks and their zone maps, and (g) what lies in which region and what is marked deleted.
function tableChoice(view) {
  const list = S.overview ? S.overview.tables : [];
  return h('div', { class: 'controls' }, h('label', { for: 'which' }, 'Table'),
    h('select', { id: 'which', onchange: (e) => chooseTable(e.target.value, view) }, list.map((t) => {
      const name = t.schema + '.' + t.name;
      return h('option', { value: name, selected: name === S.table }, name);
    })));
}

function blocksView() {
  const m = S.blocks;
  if (!m) return [S.overview && S.overview.tables.length ? tableChoice('blocks') : null, nothingYet('Choose a table that has rows.')];
  const read = m.blocks.filter((b) => b.read).length, skipped = m.blocks.filter((b) => b.skipped).length;
  const scanned = m.query && read + skipped > 0;
  const about = h('div', { class: 'about', id: 'about', role: 'status' }, 'Point at a block, or move over the blocks with the arrow keys, to read its zone map.');
  return [
    tableChoice('blocks'),
    h('h2', {}, 'Blocks of ' + m.table),
    scanned ? h('p', {}, 'Query ' + m.query + ' read ', h('strong', {}, whole(read)), ' blocks of the columns that it asks for, and its conditions let it skip ', h('strong', {}, whole(skipped)), '.',
      m.keys ? ' The keys of a join narrowed the scan too: the run may have skipped more.' : '', m.unknown ? ' A condition has a parameter whose value the log does not keep, so no block is marked as skipped.' : '')
      : h('p', { class: 'soft' }, 'Run a query over the table, or choose one below the SQL box: blocks that it reads and skips are marked.'),
    legend(['read', 'read'], ['skip', 'skipped: its zone map has no value that passes'], ['idle', 'not asked for'], ['unsorted', 'unsorted region']),
    about, tileMap(m, about), zoneChart(m, about),
    m.cut ? h('p', { class: 'soft' }, whole(m.cut) + ' more blocks are not drawn.') : null,
  ];
}

const blockClass = (m, b) => 'tile' + (b.read ? ' read' : b.skipped ? ' skipped' : '') + (m.hasKey && !b.sorted ? ' unsorted' : '') + (b.rows ? '' : ' empty') + (m.columns[b.c].hidden ? ' hidden' : '');

function blockText(m, b) {
  const c = m.columns[b.c];
  return c.name + ', ' + sliceName(b.s) + ', block ' + b.n + ': ' + whole(b.rows) + ' values, ' + bytes(b.bytes) + (c.encoding ? ' as ' + c.encoding : '') +
    (b.min || b.max ? ', ' + b.min + ' to ' + b.max : ', no zone map') + (m.hasKey ? (b.sorted ? ', sorted region' : ', unsorted region') : '') +
    (b.read ? '. Read.' : b.skipped ? '. Skipped.' : '.');
}

// tileMap has a line a column and a field a slice; one tile is one block.
function tileMap(m, about) {
  const slices = m.slices.length, tiles = [];
  const by = m.columns.map(() => Array.from({ length: slices }, () => []));
  for (const b of m.blocks) by[b.c][b.s].push(b);
  const grid = h('div', { class: 'tiles', role: 'group', 'aria-label': 'Blocks by column and slice', style: { 'grid-template-columns': 'minmax(9rem, auto) repeat(' + slices + ', minmax(5.2rem, 1fr))' } },
    h('span', {}), Array.from({ length: slices }, (_, i) => h('strong', { class: 'small soft' }, 'slice ' + i)),
    m.columns.map((c, i) => [
      h('div', { class: 'col' }, c.hidden ? h('span', { class: 'soft' }, c.name) : h('button', { type: 'button', onclick: () => { S.column = i; S.wanted = null; draw(); }, 'aria-label': 'Zone maps of ' + c.name }, c.name), ' ',
        h('span', { class: 'soft' }, c.hidden ? 'hidden' : c.type.replace('character varying', 'varchar').replace(' without time zone', '') + ' ' + c.encoding), ' ',
        c.dist_key ? h('span', { class: 'badge key' }, 'DISTKEY') : null, c.sort_key ? h('span', { class: 'badge key' }, 'SORTKEY ' + c.sort_key) : null),
      by[i].map((list) => h('div', { class: 'strip' }, list.map((b) => {
        const t = h('button', { type: 'button', class: blockClass(m, b), tabindex: tiles.length ? -1 : 0, 'aria-label': blockText(m, b) });
        t.addEventListener('mouseenter', () => { about.textContent = blockText(m, b); });
        t.addEventListener('focus', () => { about.textContent = blockText(m, b); });
        tiles.push(t);
        return t;
      }))),
    ]));
  grid.addEventListener('keydown', (e) => {
    const at = tiles.indexOf(document.activeElement);
    if (at < 0) return;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: below(tiles, at, 1), ArrowUp: below(tiles, at, -1), Home: 0, End: tiles.length - 1 }[e.key];
    if (to === undefined || !tiles[to]) return;
    e.preventDefault();
    tiles[at].tabIndex = -1;
    tiles[to].tabIndex = 0;
    tiles[to].focus();
  });
  return h('div', { class: 'scroll' }, grid);
}

// below finds the nearest tile in the next line of tiles.
function below(tiles, at, way) {
  const r = tiles[at].getBoundingClientRect();
  let best = at, far = Infinity;
  for (let i = at + way; tiles[i]; i += way) {
    const q = tiles[i].getBoundingClientRect(), dy = (q.top - r.top) * way;
    if (dy < 4) continue;
    if (dy > 60) break;
    const d = Math.abs(q.left - r.left) + 3 * dy;
    if (d < far) { far = d; best = i; }
  }
  return best;
}

// zoneChart draws each block of a column as the range of its zone map: ranges that lie apart are what a sort key makes, and what lets a scan skip.
function zoneChart(m, about) {
  if (S.column < 0 || !m.columns[S.column] || m.columns[S.column].hidden) S.column = zoneColumn(m);
  const c = S.column, list = m.blocks.filter((b) => b.c === c && (b.min || b.max) && b.hi >= b.lo).slice(0, 400);
  if (!list.length) return null;
  const row = list.length > 80 ? 8 : 14, left = 84, width = 820, w = width - left - 20, height = list.length * row + 34;
  let last = -1;
  return [
    h('h3', {}, 'Zone maps of ', h('code', {}, m.columns[c].name), ': smallest to largest value of each block'),
    h('div', { class: 'scroll' }, svg('svg', { viewBox: '0 0 ' + width + ' ' + height, width, role: 'img', 'aria-label': 'Ranges of the zone maps of ' + m.columns[c].name + ', ' + list.length + ' blocks' },
      svg('line', { class: 'axis', x1: left, x2: left + w, y1: height - 22, y2: height - 22 }),
      svg('text', { class: 'dim', x: left, y: height - 6 }, extreme(list, 'lo', 'min')), svg('text', { class: 'dim', x: left + w, y: height - 6, 'text-anchor': 'end' }, extreme(list, 'hi', 'max')),
      list.map((b, i) => {
        const label = b.s !== last ? 'slice ' + b.s : null;
        last = b.s;
        const x = left + b.lo * w, y = 4 + i * row;
        return svg('g', { onmouseenter: () => { about.textContent = blockText(m, b); } },
          label ? svg('text', { class: 'dim', x: 2, y: y + 10 }, label) : null, label && i ? svg('line', { class: 'axis', x1: 0, x2: left + w, y1: y - 1, y2: y - 1 }) : null,
          svg('rect', { class: (b.read ? 'b-read' : b.skipped ? 'b-skip' : 'b-idle') + (m.hasKey && !b.sorted ? ' b-un' : ''), x, y, width: Math.max(3, (b.hi - b.lo) * w), height: row - 4, rx: 2 }, svg('title', {}, blockText(m, b))));
      }))),
  ];
}

function extreme(list, key, text) {
  const b = list.reduce((a, x) => (key === 'lo' ? x.lo < a.lo : x.hi > a.hi) ? x : a);
  return b[text];
}

// zoneColumn is the column whose zone maps tell most: the first of the sort key, else one that the query read, else the first.
function zoneColumn(m) {
  const find = (f) => m.columns.findIndex((c) => !c.hidden && f(c));
  for (const f of [(c) => c.sort_key === 1, (c) => c.read, () => true]) if (find(f) >= 0) return find(f);
  return 0;
}

// regionsView is (g): rows by region and those that are only marked deleted, before and after the last statement.
function regionsView() {
  const m = S.blocks;
  if (!m) return [S.overview && S.overview.tables.length ? tableChoice('regions') : null, nothingYet('Choose a table that has rows.')];
  const old = S.before[m.table];
  const total = (x) => ({ rows: sum(x.slices, (s) => s.rows), deleted: sum(x.slices, (s) => s.deleted), sorted: sum(x.slices, (s) => s.sorted), blocks: x.blocks.length + x.cut });
  const changed = old && JSON.stringify(total(old)) !== JSON.stringify(total(m));
  const top = Math.max(most(m.slices, (s) => s.rows), changed ? most(old.slices, (s) => s.rows) : 0, 1);
  const side = (name, x) => {
    const t = total(x), dead = (s) => s.deleted;
    return h('div', {}, h('h3', {}, name), h('p', { class: 'small soft' }, whole(t.rows - t.deleted) + ' rows live, ' + whole(t.deleted) + ' marked deleted' + (m.hasKey ? ', ' + whole(t.rows - t.sorted) + ' in the unsorted region' : '') + ', ' + whole(t.blocks) + ' blocks'),
      x.slices.map((s, i) => h('div', { class: 'slicerow' }, h('span', {}, 'slice ' + i),
        h('div', { class: 'stack', role: 'img', 'aria-label': sliceName(i) + ': ' + whole(s.rows) + ' rows, ' + whole(dead(s)) + ' deleted, ' + whole(s.sorted) + ' sorted', style: { width: 100 * s.rows / top + '%' } }, parts(m, s)),
        h('span', { class: 'num soft' }, whole(s.rows - s.deleted) + (s.deleted ? ' + ' + whole(s.deleted) : '')))));
  };
  return [
    tableChoice('regions'),
    h('h2', {}, 'Regions and deleted rows of ' + m.table),
    h('p', { class: 'soft small' }, 'DELETE only marks rows, with the number of its transaction in the hidden column delete_xid; UPDATE marks the old row and appends the new one. New rows go behind the others, into the unsorted region. ' +
      'VACUUM sorts the rows and drops those that no transaction sees any more. Other sessions see a change when it is committed, and so does this page.'),
    legend(m.hasKey ? ['sorted', 'sorted region'] : ['idle', 'rows (the table has no sort key)'], m.hasKey && ['unsorted', 'unsorted region'], ['deleted', 'marked deleted (they lie anywhere in the slice)']),
    h('div', { class: 'two' }, changed ? side('Before the last statement', old) : null, side(changed ? 'After it' : 'Now', m)),
  ];
}

// parts are the stretches of a slice's bar. Where in the regions the deleted rows lie is not drawn.
function parts(m, s) {
  const live = s.rows - s.deleted, sorted = m.hasKey ? s.sorted : 0, w = (n) => ({ width: s.rows ? 100 * n / s.rows + '%' : '0' });
  const keep = s.rows ? live / s.rows : 0;
  return [m.hasKey ? h('i', { class: 'k-sorted', style: w(sorted * keep) }) : h('i', { class: 'k-idle', style: w(live) }), m.hasKey ? h('i', { class: 'k-unsorted', style: w((s.rows - sorted) * keep) }) : null, h('i', { class: 'k-deleted', style: w(s.deleted) })];
}
