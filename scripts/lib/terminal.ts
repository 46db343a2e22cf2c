/** A character on a terminal, and its colour as CSS has it. */
export interface Cell {
  readonly character: string
  readonly colour: string
}

const ESCAPE = '\u001b'
const PLAIN = '#c9d1d9'
/** Colours that a testnet's screen uses, by the number that sets them. */
const COLOURS: Readonly<Record<string, string>> = {
  '0': PLAIN,
  '2': '#8b949e',
  '22': PLAIN,
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#d29922',
  '39': PLAIN,
  '90': '#8b949e',
}
/** A control sequence, or one character. */
const PIECE = new RegExp(
  String.raw`${ESCAPE}\[(?<parameter>[?\d;]*)(?<command>[A-Za-z])|${ESCAPE}[()][A-Z0-9]|(?<character>[\s\S])`,
  'gu',
)
/** Pixels. */
const [CHARACTER, LINE, MARGIN] = [9, 18, 20]

/** A testnet's table is drawn over the one before: cursor up, and all below erased. */
const REDRAW = new RegExp(String.raw`${ESCAPE}\[\d+A${ESCAPE}\[J`, 'g')

/**
 * A testnet's output until its last table was drawn whole: where it was cut off, or its end, is no picture.
 * @throws Error when it has no table
 */
export function untilLastTable(output: string): string {
  const from = output.indexOf('Markets of staked tokens')
  const last = [...output.matchAll(REDRAW)].at(-1)
  if (from < 0 || last === undefined) throw new Error('the recording shows no table of a testnet')
  return output.slice(from, last.index)
}

/** What a terminal of endless height shows after `output`, up to the last line that is not empty. Knows what listr and a testnet's table write, and nothing else. */
export function screenOf(output: string): readonly (readonly Cell[])[] {
  const rows: Cell[][] = []
  let [row, column, colour] = [0, 0, PLAIN]
  const line = (): Cell[] => {
    while (rows.length <= row) rows.push([])
    return rows[row] ?? []
  }
  const control = (command: string, parameter: string): void => {
    const count = Number(parameter) || 1
    if (command === 'A') row = Math.max(0, row - count)
    else if (command === 'B') row += count
    else if (command === 'G') column = count - 1
    else if (command === 'm') for (const part of parameter.split(';')) colour = COLOURS[part || '0'] ?? colour
    else if (command === 'K') line().splice(parameter === '2' ? 0 : column)
    else if (command === 'J') {
      line().splice(column)
      rows.splice(row + 1)
    }
  }
  for (const { groups } of output.matchAll(PIECE)) {
    const { parameter = '', command, character } = groups ?? {}
    if (command !== undefined) control(command, parameter)
    else if (character === '\r') column = 0
    else if (character === '\n') {
      row += 1
      column = 0
    } else if (character !== undefined) {
      const cells = line()
      while (cells.length < column) cells.push({ character: ' ', colour: PLAIN })
      cells[column] = { character, colour }
      column += 1
    }
  }
  while (rows.at(-1)?.length === 0) rows.pop()
  return rows
}

/** The screen as a picture; what is beyond `columns` is cut off, as a terminal does. */
export function svgOf(title: string, rows: readonly (readonly Cell[])[], columns: number): string {
  const [width, height] = [columns * CHARACTER + 2 * MARGIN, rows.length * LINE + 2 * MARGIN]
  const lines = rows.map((cells, i) => {
    const spans = runsOf(cells.slice(0, columns)).map(
      ({ at, colour, text }) => `<tspan x="${MARGIN + at * CHARACTER}" fill="${colour}">${escaped(text)}</tspan>`,
    )
    return `<text y="${MARGIN + 10 + i * LINE}" xml:space="preserve">${spans.join('')}</text>\n`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14.5"><title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n${lines.join('')}</svg>\n`,
  ].join('')
}

interface Run {
  /** Column of its first character. */
  readonly at: number
  readonly colour: string
  text: string
}

function runsOf(cells: readonly Cell[]): Run[] {
  const runs: Run[] = []
  for (const [at, { character, colour }] of cells.entries()) {
    const last = runs.at(-1)
    if (last?.colour === colour) last.text += character
    else runs.push({ at, colour, text: character })
  }
  return runs
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
