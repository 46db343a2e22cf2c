import type mcl from 'mcl-wasm'
import { LariatError } from '../../util/errors.ts'

/**
 * mcl in WebAssembly does the arithmetic of round signatures: blst's packages for Node speak signatures in G2 only. Points of these
 * types that leave `points.ts` are validated; inside this folder and bls/secret alone are they made otherwise.
 */
export type { Fp, Fr, G1, G2, GT, PrecomputedG2 } from 'mcl-wasm'

type Library = typeof mcl

let loaded: Library | undefined
let starting: Promise<void> | undefined

/**
 * Loads the library, once in a process: some 50 ms of CPU, which commands that need none of it are spared. Everything else in this
 * folder wants it done.
 */
export function startThreshold(): Promise<void> {
  starting ??= load()
  return starting
}

async function load(): Promise<void> {
  // a CommonJS module: Node and the bundle give it as the default export, the loader of tests as names
  const module: Library & { readonly default?: Library } = await import('mcl-wasm')
  const library = module.default ?? module
  await library.init(library.BLS12_381)
  library.setETHserialization(true) // big-endian, compressed as everybody has it
  library.setMapToMode(library.IRTF) // RFC 9380
  loaded = library
}

/** The library. @throws LariatError `bls.not-started` */
export function library(): Library {
  if (loaded === undefined) {
    throw new LariatError('bls.not-started', 'threshold signatures are used before startThreshold() was awaited')
  }
  return loaded
}

/** Lets other work of the event loop run between two pieces of a long computation. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Awaited between two pieces of a computation. */
export type Rest = () => Promise<void>

/** Longest that a computation in pieces holds the event loop before it lets others run, ms: two pairings' time. */
const PIECE_MS = 10

/**
 * For a long computation: call it between its pieces, of which none should take longer than a pairing. It lets other work of the
 * event loop run once `PIECE_MS` have passed since it last did.
 */
export function inPieces(): Rest {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < PIECE_MS) return
    await breathe()
    since = performance.now()
  }
}
