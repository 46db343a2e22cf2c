import { dirname, resolve } from 'node:path'
import * as z from 'zod'
import { address } from '../../avs/api.ts'
import type { Hex } from '../../util/hex.ts'
import { withEnvironment } from '../config/environment.ts'
import { keyFilesSchema } from '../config/keyFiles.ts'
import { invalid, parseYaml, readBounded } from '../config/load.ts'
import { logSchema } from '../config/log.ts'
import { checkPasswords } from '../config/passwords.ts'
import { pathSchema } from '../config/path.ts'
import { problemsOf } from '../config/problems.ts'
import { tlsSchema } from '../config/signer.ts'

/** ServiceManagers of one operator. */
const MAX_CONTRACTS = 32

/**
 * The schema of a remote signer's configuration file.
 * @param folder relative paths are relative to it
 */
export function signerConfigSchema(folder: string) {
  const path = () => pathSchema(folder)

  return z.strictObject({
    dataDir: path().meta({
      description:
        'Folder of what this signer must remember: its record of what it signed. Never run two signers on copies of it',
      examples: ['./data'],
    }),
    listen: z
      .strictObject({
        host: z
          .string()
          .min(1)
          .max(253)
          .default('127.0.0.1')
          .meta({ description: 'Address to listen on', examples: ['10.0.0.2'] }),
        port: z
          .int()
          .min(0)
          .max(65_535)
          .default(9530)
          .meta({ description: 'Its port; 0 takes a free one, written to dataDir/signer.json', examples: [9530] }),
      })
      .prefault({}),
    tls: tlsSchema(folder, {
      ca: 'Certificate of the node that may ask; several may follow each other in the file',
      cert: 'Certificate that this signer shows',
      example: { ca: './tls/node.crt', cert: './tls/signer.crt', key: './tls/signer.key' },
    }),
    operator: z.strictObject({
      address: address().meta({
        description: 'The operator whose statements are signed',
        examples: ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
      }),
    }),
    chain: z.strictObject({
      id: z
        .int()
        .positive()
        .meta({ description: 'Chain id that statements name', examples: [1] }),
      genesisHash: z
        .string()
        .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes of hexadecimal')
        .transform((text) => text as Hex)
        .meta({
          description: 'Hash of its block 0, as in the deployment file: two chains of one id must not share a record',
          examples: ['0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3'],
        }),
    }),
    contracts: z
      .array(address())
      .min(1, 'expected at least one ServiceManager')
      .max(MAX_CONTRACTS)
      .meta({
        description: 'ServiceManagers whose statements are signed; all others are refused',
        examples: [['0x5FbDB2315678afecb367f032d93F642f64180aa3']],
      }),
    keys: z.strictObject({
      bls: keyFilesSchema(folder, 'EIP-2335').meta({ description: 'The key that signs statements' }),
    }),
    log: logSchema,
  })
}

/** A remote signer's configuration, defaults filled in, paths absolute. */
export type SignerConfig = z.output<ReturnType<typeof signerConfigSchema>> & {
  /** Absolute path of the file. */
  readonly file: string
}

/** @throws LariatError `config.unreadable`, `config.invalid` as those of a node */
export async function loadSignerConfig(file: string): Promise<SignerConfig> {
  const source = parseYaml(file, await readBounded(file))
  const schema = signerConfigSchema(dirname(resolve(file)))
  const value: unknown = source.document.toJS({ maxAliasCount: 100 })
  const parsed = schema.safeParse(withEnvironment(value, schema, process.env).value ?? {})
  if (!parsed.success) throw invalid(file, problemsOf(parsed.error.issues, schema, source))
  const problems = checkPasswords(parsed.data.keys, source)
  if (problems.length > 0) throw invalid(file, problems)
  return { ...parsed.data, file: resolve(file) }
}
