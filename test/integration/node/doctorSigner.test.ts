import assert from 'node:assert/strict'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zeroAddress } from 'viem'
import { allocationManagerAbi } from '../../../src/chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../../src/chain/abi/delegationManager.ts'
import { encodeRegistration } from '../../../src/chain/registration.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import type { DoctorLine } from '../../../src/node/doctor/line.ts'
import { doctorText, runDoctor } from '../../../src/node/doctor/run.ts'
import { files } from '../../../src/node/files.ts'
import { createLifecycle } from '../../../src/node/lifecycle.ts'
import { createCertificates } from '../../../src/node/signer/certificates.ts'
import { loadSignerConfig, type SignerConfig } from '../../../src/node/signer/config.ts'
import { composeSigner } from '../../../src/node/signer/run.ts'
import { createBlsKeystore } from '../../../src/signer/keystore/bls.ts'
import { createPasswordFile } from '../../../src/signer/keystore/password.ts'
import { proveRegistration } from '../../../src/signer/proof.ts'
import { makeCertificate } from '../../../src/signer/remote/certificate.ts'
import { type TlsFiles, writeCertificate } from '../../../src/signer/remote/tls.ts'
import { generateBlsSecret } from '../../../src/signer/secrets.ts'
import { Batch } from '../../../src/testnet/batch.ts'
import { createSigner, type TestnetSigner } from '../../../src/testnet/signers.ts'
import { type Clock, systemClock } from '../../../src/util/clock.ts'
import type { Address } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { type ShortCore, startShortCore } from '../../support/shortCore.ts'

const ARTIFACTS = join(import.meta.dirname, '../../../build/artifacts')
const DAY_MS = 86_400_000

