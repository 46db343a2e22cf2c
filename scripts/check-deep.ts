// npm run check:deep -- GROUP: the large sizes, each group at most 60 minutes.
import { randomBytes } from 'node:crypto'
import { runStages, type Stage } from './stages.ts'

const npm = (name: string, ...args: string[]): Stage => ({ name, command: 'npm', args: ['run', '--silent', ...args] })

/** Of the campaigns; it is printed. */
const seed = `0x${randomBytes(8).toString('hex')}`

const lrtCampaign = ['check:invariants', '--', '500000', seed, 'Lrt']

/** Runs of each half: an hour has not room for 10,000 in one process. */
const HALF = 5_000

/** 10,000 random lives, in two processes at a time. @param runs the variable that says how many */
function lives(name: string, runs: string, file: string): Stage {
  const first = Number(seed.slice(0, 9))
  const half = (which: string, from: number): Stage => ({
    name: `${name} in 10,000 random lives, the ${which} half`,
    command: 'env',
    args: [`${runs}=${HALF}`, `LARIAT_SEED=${from}`, 'mocha', file],
  })
  return { ...half('first', first), beside: half('second', first + HALF) }
}

const GROUPS: Readonly<Record<string, readonly Stage[]>> = {
  contracts: [
    npm(
      'forge, 2,000 cases a fuzz test',
      ...['test:forge', '--', '--fuzz-runs', '2000', '--fuzz-seed', seed],
      ...['--no-match-path', 'contracts/test/invariants/*'],
    ),
  ],
  invariants: [npm('campaign over the core, 1,000,000 calls', 'check:invariants', '--', '1000000', seed, 'Core')],
  // A call takes some 8 ms, as most of them read the whole vault twice: an hour has not room for 1,000,000 on 2 cores.
  'invariants-lrt-1': [npm('campaign over the LRT, the first 500,000 calls', ...lrtCampaign)],
  'invariants-lrt-2': [npm('campaign over the LRT, 500,000 calls more', ...lrtCampaign)],
  'invariants-beacon': [
    npm('campaign over the beacon, 1,000,000 calls', 'check:invariants', '--', '1000000', seed, 'Beacon'),
  ],
  fuzz: [
    {
      name: 'wire decoder and configuration, 450,000 cases',
      command: 'env',
      args: ['LARIAT_FUZZ_FACTOR=50', 'mocha', 'test/fuzz/**/*.test.ts'],
    },
  ],
  equivocation: [
    {
      name: 'honest operators in 10,000 random lives',
      command: 'env',
      args: ['LARIAT_HONEST_RUNS=10000', `LARIAT_SEED=${Number(seed.slice(0, 9))}`, 'mocha', 'test/sim/honest.test.ts'],
    },
  ],
  mutations: [npm('defences taken out one by one', 'check:mutations')],
  guard: [
    {
      name: 'guard under 10,000 kill -9',
      command: 'env',
      args: ['GUARD_KILLS=10000', 'mocha', 'test/integration/signer/guard-crash.test.ts'],
    },
  ],
  'guard-cuts': [
    {
      name: 'guard under 10,000 power cuts',
      command: 'env',
      args: ['GUARD_CUTS=10000', 'mocha', 'test/crash/powerCut.test.ts'],
    },
  ],
  'guard-fuzz': [
    {
      name: 'interchange importer, 600,000 cases',
      command: 'env',
      args: ['LARIAT_FUZZ_RUNS=150000', 'mocha', 'test/unit/signer/interchange/fuzz.test.ts'],
    },
  ],
  keys: [
    {
      name: 'key generation by four operators, with every malice',
      command: 'env',
      args: ['LARIAT_KEYS=all', 'mocha', 'test/processes/keys.test.ts', '-g', 'whatever the malicious do'],
    },
    { name: 'key generation by 16 and 32 operators', command: 'mocha', args: ['test/deep/keys.test.ts'] },
  ],
  reorgs: [
    {
      name: 'watches over 2,000 steps of reorgs, restarts and outages',
      command: 'env',
      args: ['LARIAT_REORG_STEPS=2000', 'mocha', 'test/integration/chain/reorgs.test.ts'],
    },
    {
      name: 'one and two of three providers lying, in every way',
      command: 'env',
      args: ['LARIAT_LIES=all', 'mocha', 'test/integration/chain/lying.test.ts'],
    },
  ],
  beacon: [
    {
      name: 'key generation and resharing under 200 random kill -9',
      command: 'env',
      args: ['LARIAT_CEREMONY_KILLS=200', 'mocha', 'test/processes/ceremonyKills.test.ts'],
    },
    { name: 'a beacon while operators come and leave', command: 'mocha', args: ['test/deep/beaconLife.test.ts'] },
  ],
  bridge: [lives('a bridge', 'LARIAT_BRIDGE_RUNS', 'test/sim/bridge.test.ts')],
  'bridge-daemons': [
    {
      name: '1,000 messages between two of Hyperlane’s own mailboxes, under faults',
      command: 'env',
      args: ['LARIAT_BRIDGE_MESSAGES=500', 'npm', 'run', '--silent', 'check:interop'],
    },
  ],
  'bridge-poison': [
    npm('build', 'build', '--', '--no-types'),
    lives('a node with poisoned providers', 'LARIAT_POISON_RUNS', 'test/integration/avs/bridgePoison.test.ts'),
  ],
  bench: [
    npm('guard', 'bench', '--', 'guard'),
    npm('build', 'build'),
    npm('gas', 'bench', '--', 'gas'),
    npm('gas of the core', 'bench', '--', 'core-gas'),
    npm('certificate', 'bench', '--', 'certificate'),
  ],
}

const group = process.argv[2]
const stages = group === undefined ? undefined : GROUPS[group]
if (stages === undefined) {
  process.stderr.write(`usage: npm run check:deep -- GROUP, with GROUP one of: ${Object.keys(GROUPS).join(', ')}\n`)
  process.exit(2)
}
process.exit(await runStages(stages))
