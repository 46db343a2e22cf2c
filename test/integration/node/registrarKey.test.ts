import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getAddress, type LocalAccount } from 'viem'
import { allocationManagerAbi } from '../../../src/chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../../src/chain/abi/delegationManager.ts'
import { keyRegistrarAbi } from '../../../src/chain/abi/keyRegistrar.ts'
import { type Chain, openChain } from '../../../src/chain/clients.ts'
import { createKeyRegistrarReader } from '../../../src/chain/keyRegistrar.ts'
import { keyRegistrationDigest, type RegistrarKeyKind } from '../../../src/chain/keyRegistration.ts'
import { createSender, type TransactionSender } from '../../../src/chain/sender.ts'
import { createServiceChain } from '../../../src/chain/serviceChain.ts'
import type { ServiceChain } from '../../../src/chain/types.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { loadConfig } from '../../../src/node/config/load.ts'
import { dataOf } from '../../../src/node/operator/calldata.ts'
import { type KeyPlan, planKeyRemoval, planRegistrarKey } from '../../../src/node/operator/registrarKey.ts'
import { PLUGINS } from '../../../src/node/plugins.ts'
import { createEcdsaKeystore, generateEcdsaSecret } from '../../../src/signer/ecdsa.ts'
import { createBn254Keystore } from '../../../src/signer/keystore/bn254.ts'
import { generateBn254Secret, openRegistrarKey } from '../../../src/signer/registrarKey.ts'
import { LariatError } from '../../../src/util/errors.ts'
import type { Address } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { Secret } from '../../../src/util/secret.ts'
import { anvilAccount } from '../../support/anvil.ts'
import { type ShortCore, startShortCore } from '../../support/shortCore.ts'

const ARTIFACTS = join(import.meta.dirname, '../../../build/artifacts')
const CURVES = { ecdsa: 1, bn254: 2 } as const
/** Sets of the AVS, which is an account here: 1 and 4 demand BN254 keys, 2 an ECDSA key, 3 none. */
const SETS = { 1: 'bn254', 2: 'ecdsa', 4: 'bn254' } as const

