import { isIP } from 'node:net'

/**
 * Whether a request was asked for by a name of ours. A page elsewhere can have its own name resolve to 127.0.0.1 and then read what
 * a server on loopback answers to anybody (DNS rebinding); it cannot have its browser say another name than its own.
 * @param header the request's `Host`; browsers always send one
 * @param bound the address that the server listens on: others than loopback are open to whoever reaches them
 * @param names further ones that it has
 */
export function isOwnHost(header: string | undefined, bound: string, names: readonly string[]): boolean {
  if (header === undefined || !isLoopback(bound)) return true
  const host = header
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/^\[(.*)\]$/, '$1')
  return isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost') || names.includes(host)
}

const isLoopback = (address: string) => address === 'localhost' || address === '::1' || /^127\./.test(address)
