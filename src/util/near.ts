/** Characters of a text that are compared: what people type is shorter. */
const MAX_LENGTH = 64

/** Levenshtein distance; texts are short, so the plain quadratic form does. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= Math.min(a.length, MAX_LENGTH); i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The at most `count` of `known` that are nearest to what was typed, nearest first: few letters off, or a part of it. */
export function nearest(typed: string, known: readonly string[], count: number): string[] {
  const text = typed.toLowerCase()
  return known
    .map((one) => ({ one, far: farness(text, one.toLowerCase()) }))
    .filter(({ one, far }) => far <= Math.max(2, Math.ceil(Math.max(text.length, one.length) / 3)))
    .sort((a, b) => a.far - b.far)
    .slice(0, count)
    .map(({ one }) => one)
}

function farness(text: string, one: string): number {
  return text.length > 2 && one.includes(text) ? 1 : distance(text, one)
}
