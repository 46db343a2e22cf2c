import { h, svg } from './dom.ts'

/** Width of a column and height of a row, pixels; the last one is the gap. */
const CELL = 8
const GAP = 2
const ROW = 14
const BARS = 44

export type Presence = 'present' | 'absent' | 'none'

export interface Column {
  /** Height of the bar, 0 to 1; undefined for none. */
  readonly bar: number | undefined
  readonly kind: 'ok' | 'landed' | 'missed'
  /** Of each row. */
  readonly rows: readonly Presence[]
  /** What it is, in words. */
  readonly words: string
}

export interface RowLabel {
  readonly text: string
  readonly title: string
  readonly note: string
}

export interface MatrixData {
  readonly rows: readonly RowLabel[]
  /** Oldest first; as many of the newest as there is room for are drawn. */
  readonly columns: readonly Column[]
  /** What it shows, in words. */
  readonly label: string
}

export interface Matrix {
  readonly element: HTMLElement
  draw(data: MatrixData): void
}

/** Columns of time: bars on top, and below who took part. Shapes are one path of each kind, however many there are. */
export function matrix(hasBars: boolean): Matrix {
  const labels = h('div', { class: hasBars ? 'labels under-bars' : 'labels' })
  const picture = svg('svg', { role: 'img' })
  const plot = h('div', { class: 'plot' }, picture)
  const words = h('p', { class: 'words muted', 'aria-hidden': 'true' }, '\u00a0')
  const element = h('div', { class: 'matrix' }, labels, plot, words)
  const top = hasBars ? BARS + GAP : 0
  let data: MatrixData | undefined
  let shown: readonly Column[] = []

  function draw(): void {
    if (data === undefined || plot.clientWidth === 0) return
    const fits = Math.max(1, Math.floor(plot.clientWidth / (CELL + GAP)))
    shown = data.columns.slice(-fits)
    const paths: Record<string, string> = {}
    const add = (kind: string, path: string) => {
      paths[kind] = (paths[kind] ?? '') + path
    }
    for (const [i, column] of shown.entries()) {
      const x = i * (CELL + GAP)
      if (column.kind === 'missed') add('missed', box(x, 0, CELL, top - GAP + data.rows.length * ROW - GAP))
      else if (column.bar !== undefined) {
        const height = Math.max(2, Math.round(column.bar * BARS))
        add(column.kind, box(x, BARS - height, CELL, height))
      }
      if (column.kind === 'missed' && hasBars) continue
      for (const [row, presence] of column.rows.entries()) {
        const y = top + row * ROW
        if (presence === 'present') add('present', box(x, y, CELL, ROW - 2 * GAP))
        if (presence === 'absent') add('absent', cross(x, y, CELL, ROW - 2 * GAP))
      }
    }
    const height = top + data.rows.length * ROW
    picture.setAttribute('width', String(plot.clientWidth))
    picture.setAttribute('height', String(height))
    picture.setAttribute('aria-label', data.label)
    picture.replaceChildren(...Object.entries(paths).map(([kind, d]) => svg('path', { class: kind, d })))
  }

  plot.addEventListener('pointermove', (event) => {
    const column = shown[Math.floor(event.offsetX / (CELL + GAP))]
    words.textContent = column?.words ?? '\u00a0'
  })
  plot.addEventListener('pointerleave', () => {
    words.textContent = '\u00a0'
  })
  new ResizeObserver(draw).observe(plot)

  return {
    element,
    draw(next) {
      data = next
      labels.replaceChildren(
        ...next.rows.map(({ text, title, note }) =>
          h('div', { class: 'label', title }, h('span', { class: 'mono' }, text), h('span', { class: 'muted' }, note)),
        ),
      )
      draw()
    },
  }
}

const box = (x: number, y: number, width: number, height: number) => `M${x} ${y}h${width}v${height}h${-width}z`
/** An empty box with a stroke through it: absence is seen without its colour. */
const cross = (x: number, y: number, width: number, height: number) =>
  `M${x + 0.75} ${y + 0.75}h${width - 1.5}v${height - 1.5}h${1.5 - width}zM${x + 1} ${y + height - 1}L${x + width - 1} ${y + 1}`