describe('lariat doctor, for a remote signer', function () {
  this.timeout(120_000)
  let core: ShortCore
  let signer: TestnetSigner
  /** Section `signer.tls` of the node, and the signer's record. */
  let tls: TlsFiles
  let guard: string
  let prices: Address

  before(async () => {
    core = await startShortCore(ARTIFACTS)
    const { operator, deployment } = core
    prices = deployment.services.prices as Address
    signer = await createSigner(operator, { deployment, priceFeeds: prices }, 0)
    tls = signer.node.tls
    guard = files(join(operator.folder, 'signer', 'data')).guard
    await joinSet(core, prices)
  })
  after(() => core?.close())

  /** Lines of the doctor about keys and registration while a signer runs with `edit` applied to its configuration. */
  async function examine(
    edit: (config: SignerConfig) => SignerConfig = (same) => same,
    options: {
      readonly clock?: Clock
      readonly tls?: TlsFiles
      readonly meanwhile?: () => Promise<void>
    } = {},
  ): Promise<readonly DoctorLine[]> {
    const { clock = systemClock, tls: shown = tls, meanwhile = async () => {} } = options
    const lifecycle = createLifecycle({ log: silentLog, clock: systemClock, signal: new AbortController().signal })
    const config = edit(await loadSignerConfig(signer.configFile))
    const { url } = await composeSigner({ config, lifecycle, clock, log: silentLog, metrics: createMetrics() })
    try {
      await meanwhile()
      return await doctor(url, shown)
    } finally {
      await lifecycle.stop()
    }
  }
  const doctor = async (url: string, tls: TlsFiles) => {
    const config = await core.configure('node.yaml', ({ keys, ...yaml }) => {
      const { ecdsa } = keys as { ecdsa: unknown }
      return { ...yaml, keys: { ecdsa }, signer: { url, tls } }
    })
    const lines = await runDoctor(config)
    return lines.filter(({ group }) => group === 'keys' || group === 'registration')
  }
  const has = (lines: readonly DoctorLine[], status: DoctorLine['status'], pattern: RegExp) =>
    assert.ok(
      lines.some((line) => line.status === status && pattern.test(line.text)),
      `${status} ${pattern} in\n${doctorText(lines)}`,
    )

  it('passes one that answers with the key of the chain, and tells what it looked at', async () => {
    const lines = await examine()
    has(
      lines,
      'pass',
      /the remote signer at https:\/\/127\.0\.0\.1:\d+ answers with its key, for this operator and chain/,
    )
    has(lines, 'pass', /certificate holds until 20\d\d-/)
    has(lines, 'pass', /signs for every service/)
    has(lines, 'pass', /guard takes durable writes/)
    has(lines, 'pass', /clock agrees/)
    has(lines, 'pass', /the chain has our BLS key/)
    assert.deepEqual(
      lines.filter(({ group, status }) => group === 'keys' && status === 'fail'),
      [],
    )
  })

  it('names a service that the signer does not serve', async () => {
    const lines = await examine((config) => ({ ...config, contracts: [core.other] }))
    has(lines, 'fail', new RegExp(`does not sign for prices: add ${prices} to contracts`))
  })

  it('names a key that is another than that of the chain', async () => {
    const keystore = join(core.operator.folder, 'signer', 'other.json')
    const passwordFile = join(core.operator.folder, 'signer', 'other.password')
    const password = await createPasswordFile(passwordFile)
    await createBlsKeystore({ file: keystore, password, secret: generateBlsSecret(), strength: 'devnet' })
    const lines = await examine((config) => ({ ...config, keys: { bls: { keystore, passwordFile } } }))
    has(lines, 'fail', /the chain has another BLS key .*or give it to the remote signer/)
  })

  it('names a record that went away under the running signer', async () => {
    const aside = `${guard}.aside`
    const lines = await examine(undefined, { meanwhile: () => rename(guard, aside) })
    await rename(aside, guard)
    has(lines, 'fail', /the remote signer's guard: .*guard\.sqlite is gone/)
  })

  it('names a clock that runs apart, by how much', async () => {
    const ahead = (ms: number): Clock => ({ ...systemClock, now: () => systemClock.now() + ms })
    has(await examine(undefined, { clock: ahead(30_000) }), 'fail', /clock is \d+\.\d s ahead of this machine's.*NTP/)
    has(await examine(undefined, { clock: ahead(-30_000) }), 'fail', /clock is \d+\.\d s behind this machine's/)
  })

  it('names a certificate that ends soon, one that is not trusted, and one of ours that is not known', async () => {
    const folder = join(core.folder, 'brief')
    await createCertificates(folder, ['127.0.0.1'], Date.now())
    const at = (name: string) => join(folder, name)
    const brief = { cert: at('brief.crt'), key: at('brief.key') }
    const made = {
      use: 'server',
      commonName: 'signer',
      hosts: ['127.0.0.1'],
      now: Date.now() - DAY_MS,
      days: 9,
    } as const
    await writeCertificate(brief, makeCertificate(made))
    const ends = new Date(made.now + made.days * DAY_MS).toISOString().slice(0, 10)
    const soon = await examine((config) => ({ ...config, tls: { ...config.tls, ...brief } }), {
      tls: { ...tls, ca: brief.cert },
    })
    has(soon, 'warn', new RegExp(`certificate ends on ${ends}: make new ones`))

    const stranger = { cert: at('node.crt'), key: at('node.key') }
    has(await examine(undefined, { tls: { ...tls, ca: at('signer.crt') } }), 'fail', /signer\.tls\.ca does not vouch/)
    has(
      await examine(undefined, { tls: { ...tls, ...stranger } }),
      'fail',
      /does not know the certificate in signer\.tls\.cert/,
    )

    await writeFile(at('broken.crt'), 'no certificate\n')
    has(
      await doctor('https://127.0.0.1:9', { ...tls, ca: at('broken.crt') }),
      'fail',
      /broken\.crt: it is not a certificate/,
    )
  })

  it('names one that is not there', async () => {
    const lines = await doctor('https://127.0.0.1:9', tls)
    has(lines, 'fail', /the remote signer at https:\/\/127\.0\.0\.1:9 is not there \(connection refused\)/)
  })
})

/** The operator joins the prices' operator set with its key. */
async function joinSet({ client, operator, deployment }: ShortCore, avs: Address): Promise<void> {
  const { address } = operator.account
  const { delegationManager, allocationManager } = deployment.core
  const batch = await Batch.open(client, operator.account)
  const proof = proveRegistration(operator.bls, { chainId: deployment.chainId, serviceManager: avs }, address)
  const data = encodeRegistration({ ...proof, peerId: operator.identity.peerId, addresses: [operator.multiaddr] })
  batch.call({
    what: 'registration',
    ...{ address: delegationManager, abi: delegationManagerAbi },
    functionName: 'registerAsOperator',
    args: [zeroAddress, 0, ''],
  })
  batch.call({
    what: 'joining',
    ...{ address: allocationManager, abi: allocationManagerAbi },
    functionName: 'registerForOperatorSets',
    args: [address, { avs, operatorSetIds: [0], data }],
  })
  await batch.land(new AbortController().signal)
}
