import * as z from 'zod'
import { address } from '../../avs/api.ts'
import { DEFAULT_SILENT_SLOTS } from '../../avs/secondSelf/gates.ts'
import { REGISTRAR_KEY_KINDS } from '../../chain/keyRegistration.ts'
import { chainsSchema } from './chains.ts'
import { checksSchema } from './checks.ts'
import { keyFilesSchema, passwordSchema } from './keyFiles.ts'
import { logSchema } from './log.ts'
import { pathSchema } from './path.ts'
import { chainShape } from './providers.ts'
import { rewardsSchema } from './rewards.ts'
import { riskSchema } from './risk.ts'
import { remoteSignerSchema } from './signer.ts'

/** Services of one node. */
const MAX_SERVICES = 32
/** More would be a node that never signs. */
const MAX_SILENT_SLOTS = 1_000
/** Names of one HTTP server. */
const MAX_HOSTS = 16
/** Addresses to listen on or to announce; the ServiceManager takes at most 8. */
const MAX_MULTIADDRS = 8

const multiaddr = () =>
  z
    .string()
    .max(128)
    .regex(/^\/(ip4|ip6|dns|dns4|dns6)\/[^/\s]+\/tcp\/\d{1,5}$/, 'expected a TCP multiaddr')

/** Keys of a service's section that the daemon itself reads; the plug-in's schema checks the others and `contract`. */
export const serviceEntry = z
  .looseObject({
    use: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected the name of a service')
      .meta({ description: 'Name of the service plug-in', examples: ['prices'] }),
    contract: address().meta({
      description: 'Its ServiceManager',
      examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
    }),
  })
  .meta({ description: 'A service that this node serves; the other keys are those of its plug-in' })

/**
 * The schema of a node's configuration file.
 * @param folder relative paths are relative to it
 */
export function nodeConfigSchema(folder: string) {
  const path = () => pathSchema(folder)
  const keyFiles = (what: string) => keyFilesSchema(folder, what)

  return z.strictObject({
    dataDir: path().meta({
      description:
        'Folder of everything this node must remember: guard, cursors, journal. Never run two nodes on copies of it',
      examples: ['./data'],
    }),
    chain: z.strictObject({
      ...chainShape(),
      deployment: path().meta({
        description: 'Deployment file: addresses of the restaking core and of services, genesis hash',
        examples: ['./deployment.json'],
      }),
    }),
    chains: chainsSchema(),
    operator: z.strictObject({
      address: address().meta({
        description: 'The operator, as registered with the core',
        examples: ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
      }),
      servedElsewhere: z
        .array(address())
        .max(MAX_SERVICES)
        .default([])
        .meta({
          description:
            'AVSs that another program of this operator serves: the node starts without them although they can slash the operator',
          examples: [['0x5FbDB2315678afecb367f032d93F642f64180aa3']],
        }),
    }),
    keys: z.strictObject({
      bls: keyFiles('EIP-2335')
        .optional()
        .meta({ description: 'The key that signs statements; left out where a remote signer has it (`signer`)' }),
      ecdsa: keyFiles('Web3 Secret Storage v3').meta({ description: 'The account that sends transactions' }),
      shares: passwordSchema(folder).optional().meta({
        description:
          'Password of the key shares in dataDir, for services that use them; they are made with it at the first start',
      }),
      checkpoints: keyFiles('Web3 Secret Storage v3')
        .extend({
          keystore: path().meta({
            description:
              'Web3 Secret Storage v3 keystore of a key of its own, never an account’s, for a bridge that has `storage`: it signs checkpoints for relayers of Hyperlane (docs/bridge.md)',
            examples: ['./keys/checkpoints.json'],
          }),
        })
        .optional()
        .meta({ description: 'The key that signs checkpoints for relayers of Hyperlane' }),
      registrar: z
        .array(
          keyFiles('EIP-2335 (bn254) or Web3 Secret Storage v3 (ecdsa)').extend({
            avs: address().meta({
              description: "The AVS's account in the core",
              examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
            }),
            set: z
              .int()
              .min(0)
              .max(2 ** 32 - 1)
              .default(0)
              .meta({ description: 'Number of its operator set', examples: [0] }),
            kind: z
              .enum(REGISTRAR_KEY_KINDS)
              .meta({ description: 'Kind of key that the set demands', examples: ['bn254'] }),
          }),
        )
        .max(MAX_SERVICES)
        .default([])
        .meta({
          description:
            "Keys for AVSs that demand one in the core's KeyRegistrar, registered by opting in; each for one set, as a key can be registered once, ever",
        }),
    }),
    signer: remoteSignerSchema(folder)
      .optional()
      .meta({ description: 'A remote signer that has the key which signs statements, instead of `keys.bls`' }),
    p2p: z
      .strictObject({
        listen: z
          .array(multiaddr())
          .min(1, 'expected at least one address')
          .max(MAX_MULTIADDRS)
          .default(['/ip4/0.0.0.0/tcp/9510'])
          .meta({ description: 'Multiaddrs to listen on', examples: [['/ip4/0.0.0.0/tcp/9510']] }),
        announce: z
          .array(multiaddr())
          .max(MAX_MULTIADDRS)
          .default([])
          .meta({
            description: 'Multiaddrs under which others reach this node, registered on chain',
            examples: [['/dns4/node.example/tcp/9510']],
          }),
        loopback: z
          .boolean()
          .default(false)
          .meta({ description: 'Lifts the limits per IP address for 127.0.0.1, for several nodes on one machine' }),
      })
      .prefault({}),
    api: z
      .strictObject({
        host: z
          .string()
          .min(1)
          .max(253)
          .default('127.0.0.1')
          .meta({ description: 'Address of the HTTP server', examples: ['127.0.0.1'] }),
        port: z
          .int()
          .min(0)
          .max(65_535)
          .default(9520)
          .meta({ description: 'Its port; 0 takes a free one, written to dataDir/api.json', examples: [9520] }),
        hosts: z
          .array(z.string().regex(/^[a-z0-9.-]{1,253}$/, 'expected a host name in lower case, without a port'))
          .max(MAX_HOSTS)
          .default([])
          .meta({
            description:
              'Names by which a proxy on this machine asks for it. On a loopback address requests by any other name than an IP address or localhost are refused, so that no web page elsewhere can read it',
            examples: [['node.example']],
          }),
      })
      .prefault({}),
    log: logSchema,
    secondSelf: z
      .strictObject({
        silentSlots: z
          .int()
          .min(0)
          .max(MAX_SILENT_SLOTS)
          .default(DEFAULT_SILENT_SLOTS)
          .meta({
            description:
              'Slots of each service after a start in which this node only listens, so that it sees another instance of its operator before it signs; 0 for test networks',
            examples: [3],
          }),
      })
      .prefault({}),
    rewards: rewardsSchema(folder)
      .optional()
      .meta({ description: 'Rewards that the operator earns, for `lariat rewards`' }),
    risk: riskSchema(),
    checks: checksSchema(),
    services: z
      .array(serviceEntry)
      .min(1, 'expected at least one service')
      .max(MAX_SERVICES)
      .meta({
        description: 'Services that this node serves',
        examples: [[{ use: 'prices', contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3' }]],
      }),
  })
}

/** A node's configuration, defaults filled in, paths absolute. `services` still hold their plug-ins' unchecked keys. */
export type NodeConfig = z.output<ReturnType<typeof nodeConfigSchema>>
