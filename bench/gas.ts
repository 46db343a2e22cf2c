// Gas of whole transactions on osaka: verifying a certificate, updating prices, registration, building an epoch; the LRT's
// calls with everything at its bound; rounds of the randomness beacon and requests for them; messages over the bridge. `npm run bench -- gas services`,
// `gas lrt`, `gas beacon` or `gas bridge` measures one part. Fails if a limit is exceeded, or if any transaction needs more than a transaction may have.
import { PriceTree } from '../src/avs/oracle/merkle.ts'
import { Kind, type Statement } from '../src/types/statement.ts'
import type { Hex } from '../src/util/hex.ts'
import { builtArtifacts } from './lib/artifacts.ts'
import { beaconGas } from './lib/beaconGas.ts'
import { bridgeGas } from './lib/bridgeGas.ts'
import { type GasNet, startGasNet } from './lib/gasNet.ts'
import { lrtGas } from './lib/lrtGas.ts'
import { print } from './lib/print.ts'
import { MAX_TRANSACTION_GAS } from './lib/transact.ts'

/** Operators, absentees, and the most gas that verification may need. */
const CERTIFICATES = [
  { operators: 4, absent: 0, limit: 200_000n },
  { operators: 4, absent: 1, limit: 250_000n },
  { operators: 16, absent: 5, limit: 250_000n },
  { operators: 64, absent: 0, limit: 200_000n },
  { operators: 64, absent: 21, limit: 250_000n },
  { operators: 200, absent: 0, limit: 200_000n },
  { operators: 200, absent: 66, limit: 290_000n },
] as const
const SIZES = [4, 16, 64, 200] as const
const LARGEST = 200

const FEEDS = 100
/** Feeds of the 100 that one transaction updates, and the most gas. */
const UPDATES: readonly { readonly feeds: number; readonly limit: bigint }[] = [
  { feeds: 1, limit: MAX_TRANSACTION_GAS },
  { feeds: 10, limit: MAX_TRANSACTION_GAS },
  { feeds: FEEDS, limit: 22_000n * BigInt(FEEDS) },
]
/** Rounds that a feed keeps: after so many, an update overwrites what was there before. */
const HISTORY = 256
/** Most gas of one step of building an epoch. */
const PAGE_LIMIT = 12_000_000n
/** Operators that one page adds. */
const PAGE = 100
/** Seconds that pass before an epoch may be followed by another, and before a new one is active. */
const EPOCH_AGE = 61
const ACTIVATION = 7

let exceeded = 0

function report(figure: Readonly<Record<string, string | number>>, gas: bigint, limit: bigint): void {
  print({ bench: 'gas', ...figure, value: Number(gas), unit: 'gas' })
  if (gas <= limit && gas <= MAX_TRANSACTION_GAS) return
  exceeded++
  process.stderr.write(`${JSON.stringify(figure)} needs ${gas} gas; at most ${limit} are allowed\n`)
}

async function buildEpoch(net: GasNet, operators: number): Promise<void> {
  const steps: { step: string; gas: bigint }[] = [{ step: 'begin', gas: await net.transact('beginEpoch', []) }]
  for (let added = 0; added < operators; added += PAGE) {
    steps.push({ step: 'add', gas: await net.transact('addToEpoch', [BigInt(PAGE)]) })
  }
  steps.push({ step: 'finish', gas: await net.transact('finishEpoch', []) })
  if (operators === LARGEST) {
    for (const { step, gas } of steps) report({ case: 'epoch-page', step, operators }, gas, PAGE_LIMIT)
  }
  await net.pass(ACTIVATION)
}

async function certificate(net: GasNet, operators: number, absentees: number): Promise<bigint> {
  const statement = await statementOf(net, await net.now(), `0x${'5a'.repeat(32)}`)
  // spread over the table
  const absent = Array.from({ length: absentees }, (_, i) => Math.floor((i * operators) / absentees))
  const certified = net.certify(statement, absent)
  const gas = await net.transact('verifyCertificate', [statement, certified])
  await expectRefusal(net, { ...statement, payload: `0x${'a5'.repeat(32)}` }, certified)
  return gas
}

