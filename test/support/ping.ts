import { encodeEventTopics, parseAbi } from 'viem'
import type { Address } from '../../src/util/hex.ts'
import type { FakeLog } from './fakeNode.ts'

export const address: Address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
export const abi = parseAbi(['event Ping(uint256 indexed n)'])

/** A log of the event Ping. */
export function ping(n: bigint): FakeLog {
  const [topic, argument] = encodeEventTopics({ abi, eventName: 'Ping', args: { n } })
  return { address, topics: [topic, argument as `0x${string}`] }
}
