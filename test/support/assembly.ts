import { parseAbi, toEventSelector, toFunctionSelector } from 'viem'
import type { Hex } from '../../src/util/hex.ts'

/** Code that deploys `runtime`. */
const deploying = (runtime: string): Hex =>
  `0x60${(runtime.length / 2).toString(16).padStart(2, '0')}8060095f395ff3${runtime}`

const selector = (signature: string) => toFunctionSelector(signature).slice(2)
/** PUSH4 selector, PUSH0, MSTORE, PUSH1 4, PUSH1 28, REVERT */
const revertWith = (signature: string) => `63${selector(signature)}5f526004601cfd`

/** Whatever it is called with: first the topic, then the data of a log. Emits `Ping(uint256 n)` when called so. */
export const emitter = deploying('602036038060205f375f35905fa100')
export const emitterAbi = parseAbi(['event Ping(uint256 n)'])
export const pingCall = (n: bigint): Hex => `${toEventSelector('Ping(uint256)')}${n.toString(16).padStart(64, '0')}`

/** Called with a Unix second: reverts `NotYet()` in blocks before it. */
export const gate = deploying(`5f354210600857005b${revertWith('NotYet()')}`)
export const gateCall = (second: number): Hex => `0x${second.toString(16).padStart(64, '0')}`

/** The first call takes it; later ones revert `AlreadyTaken()`. */
export const prize = deploying(`5f54600a5760015f55005b${revertWith('AlreadyTaken()')}`)

/** Never ends. */
export const loop = deploying('5b5f56')

/**
 * Called with 32 bytes: stores them and emits `Ping(uint256 n)` with them. Called with a selector alone: returns what is
 * stored, as `value()` does. CALLDATASIZE 4 EQ JUMPI; CALLDATALOAD DUP SSTORE MSTORE LOG1 STOP; SLOAD MSTORE RETURN.
 */
export const keeper = deploying(
  `600436146034575f35805f555f527f${toEventSelector('Ping(uint256)').slice(2)}60205fa1005b5f545f5260205ff3`,
)
export const keeperAbi = parseAbi(['event Ping(uint256 n)', 'function value() view returns (uint256)'])
export const keepCall = (n: bigint): Hex => `0x${n.toString(16).padStart(64, '0')}`

export const errorsAbi = parseAbi(['error NotYet()', 'error AlreadyTaken()'])
