import type { Abi } from 'viem'
import type { Artifact, Artifacts } from '../../src/testnet/artifacts.ts'
import type { QueueMailbox } from '../../src/testnet/mailbox.ts'

/** Where the package has a contract's interface and creation code: in factories of ethers 5, which its own package.json leaves to others to bring. */
const FACTORIES = {
  Mailbox: 'Mailbox__factory',
  MerkleTreeHook: 'hooks/MerkleTreeHook__factory',
  StaticMerkleRootMultisigIsmFactory: 'isms/multisig/StaticMultisigIsm.sol/StaticMerkleRootMultisigIsmFactory__factory',
  StaticMessageIdMultisigIsmFactory: 'isms/multisig/StaticMultisigIsm.sol/StaticMessageIdMultisigIsmFactory__factory',
  ValidatorAnnounce: 'isms/multisig/ValidatorAnnounce__factory',
} as const
export type HyperlaneContract = keyof typeof FACTORIES

const FOLDER = new URL('./node_modules/@hyperlane-xyz/core/dist/typechain/factories/contracts/', import.meta.url)

/** Hyperlane's own contracts as its package has them compiled. */
export async function loadHyperlane(): Promise<Artifacts> {
  const artifacts = new Map<string, Artifact>()
  for (const [name, file] of Object.entries(FACTORIES)) {
    // the package's exports have all factories at once only, which are some thousand modules
    const exported: Readonly<Record<string, { readonly abi: Abi; readonly bytecode: string } | undefined>> =
      await import(new URL(`${file}.js`, FOLDER).href)
    const factory = exported[`${name}__factory`]
    if (factory === undefined) throw new Error(`${file}.js has no factory of ${name}`)
    artifacts.set(name, { abi: factory.abi, bytecode: factory.bytecode, libraries: new Map() })
  }
  return {
    get(name) {
      const artifact = artifacts.get(name)
      if (artifact === undefined) throw new Error(`${name} is not loaded`)
      return artifact
    },
  }
}

/** Hyperlane's Mailbox with its MerkleTreeHook as required hook, as `npm run check:interop` needs it. */
export function queueHyperlane(hyperlane: Artifacts): QueueMailbox {
  return (batch, { artifacts, domain, owner, ism }) => {
    const mailbox = batch.deploy(hyperlane, 'Mailbox', [domain])
    const hook = batch.deploy(hyperlane, 'MerkleTreeHook', [mailbox])
    const none = batch.deploy(artifacts, 'NoHook', [])
    batch.call({
      what: 'initializing the mailbox',
      ...{ address: mailbox, abi: hyperlane.get('Mailbox').abi, functionName: 'initialize' },
      args: [owner, ism, none, hook],
    })
    return { mailbox, hook }
  }
}
