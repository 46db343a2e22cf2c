import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeCertificate } from '../../signer/remote/certificate.ts'
import { writeCertificate } from '../../signer/remote/tls.ts'
import { LariatError } from '../../util/errors.ts'

/** How long certificates hold: long, as whoever holds one side's key holds that machine; short enough that they are made anew some day. */
const DAYS = 3_650
/** Names and addresses of one signer. */
const MAX_HOSTS = 16

/** What was made: files and fingerprints (SHA-256). */
export interface MadeCertificates {
  readonly signer: { readonly cert: string; readonly key: string; readonly fingerprint: string }
  readonly node: { readonly cert: string; readonly key: string; readonly fingerprint: string }
}

/**
 * Makes the certificates of a signer and of its node, each self-signed: either side holds the other's.
 * @param hosts names and IP addresses under which the node reaches the signer
 * @param now ms since the epoch
 * @throws LariatError `usage.host`, `file.exists`; nothing is ever replaced
 */
export async function createCertificates(
  folder: string,
  hosts: readonly string[],
  now: number,
): Promise<MadeCertificates> {
  checkHosts(hosts)
  const made = {
    signer: { use: 'server', commonName: 'lariat signer', hosts },
    node: { use: 'client', commonName: 'lariat node', hosts: [] },
  } as const
  const filesOf = (name: string) => ({
    cert: resolve(join(folder, `${name}.crt`)),
    key: resolve(join(folder, `${name}.key`)),
  })
  for (const name of ['signer', 'node']) {
    const there = Object.values(filesOf(name)).find((file) => existsSync(file))
    if (there !== undefined) {
      throw new LariatError(
        'file.exists',
        `${there} exists and is not replaced: choose another folder, or move it away`,
        {
          file: there,
        },
      )
    }
  }
  const make = async (name: keyof typeof made) => {
    const files = filesOf(name)
    const certificate = makeCertificate({ ...made[name], now, days: DAYS })
    await writeCertificate(files, certificate)
    return { ...files, fingerprint: certificate.fingerprint }
  }
  return { signer: await make('signer'), node: await make('node') }
}

function checkHosts(hosts: readonly string[]): void {
  const wrong = hosts.find(
    (host) => host.length > 253 || !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$|^[0-9a-fA-F:]{2,45}$/.test(host),
  )
  if (wrong !== undefined || hosts.length === 0 || hosts.length > MAX_HOSTS) {
    throw new LariatError(
      'usage.host',
      `--host ${wrong ?? ''}: give the names or IP addresses (1 to ${MAX_HOSTS}) under which the node reaches the signer, without a port`,
    )
  }
}
