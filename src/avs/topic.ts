import type { Domain } from '../types/statement.ts'
import { WIRE_VERSION } from '../types/wire/limits.ts'
import type { Hex } from '../util/hex.ts'

/** Topic of a service: version of the wire format, chain, contract, service. */
export function topicOf(domain: Domain, service: Hex): string {
  return `/lariat/${WIRE_VERSION}/${domain.chainId}/${domain.serviceManager.toLowerCase()}/${service.slice(2, 18)}`
}
