import { inspect } from 'node:util'

const REDACTED = '[secret]'

/**
 * Holds a password or a key so that it cannot be printed by accident: text, JSON, inspect and template strings show
 * "[secret]". Only `reveal` gives the value; call it where it is used, never where it might be logged.
 */
export class Secret<T extends string | Uint8Array> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [Symbol.toPrimitive](): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}
