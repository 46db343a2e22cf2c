import type { Colour } from '../../util/colours.ts'

/** One thing that is told: what it is about, and how that stands. */
export interface Row {
  readonly about: string
  readonly text: string
  /** Of the text. */
  readonly colour?: Colour | undefined
  /** Whether it belongs to the row above. */
  readonly isPart?: boolean
}

export type Paint = (colour: Colour, text: string) => string

/** Columns between what a row is about and its text. */
const GAP = 2
/** What a text has at the least, characters, however narrow the terminal. */
const MIN_TEXT = 30

/** Rows with their texts in one column; what is longer than `width` goes on below itself. */
export function rowLines(rows: readonly Row[], width: number, paint: Paint): string[] {
  const labels = rows.map(({ about, isPart }) => (isPart === true ? `  ${about}` : about))
  const column = Math.max(0, ...labels.map(({ length }) => length)) + GAP
  return rows.flatMap(({ text, colour }, i) =>
    wrapped(text, Math.max(MIN_TEXT, width - column)).map((line, nth) => {
      const label = (nth === 0 ? (labels[i] ?? '') : '').padEnd(column)
      return `${label}${colour === undefined ? line : paint(colour, line)}`.trimEnd()
    }),
  )
}

/** Lines of at most `width` characters; a word that is longer has a line of its own. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}