describe('keys that AVSs demand, on anvil', function () {
  this.timeout(180_000)
  let core: ShortCore
  let chain: Chain
  let keyRegistrar: Address
  let operator: ServiceChain
  let avs: ServiceChain
  let config: string
  const senders: TransactionSender[] = []

  const set = (id: number) => ({ avs: avs.account, id })
  const as = (account: LocalAccount) => {
    const sender = createSender({ chain, account, log: silentLog, receiptPollMs: 20 })
    senders.push(sender)
    return { sender, chain: createServiceChain({ chain, sender, log: silentLog }) }
  }
  async function session() {
    return {
      config: await loadConfig(config, PLUGINS, { ecdsa: false }),
      deployment: { ...core.deployment, core: { ...core.deployment.core, keyRegistrar } },
      operator: operator.account,
      chain,
      log: silentLog,
    }
  }
  const plan = async (id: number) => planRegistrarKey(await session(), { read: operator.read }, set(id))
  async function carryOut({ steps }: KeyPlan): Promise<void> {
    for (const step of steps)
      await senders[0]?.send({ what: step.what, to: step.to, data: dataOf(step), abi: step.abi })
  }
  const registrar = () => createKeyRegistrarReader(operator.read, keyRegistrar)
  const refused = (what: RegExp) => (error: unknown) => {
    assert.ok(error instanceof LariatError)
    assert.equal(error.code, 'config.registrar-key')
    assert.match(error.message, what)
    return true
  }

  before(async () => {
    core = await startShortCore(ARTIFACTS)
    const batch = await core.batch()
    const { allocationManager, permissionController } = core.deployment.core
    keyRegistrar = batch.deploy(core.artifacts, 'KeyRegistrar', [permissionController, allocationManager, '1.12.0'])
    await batch.land(new AbortController().signal)
    chain = await openChain({
      id: core.deployment.chainId,
      rpc: [{ url: core.anvil.rpcUrl }],
      singleProvider: true,
      pollMs: 50,
      log: silentLog,
      metrics: createMetrics(),
    })
    operator = as(core.operator.account).chain
    avs = as(anvilAccount(3)).chain
    const manager = { address: allocationManager, abi: allocationManagerAbi } as const
    const account = avs.account
    await avs.write({ ...manager, functionName: 'updateAVSMetadataURI', args: [account, 'https://avs.example'] })
    const sets = [1, 2, 3, 4].map((operatorSetId) => ({ operatorSetId, strategies: [], slasher: account }))
    await avs.write({ ...manager, functionName: 'createOperatorSets', args: [account, sets] })
    for (const [id, kind] of Object.entries(SETS)) {
      await avs.write({
        address: keyRegistrar,
        abi: keyRegistrarAbi,
        functionName: 'configureOperatorSet',
        args: [set(Number(id)), CURVES[kind]],
      })
    }
    await operator.write({
      address: core.deployment.core.delegationManager,
      abi: delegationManagerAbi,
      functionName: 'registerAsOperator',
      args: [account, 0, ''],
    })

    const keys = join(core.operator.folder, 'keys')
    await mkdir(keys, { recursive: true })
    await writeFile(join(keys, 'avs.password'), 'secret', { mode: 0o600 })
    const common = { password: new Secret<string>('secret'), strength: 'devnet' } as const
    await createBn254Keystore({ ...common, file: join(keys, 'avs-bn254.json'), secret: generateBn254Secret() })
    await createEcdsaKeystore({ ...common, file: join(keys, 'avs-ecdsa.json'), secret: generateEcdsaSecret() })
    const entry = (id: number, kind: RegistrarKeyKind) => ({
      avs: account,
      set: id,
      kind,
      keystore: `./keys/avs-${kind}.json`,
      passwordFile: './keys/avs.password',
    })
    config = await core.configure('keys.yaml', (yaml) => ({
      ...yaml,
      keys: { ...(yaml.keys as object), registrar: [entry(1, 'bn254'), entry(2, 'ecdsa'), entry(4, 'bn254')] },
    }))
  })
  after(async () => {
    for (const sender of senders) await sender.close()
    chain?.close()
    await core?.close()
  })

  for (const [id, kind] of Object.entries(SETS).slice(0, 2)) {
    it(`of ${kind} are registered, once`, async () => {
      const made = await plan(Number(id))
      assert.equal(made.steps.length, 1)
      assert.match(made.steps[0]?.what ?? '', new RegExp(`register an? ${kind.toUpperCase()} key for set ${id}`))
      await carryOut(made)
      const { kind: demanded, registered } = await registrar().demand(operator.account, set(Number(id)))
      assert.equal(demanded, kind)
      assert.ok(registered !== undefined)
      const again = await plan(Number(id))
      assert.deepEqual(again.steps, [])
      assert.ok(again.notes[0]?.includes(registered))
    })
  }

  it('are the ones of the keystores', async () => {
    const { config: loaded } = await session()
    const [bn254, ecdsa] = await Promise.all(
      loaded.keys.registrar.slice(0, 2).map((entry) => openRegistrarKey(entry.kind, entry, silentLog)),
    )
    assert.ok(bn254 !== undefined && ecdsa !== undefined)
    const contract = { address: keyRegistrar, abi: keyRegistrarAbi } as const
    const [g1, g2] = await operator.read({
      ...contract,
      functionName: 'getBN254Key',
      args: [set(1), operator.account],
    })
    assert.equal(
      await operator.read({ ...contract, functionName: 'encodeBN254KeyData', args: [g1, g2] }),
      bn254.keyData,
    )
    const address = await operator.read({
      ...contract,
      functionName: 'getECDSAAddress',
      args: [set(2), operator.account],
    })
    assert.equal(address, getAddress(ecdsa.keyData))
    // what is signed is what the contract would have signed
    const subject = await registrar().subject(chain.id, operator.account, set(1))
    assert.equal(
      keyRegistrationDigest('bn254', bn254.keyData, subject),
      await operator.read({
        ...contract,
        functionName: 'getBN254KeyRegistrationMessageHash',
        args: [operator.account, set(1), bn254.keyData],
      }),
    )
    assert.equal(
      keyRegistrationDigest('ecdsa', ecdsa.keyData, subject),
      await operator.read({
        ...contract,
        functionName: 'getECDSAKeyRegistrationMessageHash',
        args: [operator.account, set(1), getAddress(ecdsa.keyData)],
      }),
    )
    assert.ok(await registrar().isSpent('bn254', bn254.keyData))
    assert.ok(await registrar().isSpent('ecdsa', ecdsa.keyData))
  })

  it('are not asked for by a set that demands none', async () => {
    assert.deepEqual(await plan(3), { steps: [], notes: [] })
  })

  it('that were registered before are refused before anything is sent', async () => {
    await assert.rejects(plan(4), refused(/registered before.*lariat keys create --kind bn254/))
  })

  it('that the configuration lacks are refused with what to do', async () => {
    config = await core.configure('no-keys.yaml')
    await assert.rejects(plan(4), refused(/demands a BN254 key, and keys\.registrar has none/))
  })

  it('are taken out when the set can no longer slash', async () => {
    const remove = async (slashable: boolean) =>
      planKeyRemoval(await session(), { read: operator.read }, set(2), slashable)
    const early = await remove(true)
    assert.deepEqual(early.steps, [])
    assert.match(early.notes[0] ?? '', /stays until/)
    await carryOut(await remove(false))
    const { registered } = await registrar().demand(operator.account, set(2))
    assert.equal(registered, undefined)
    assert.deepEqual(await remove(false), { steps: [], notes: [] })
  })
})
