/** A query that cannot be answered: told to the client, not logged. */
export class BadQuery extends Error {}

/** A query read strictly: a parameter that is unknown, doubled or malformed is an error, not ignored. */
export class Query {
  readonly #values: URLSearchParams

  /** @throws BadQuery */
  constructor(values: URLSearchParams, known: readonly string[]) {
    for (const key of new Set(values.keys())) {
      if (!known.includes(key)) {
        const may = known.length === 0 ? 'none is taken here' : `use ${known.join(', ')}`
        throw new BadQuery(`unknown parameter "${key.slice(0, 40)}": ${may}`)
      }
      if (values.getAll(key).length > 1) throw new BadQuery(`parameter "${key}" is there twice`)
    }
    this.#values = values
  }

  /** A slot, undefined when it is not given. @throws BadQuery */
  slot(key: string): bigint | undefined {
    const text = this.#values.get(key)
    if (text === null) return undefined
    if (!/^\d{1,18}$/.test(text)) throw new BadQuery(`${key}=${text.slice(0, 40)}: expected a slot, a whole number`)
    return BigInt(text)
  }

  /** A number from 1 to `most`, `fallback` when it is not given. @throws BadQuery */
  limit(key: string, fallback: number, most: number): number {
    const text = this.#values.get(key)
    if (text === null) return fallback
    const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
    if (value < 1 || value > most) throw new BadQuery(`${key}=${text.slice(0, 40)}: expected 1 to ${most}`)
    return value
  }
}
