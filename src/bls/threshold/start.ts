import mcl from 'mcl-wasm'
import { LariatError } from '../../util/errors.ts'

/**
 * mcl in WebAssembly does the arithmetic of round signatures: blst's packages for Node speak signatures in G2 only. Points of these
 * types that leave `points.ts` are validated; inside this folder and bls/secret alone are they made otherwise.
 */
export type { Fp, Fr, G1, G2, GT, PrecomputedG2 } from 'mcl-wasm'

let ready = false
let starting: Promise<void> | undefined

/** Loads the library, once in a process: some 50 ms of CPU. Everything else in this folder wants it done. */
export function startThreshold(): Promise<void> {
  starting ??= load()
  return starting
}

async function load(): Promise<void> {
  await mcl.init(mcl.BLS12_381)
  mcl.setETHserialization(true) // big-endian, compressed as everybody has it
  mcl.setMapToMode(mcl.IRTF) // RFC 9380
  ready = true
}

/** The library. @throws LariatError `bls.not-started` */
export function library(): typeof mcl {
  if (!ready) {
    throw new LariatError('bls.not-started', 'threshold signatures are used before startThreshold() was awaited')
  }
  return mcl
}

/** Lets other work of the event loop run between two pieces of a long computation. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
