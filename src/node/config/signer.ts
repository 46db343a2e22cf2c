import * as z from 'zod'
import { pathSchema } from './path.ts'

/**
 * The section `signer`: where the remote signer is, and the certificates of both sides.
 * @param folder relative paths are relative to it
 */
export function remoteSignerSchema(folder: string) {
  return z.strictObject({
    url: z
      .string()
      .max(2_048)
      .refine((text) => isOrigin(text), 'expected https://host:port, without a path')
      .meta({ description: 'Where the remote signer listens', examples: ['https://signer.internal:9530'] }),
    tls: tlsSchema(folder, {
      ca: 'Certificate that the signer must show, or that of the authority which signed it',
      cert: 'Certificate that this node shows to the signer',
      example: { ca: './tls/signer.crt', cert: './tls/node.crt', key: './tls/node.key' },
    }),
  })
}

/** PEM files of one side of a connection with mutual TLS. */
export function tlsSchema(
  folder: string,
  about: { readonly ca: string; readonly cert: string; readonly example: Record<'ca' | 'cert' | 'key', string> },
) {
  const path = () => pathSchema(folder)
  const { example } = about
  return z.strictObject({
    ca: path().meta({ description: about.ca, examples: [example.ca] }),
    cert: path().meta({ description: about.cert, examples: [example.cert] }),
    key: path().meta({
      description: 'Its key, PEM, not encrypted, readable by its owner only',
      examples: [example.key],
    }),
  })
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname, search, hash, username, password } = new URL(text)
  return protocol === 'https:' && [pathname === '/' ? '' : pathname, search, hash, username, password].join('') === ''
}
