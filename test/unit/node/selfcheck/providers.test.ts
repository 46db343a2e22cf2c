import assert from 'node:assert/strict'
import { HttpRequestError } from 'viem'
import { CONTRADICTION_HOLD_MS, SHORT_GRACE_MS } from '../../../../src/chain/trust.ts'
import { agreementCheck, providersCheck } from '../../../../src/node/selfcheck/providers.ts'
import { fakeChain } from '../../../support/chain.ts'
import { FakeNode } from '../../../support/fakeNode.ts'
import { checkBench } from '../../../support/selfchecks.ts'

async function three() {
  const nodes = [new FakeNode(), new FakeNode(), new FakeNode()]
  const { chain, clock } = await fakeChain(nodes)
  const { selfChecks, ...bench } = checkBench([agreementCheck(chain), providersCheck(chain)], clock)
  await selfChecks.start(new AbortController().signal)
  const status = (name: string) => selfChecks.states().find((state) => state.name === name)
  return { nodes, chain, clock, selfChecks, status, bench }
}
const mine = (nodes: readonly FakeNode[], count = 4) => {
  for (const node of nodes) for (let i = 0; i < count; i++) node.mine()
}

describe('the self-check of agreement', () => {
  it('stops signing while final blocks contradict each other, and lets it go on a while after', async () => {
    const { nodes, chain, clock, selfChecks, status } = await three()
    mine(nodes)
    await clock.advance(2_000)
    assert.equal(status('agreement')?.status, 'pass')
    assert.equal(selfChecks.refusal('prices'), undefined)
    const [liar] = nodes
    // What is final is the same; what becomes final now is not.
    liar?.reorg(2)
    mine([liar as FakeNode], 5)
    mine(nodes.slice(1), 3)
    await clock.advance(2_000)
    assert.equal(status('agreement')?.status, 'fail')
    assert.match(selfChecks.refusal('prices') ?? '', /different blocks at the final height/)
    for (const [at, block] of (nodes[1] as FakeNode).blocks.entries()) if (liar !== undefined) liar.blocks[at] = block
    await clock.advance(CONTRADICTION_HOLD_MS + 2_000)
    assert.equal(status('agreement')?.status, 'pass')
    assert.equal(selfChecks.refusal('prices'), undefined)
    chain.close()
    await selfChecks.stop()
  })

  it('names a provider that is silent, and stops signing when too few have answered for a minute', async () => {
    const { nodes, chain, clock, selfChecks, status } = await three()
    const silence = (node: FakeNode | undefined) => {
      if (node === undefined) return
      node.overrides.eth_getBlockByNumber = () => {
        throw new HttpRequestError({ url: 'http://fake/secret-key' })
      }
    }
    silence(nodes[0])
    await clock.advance(3_000)
    assert.equal(status('providers')?.status, 'warn')
    assert.match(status('providers')?.reason ?? '', /^node-0 is silent .*2 of 3 must answer alike/)
    assert.ok(!status('providers')?.reason?.includes('secret'))
    assert.equal(status('agreement')?.status, 'pass')
    silence(nodes[1])
    await clock.advance(SHORT_GRACE_MS - 10_000)
    assert.equal(selfChecks.refusal('prices'), undefined, 'an outage of seconds is no reason')
    await clock.advance(20_000)
    assert.match(selfChecks.refusal('prices') ?? '', /1 of 3 providers answer/)
    for (const node of nodes) delete node.overrides.eth_getBlockByNumber
    await clock.advance(15_000)
    assert.equal(selfChecks.refusal('prices'), undefined)
    assert.equal(status('providers')?.status, 'pass')
    chain.close()
    await selfChecks.stop()
  })
})
