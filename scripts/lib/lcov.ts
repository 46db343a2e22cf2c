/** Lines of one file that could run, and those that did not. */
export interface FileCoverage {
  readonly path: string
  readonly lines: number
  readonly missed: readonly number[]
}

/**
 * Reads a tracefile of lcov: records of `SF:path`, `DA:line,hits` and `end_of_record`. A line counts once per file.
 * Files without a line that could run, such as interfaces, are left out.
 */
export function readLcov(text: string): FileCoverage[] {
  return text
    .split('end_of_record')
    .map((record) => {
      const path = /^SF:(.+)$/m.exec(record)?.[1] ?? ''
      const hits = new Map<number, number>()
      for (const [, line, count] of record.matchAll(/^DA:(\d+),(\d+)/gm)) {
        hits.set(Number(line), (hits.get(Number(line)) ?? 0) + Number(count))
      }
      const missed = [...hits].filter(([, count]) => count === 0).map(([line]) => line)
      return { path, lines: hits.size, missed: missed.sort((a, b) => a - b) }
    })
    .filter(({ lines }) => lines > 0)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Per cent of all lines of `files` that ran, 0 to 100; 0 if there is none. */
export function coveredPercent(files: readonly FileCoverage[]): number {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  const missed = files.reduce((sum, file) => sum + file.missed.length, 0)
  return lines === 0 ? 0 : (100 * (lines - missed)) / lines
}

/** One line per file: per cent, lines that ran of all, path, and the lines that did not; then the sum. */
export function renderCoverage(files: readonly FileCoverage[]): string {
  const row = (list: readonly FileCoverage[], name: string, missed: readonly number[]) => {
    const lines = list.reduce((sum, file) => sum + file.lines, 0)
    const ran = lines - list.reduce((sum, file) => sum + file.missed.length, 0)
    const figures = `${coveredPercent(list).toFixed(2).padStart(6)} % ${`${ran}/${lines}`.padStart(11)}  ${name}`
    return missed.length === 0 ? figures : `${figures}  not: ${missed.join(' ')}`
  }
  return [...files.map((file) => row([file], file.path, file.missed)), row(files, 'in all', [])].join('\n')
}
