/**
 * The shapes by which commands and plug-ins say what JSON they print, in words that programs can check:
 *
 *     { name, count: number, kind: "a" | "b", note?, inner: { … } | null, list: [{ … }], byName: { [name]: number } }
 *
 * A key alone stands for one plain value: a text, a number, a boolean or null. After a shape there may be words, and another shape
 * that the value can have instead.
 */
export type Shape =
  | { readonly kind: 'object'; readonly fields: readonly Field[]; readonly rest: Shape | undefined }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'either'; readonly of: readonly Shape[] }
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'word'; readonly word: Word }

interface Field {
  readonly name: string
  readonly optional: boolean
  readonly shape: Shape
}

const WORDS = ['text', 'file', 'decimal', 'hex', 'number', 'boolean', 'null', 'any', 'plain'] as const
type Word = (typeof WORDS)[number]

const PLAIN: Shape = { kind: 'word', word: 'plain' }
const TOKEN = /\s*([{}[\],:|?]|"[^"]*"|[\p{L}_][\p{L}\p{N}_-]*|\d+)/uy

/** All shapes of a text, of which a value must have one. @throws SyntaxError */
export function shapesIn(text: string): readonly Shape[] {
  const shapes: Shape[] = []
  for (let at = nextShape(text, 0); at >= 0; ) {
    const parser = new Parser(text, at)
    shapes.push(parser.either())
    at = nextShape(text, parser.at)
  }
  if (shapes.length === 0) throw new SyntaxError(`no shape in: ${text}`)
  return shapes
}

const nextShape = (text: string, from: number) => {
  const found = text.slice(from).search(/[{[]/)
  return found < 0 ? -1 : from + found
}

class Parser {
  readonly #text: string
  at: number

  constructor(text: string, at: number) {
    this.#text = text
    this.at = at
  }

  either(): Shape {
    const of = [this.#one()]
    while (this.#has('|')) of.push(this.#one())
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'either', of }
  }

  #one(): Shape {
    const token = this.#take()
    if (token === '{') return this.#object()
    if (token === '[') {
      const of = this.either()
      this.#need(']')
      return { kind: 'list', of }
    }
    if (token.startsWith('"')) return { kind: 'literal', value: token.slice(1, -1) }
    if (/^\d/.test(token)) return { kind: 'literal', value: Number(token) }
    const word = WORDS.find((one) => one === token)
    if (word === undefined) throw this.#wrong(`"${token}" is no shape; there are ${WORDS.join(', ')}`)
    return { kind: 'word', word }
  }

  #object(): Shape {
    const fields: Field[] = []
    let rest: Shape | undefined
    if (this.#has('}')) return { kind: 'object', fields, rest }
    do {
      if (this.#has('[')) {
        this.#take()
        this.#need(']')
        this.#need(':')
        rest = this.either()
        continue
      }
      const name = this.#take()
      if (!/^[\p{L}_]/u.test(name)) throw this.#wrong(`"${name}" is no name of a field`)
      const optional = this.#has('?')
      fields.push({ name, optional, shape: this.#has(':') ? this.either() : PLAIN })
    } while (this.#has(','))
    this.#need('}')
    return { kind: 'object', fields, rest }
  }

  #peek(): string | undefined {
    TOKEN.lastIndex = this.at
    return TOKEN.exec(this.#text)?.[1]
  }

  #take(): string {
    const token = this.#peek()
    if (token === undefined) throw this.#wrong('a shape is not whole')
    this.at = TOKEN.lastIndex
    return token
  }

  #has(token: string): boolean {
    if (this.#peek() !== token) return false
    this.#take()
    return true
  }

  #need(token: string): void {
    const found = this.#take()
    if (found !== token) throw this.#wrong(`expected ${token} and found ${found}`)
  }

  #wrong(what: string): SyntaxError {
    return new SyntaxError(`${what}, before: ${this.#text.slice(this.at, this.at + 60)}`)
  }
}

/** In what a JSON value differs from all the shapes of a text; empty when it has one of them. */
export function differences(value: unknown, text: string): readonly string[] {
  const tried = shapesIn(text).map((shape) => [...differing(value, shape, '')])
  if (tried.some((found) => found.length === 0)) return []
  // the nearest one says most
  return tried.reduce((best, found) => (found.length < best.length ? found : best))
}

function* differing(value: unknown, shape: Shape, at: string): Generator<string> {
  const here = at === '' ? 'the value' : at
  if (shape.kind === 'either') {
    const tried = shape.of.map((one) => [...differing(value, one, at)])
    if (tried.every((found) => found.length > 0)) yield* tried.reduce((a, b) => (b.length < a.length ? b : a))
  } else if (shape.kind === 'literal') {
    if (value !== shape.value) yield `${here} is ${shown(value)}, not ${shown(shape.value)}`
  } else if (shape.kind === 'word') {
    if (!isWord(value, shape.word)) yield `${here} is ${shown(value)}, and no ${shape.word}`
  } else if (shape.kind === 'list') {
    if (!Array.isArray(value)) yield `${here} is ${shown(value)}, and no list`
    else for (const [i, item] of value.entries()) yield* differing(item, shape.of, `${at}[${i}]`)
  } else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield `${here} is ${shown(value)}, and no object`
  } else yield* differingFields(value as Readonly<Record<string, unknown>>, shape, at)
}

function* differingFields(
  value: Readonly<Record<string, unknown>>,
  { fields, rest }: Extract<Shape, { kind: 'object' }>,
  at: string,
): Generator<string> {
  const path = (name: string) => (at === '' ? name : `${at}.${name}`)
  for (const { name, optional, shape } of fields) {
    if (Object.hasOwn(value, name)) yield* differing(value[name], shape, path(name))
    else if (!optional) yield `${path(name)} is missing`
  }
  for (const name of Object.keys(value)) {
    if (fields.some((field) => field.name === name)) continue
    if (rest === undefined) yield `${path(name)} is not in the shape`
    else yield* differing(value[name], rest, path(name))
  }
}

function isWord(value: unknown, word: Word): boolean {
  if (word === 'any') return true
  if (word === 'plain') return value === null || ['string', 'number', 'boolean'].includes(typeof value)
  if (word === 'null') return value === null
  if (word === 'number' || word === 'boolean') return typeof value === word
  if (typeof value !== 'string') return false
  return word === 'decimal' ? /^-?\d+$/.test(value) : word === 'hex' ? /^0x([0-9a-f]{2})*$/i.test(value) : true
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
