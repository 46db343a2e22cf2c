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

/**
 * A market feed as Chainlink's, with 18 decimals. Called with 64 bytes: stores the answer and its Unix second. `decimals()`
 * returns 18, any other call what `latestRoundData()` does: 1, the answer, the second, the second, 1.
 * CALLDATASIZE 64 EQ JUMPI 0x33; selector EQ JUMPI 0x3f; five times MSTORE, RETURN; at 0x33 SSTORE twice; at 0x3f MSTORE RETURN.
 */
export const marketFeed = deploying(
  `366040146033575f3560e01c63${selector('decimals()')}14603f57` +
    '60015f52' +
    '5f54602052' +
    '600154604052' +
    '600154606052' +
    '6001608052' +
    '60a05ff3' +
    '5b5f355f5560203560015500' +
    '5b60125f5260205ff3',
)
export const setMarketCall = (answer: bigint, second: bigint): Hex =>
  `0x${[answer, second].map((word) => word.toString(16).padStart(64, '0')).join('')}`

/**
 * A recipient of messages that counts: `handle(uint32,bytes32,bytes)` adds one at keccak256 of the body, and one at word zero,
 * which counts all. Called with 32 bytes: returns what that word has. Anything else that is short, as `interchainSecurityModule()`:
 * nothing. CALLDATASIZE 32 EQ JUMPI 0x28; CALLDATASIZE < 132 JUMPI 0x26; CALLDATACOPY of the body, KECCAK256; SLOAD ADD SSTORE
 * twice; at 0x26 STOP; at 0x28 CALLDATALOAD SLOAD MSTORE RETURN.
 */
export const countingInbox = deploying(
  '3660201460285760843610602657' +
    '6064358060845f375f20' +
    '80546001019055' +
    '5f546001015f55' +
    '5b005b5f35545f5260205ff3',
)

export const errorsAbi = parseAbi(['error NotYet()', 'error AlreadyTaken()'])
