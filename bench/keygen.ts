// Key generation, and a resharing after one operator has left: seconds from opening to sharing on a chain of its own with all
// nodes in this process, transactions and gas by kind, and the CPU seconds of one node's part with the arithmetic that no
// implementation can do without beside it. `npm run bench -- keygen [4 | 16 | 32]` measures one size.
import { keyGas } from './lib/keyGas.ts'
import { nodeParts } from './lib/keyParts.ts'
import { type Phases, runKeyGeneration } from './lib/keyRun.ts'
import { print, round } from './lib/print.ts'

/** Long enough for all nodes on one core: what is waited for is mostly the phases' ends. */
const SIZES: Readonly<Record<number, Phases>> = {
  4: { blockSeconds: 1, dealBlocks: 8, complaintBlocks: 8, foldBlocks: 20 },
  16: { blockSeconds: 2, dealBlocks: 20, complaintBlocks: 20, foldBlocks: 60 },
  32: { blockSeconds: 4, dealBlocks: 30, complaintBlocks: 30, foldBlocks: 60 },
}

const [wanted] = process.argv.slice(2)
if (wanted !== undefined && !Object.hasOwn(SIZES, wanted)) {
  process.stderr.write(`usage: npm run bench -- keygen [${Object.keys(SIZES).join(' | ')}]\n`)
  process.exit(2)
}

for (const [size, phases] of Object.entries(SIZES)) {
  if (wanted !== undefined && wanted !== size) continue
  const operators = Number(size)
  for (const { part, seconds, floor } of await nodeParts(operators)) {
    const ratio = round(seconds / floor)
    print({ bench: 'keygen', operators, part, value: round(seconds, 3), unit: 's CPU', floor: round(floor, 3), ratio })
  }
  await runKeyGeneration(operators, phases, async (run, what, session, from) => {
    // the phases have to pass: nothing can be quicker
    const floor = (phases.dealBlocks + phases.complaintBlocks) * phases.blockSeconds
    const { seconds, to, members, threshold } = session
    const about = { bench: 'keygen', operators, case: what, members, threshold }
    print({ ...about, ...phases, value: seconds, unit: 's', floor, ratio: round(seconds / floor) })
    let [transactions, gas] = [0, 0]
    for (const kind of await keyGas(run, from, to)) {
      transactions += kind.transactions
      gas += kind.gas
      const { dearest } = kind
      print({ ...about, step: kind.name, transactions: kind.transactions, dearest, value: kind.gas, unit: 'gas' })
    }
    print({ ...about, step: 'all', transactions, value: gas, unit: 'gas' })
  })
}
