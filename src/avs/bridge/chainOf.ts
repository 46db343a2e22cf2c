import { LariatError } from 'lariat/avs'

/** The chain of that name among those that the node follows. @throws LariatError `bridge.chain` when the node does not follow it */
export function chainOf<C>(chains: ReadonlyMap<string, C>, name: string): C {
  const chain = chains.get(name)
  if (chain !== undefined) return chain
  const known = [...chains.keys()].join(', ')
  throw new LariatError(
    'bridge.chain',
    `services: a mailbox of the bridge is on chain ${name}, and the node follows ${known}: add ${name} to the section chains`,
    { chain: name },
  )
}