/** Guards against measuring a check that checks nothing. */
async function expectRefusal(net: GasNet, statement: Statement, certified: unknown): Promise<void> {
  const refused = await net.read('verifyCertificate', [statement, certified]).then(
    () => false,
    (error: unknown) => String(error).includes('CertificateSignatureInvalid'),
  )
  if (!refused) throw new Error('a certificate of another statement was not refused')
}

async function statementOf(net: GasNet, slot: bigint, payload: Hex): Promise<Statement> {
  const service = (await net.read('SERVICE', [])) as Hex
  const epoch = (await net.read('latestEpoch', [])) as bigint
  return { service, kind: Kind.certify, epoch, slot, attempt: 0, payload }
}

/** Updates `feeds` of all feeds with a round's report. */
async function update(net: GasNet, template: Statement, slot: bigint, feeds: number): Promise<bigint> {
  const prices = Array.from({ length: FEEDS }, (_, feedIndex) => ({
    feedIndex,
    answer: 6_543_210_000_000n + slot * 1_000_003n + BigInt(feedIndex) * 17_000_000_007n,
  }))
  const tree = new PriceTree(prices)
  const statement = { ...template, slot, payload: tree.root }
  const positions = Array.from({ length: feeds }, (_, i) => Math.floor((i * FEEDS) / feeds))
  const { leaves, proof, proofFlags } = tree.multiproof(positions)
  const { epoch, attempt } = statement
  const answers = leaves.map((position) => prices[position]?.answer)
  return net.transact('update', [epoch, slot, attempt, net.certify(statement, []), leaves, answers, proof, proofFlags])
}

async function updates(net: GasNet): Promise<void> {
  const template = await statementOf(net, 0n, '0x')
  let slot = (await net.now()) + 1n
  await net.pass(HISTORY + 10)
  for (let i = 0; i <= HISTORY; i++) await update(net, template, slot++, FEEDS)
  for (const { feeds, limit } of UPDATES) {
    report({ case: 'update', feeds }, await update(net, template, slot++, feeds), limit)
  }
}

/** Certificates, prices, registration and epochs, of networks that grow. */
async function services(): Promise<void> {
  const net = await startGasNet(
    LARGEST,
    Array.from({ length: FEEDS }, (_, i) => ({
      description: `FEED-${i}/USD`,
      decimals: 8,
      deviationBps: 50,
      heartbeat: 3_600,
      minAnswer: 1n,
      maxAnswer: 10n ** 20n,
    })),
  )
  try {
    let joined = 0
    for (const operators of SIZES) {
      let registration = 0n
      while (joined < operators) registration = await net.join(joined++)
      if (operators === LARGEST) report({ case: 'registration', operators }, registration, MAX_TRANSACTION_GAS)
      await net.pass(EPOCH_AGE)
      await buildEpoch(net, operators)
      for (const { absent, limit } of CERTIFICATES.filter((each) => each.operators === operators)) {
        report({ case: 'certificate', operators, absent }, await certificate(net, operators, absent), limit)
      }
      if (operators === SIZES[0]) await updates(net)
    }
  } finally {
    await net.stop()
  }
}

const PARTS = {
  services,
  lrt: async () => lrtGas(await builtArtifacts(), report),
  beacon: async () => beaconGas(await builtArtifacts(), report),
  bridge: async () => bridgeGas(await builtArtifacts(), report),
} as const

const [wanted] = process.argv.slice(2)
if (wanted !== undefined && !Object.hasOwn(PARTS, wanted)) {
  process.stderr.write(`usage: npm run bench -- gas [${Object.keys(PARTS).join(' | ')}]\n`)
  process.exit(2)
}
for (const [name, measure] of Object.entries(PARTS)) if (wanted === undefined || wanted === name) await measure()
process.exitCode = exceeded === 0 ? 0 : 1
