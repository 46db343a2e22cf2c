import assert from 'node:assert/strict'
import { gatedSigner, gateOf } from '../../src/node/selfcheck/gate.ts'
import type { SelfChecks } from '../../src/node/selfcheck/monitor.ts'
import { missedCheck, participationCheck } from '../../src/node/selfcheck/slots.ts'
import { fail, type SelfCheck } from '../../src/node/selfcheck/types.ts'
import { type CheckBench, checkBench, SERVICE_NAME } from '../support/selfchecks.ts'
import { square } from '../support/services.ts'
import { SERVICE } from '../support/simnet.ts'
import { type SimRun, simRun } from '../support/simrun.ts'

const SEED = 11
const definition = square({ observe: (_, slot) => slot ** 2n })

describe(`self-checks of slots, simulated (seed ${SEED})`, function () {
  this.timeout(60_000)
  let run: SimRun
  afterEach(() => run.stop())

  const bench = (more: readonly SelfCheck[] = []): CheckBench => {
    const [node] = run.nodes
    assert.ok(node !== undefined)
    const { data, operator } = node
    const options = {
      ...{ service: SERVICE_NAME, id: SERVICE, operator, journal: data.journal, missedPercent: 25 },
      since: run.clock.now() - 60_000,
    }
    return checkBench([missedCheck(options), participationCheck(options), ...more], run.clock)
  }

  it('missed slots: while others are cut off', async () => {
    run = await simRun({ count: 4, seed: SEED, definition })
    await run.pass(12)
    const { turns } = bench()
    await turns('missed slots', 'pass')
    const [own = '', ...others] = run.peers
    run.network.setFaults(others.map((other) => ({ kind: 'cut', between: [own, other] })))
    await run.pass(14)
    await turns('missed slots', 'fail', /\d+ of the newest \d+ slots were missed, most often for aggregate\.no-quorum/)
    run.network.setFaults([])
    await run.pass(30)
    await turns('missed slots', 'pass')
  })

  it('participation: while this node signs nothing and the others go on', async () => {
    let selfChecks: Pick<SelfChecks, 'refusal'> = { refusal: () => undefined }
    run = await simRun({
      count: 4,
      seed: SEED,
      definition,
      wrapSigner: (index, signer) =>
        index === 0 ? gatedSigner(signer, (request) => gateOf(selfChecks, SERVICE_NAME)(request)) : signer,
    })
    let broken = false
    const { turns, selfChecks: made } = bench([
      { name: 'guard', everyMs: 1_000, trustMs: 3_600_000, run: () => (broken ? fail('the disk is gone') : undefined) },
    ])
    await made.look()
    selfChecks = made
    await run.pass(12)
    await turns('participation', 'pass')
    broken = true
    await made.look()
    await run.pass(34)
    await turns('participation', 'fail', /32 of the newest 32 certificates lack this operator's signature/)
    // the slots are certified all the same, and none was signed here
    const [node] = run.nodes
    assert.ok(node !== undefined)
    const newest = run.records(0).slice(-20)
    assert.ok(newest.every(({ outcome, signers }) => outcome === 'certified' && !signers.includes(node.operator)))
    broken = false
    await made.look()
    await run.pass(18)
    await turns('participation', 'pass')
  })
})
