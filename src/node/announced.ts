import { LariatError } from '../util/errors.ts'

/**
 * Where others reach this node: what is announced, else what is listened on, if that is an address.
 * @throws LariatError `config.announce`
 */
export function announcedAddresses({
  announce,
  listen,
}: {
  readonly announce: readonly string[]
  readonly listen: readonly string[]
}): readonly string[] {
  const addresses = announce.length > 0 ? announce : listen
  if (addresses.some((text) => /^\/(ip4\/0\.0\.0\.0|ip6\/::)\//.test(text) || text.endsWith('/tcp/0'))) {
    throw new LariatError(
      'config.announce',
      'p2p.announce is empty and p2p.listen names no address that others could dial: set p2p.announce to where they reach this node, such as /dns4/node.example/tcp/9510',
    )
  }
  return addresses
}
