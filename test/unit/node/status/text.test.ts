import assert from 'node:assert/strict'
import type { NodeStatus } from '../../../../src/node/status/read.ts'
import { wrapped } from '../../../../src/node/status/rows.ts'
import { statusText } from '../../../../src/node/status/text.ts'
import { painter } from '../../../../src/util/colours.ts'

const ETHER = 10n ** 18n
const NOW = 10_000
const ADDRESS = `0x${'ab'.repeat(20)}`
const head = { number: '1234', hash: '0x01', timestamp: `${NOW - 2}` }

const service = (name: string, more: object = {}) => ({
  name,
  health: { epoch: '3', member: true, latestSlot: '77', latestCertifiedAt: (NOW - 5) * 1_000, ...more },
  status: null as object | null,
})

/** What a node in a little trouble answers. */
function told(): NodeStatus & { readonly status: { services: ReturnType<typeof service>[] }; warnings: object[] } {
  return {
    healthy: false,
    page: 'http://127.0.0.1:9520/',
    health: {
      healthy: false,
      stopped: { bridge: 'its tree is halted' },
      checks: [
        { name: 'guard', status: 'pass', since: 0 },
        { name: 'gas', status: 'warn', since: NOW - 60, problem: 'little is left' },
        { name: 'bridge', status: 'fail', since: NOW - 120, stopsSigning: true, problem: 'a tree '.repeat(30) },
      ],
    },
    status: {
      ...{ version: '0.1.0', operator: ADDRESS, startedAt: 0, now: NOW },
      chain: { id: 1, head, finalized: { number: '1200' }, providers: 3 },
      chains: [
        {
          name: 'base',
          id: 8_453,
          head: null,
          finalized: null,
          providers: null,
          problem: { reason: 'nobody answers' },
        },
      ],
      p2p: { peerId: '12D3KooW', connected: ['a', 'b'] },
      services: [
        service('prices'),
        {
          ...service('bridge', { member: false, latestSlot: null, latestCertifiedAt: null }),
          status: {
            lines: [
              { about: 'base finalized', text: `HALTED: ${'why '.repeat(60)}`, state: 'fail' },
              { about: 'base → stake', text: '3 messages wait', state: 'warn' },
            ],
          },
        },
      ],
      risk: {
        operator: { stake: `${40n * ETHER}`, loss: `${(12n * ETHER) / 10n}` },
        services: [
          {
            ...{ name: 'prices', slashable: `${120n * ETHER}`, toStop: 2, toForge: 3 },
            shares: [{ share: 0.2 }, { share: 0.301 }],
          },
        ],
        lrt: {
          ...{ rate: `${ETHER}`, backing: 1.0002, market: { ratio: 0.95, state: 'depegged' } },
          lsts: [
            { token: ADDRESS, ratio: 1, state: 'ok' },
            { token: ADDRESS, ratio: null, state: 'stale' },
          ],
        },
        failures: [{ problem: 'the market cannot be read' }],
      },
    } as never,
    warnings: [
      { at: NOW - 50, level: 'warn', message: 'slow', fields: { by: 'x' } },
      { at: NOW - 40, level: 'error', message: 'broken', fields: {} },
      { at: NOW - 3, level: 'warn', message: 'slow', fields: { by: 'y' } },
    ],
  }
}

describe('lariat status, for people', () => {
  it('tells the node, its stake, its services with what their plug-ins say, and what is wrong', () => {
    const text = statusText(told())
    for (const line of [
      'ILL: lariat 0.1.0, running for 2.8 hours',
      /^status page +http:\/\/127\.0\.0\.1:9520\/$/m,
      /^chain 1 +block 1,234, 2 seconds old, final 1,200, 3 providers$/m,
      /^chain base \(8453\) +not followed; NOTHING IS SIGNED OVER IT: nobody answers$/m,
      /^peers +2 operators connected; this node is 12D3KooW$/m,
      /^stake +40 ETH, of which 1\.2 ETH can be lost at the worst \(3 %\)$/m,
      /^LRT +worth 1 ETH, backed by 100\.02 %, at the market 95\.00 % of that \(DEPEGGED\)$/m,
      /^ {2}0xabab…abab +at the market of no price \(STALE\)$/m,
      /^risk +the market cannot be read$/m,
      /^prices +epoch 3, newest certificate slot 77, 5 seconds old$/m,
      /^ {2}security +120 ETH slashable, the largest operator has 30\.1 %, 2 stop it, 3 forge$/m,
      /^bridge +epoch 3, NOT A MEMBER, no certificate yet; NOTHING IS SIGNED$/m,
      /^ {2}base finalized +HALTED: why why/m,
      /^ {2}base → stake +3 messages wait$/m,
      /^1 of 3 self-checks pass:\nFAIL {2}bridge {2}a tree/m,
      /\[stops signing\]\nWARN {2}gas {5}little is left \(for 60 seconds\)$/m,
      /^recent warnings of the log, 3 in all:$/m,
      /^40 seconds ago +error {2}broken$/m,
      /^3 seconds ago +warn {3}slow \(2 times\): by=y$/m,
    ]) {
      if (typeof line === 'string') assert.ok(text.startsWith(line), text)
      else assert.match(text, line)
    }
  })

  it('has its texts in one column, within 100 characters or what the terminal has', () => {
    for (const columns of [undefined, 72, 300]) {
      const lines = statusText(told(), { columns, paint: (_, text) => text }).split('\n')
      const width = Math.min(columns ?? 100, 100)
      for (const line of lines) assert.ok(line.length <= width, `${line.length} of ${width}: ${line}`)
      const starts = lines.filter((line) => /^(operator|status page|peers|stake|prices) {2,}/.test(line))
      assert.equal(new Set(starts.map((line) => line.length - line.replace(/^.*? {2,}/, '').length)).size, 1)
    }
    assert.deepEqual(wrapped('a bb ccc dddddddd e', 4), ['a bb', 'ccc', 'dddddddd', 'e'])
    assert.deepEqual(wrapped('', 4), [''])
  })

  it('has colours where they are wanted, and says the same without them', () => {
    const paint = painter({ isTTY: true }, {})
    const coloured = statusText(told(), { paint })
    assert.ok(coloured.startsWith('\u001b[31mILL\u001b[0m'))
    assert.ok(coloured.includes('\u001b[33m3 messages wait\u001b[0m'))
    const plain = statusText(told(), { paint: painter({ isTTY: true }, { NO_COLOR: '1' }) })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: of colours
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), plain)
    assert.equal(plain, statusText(told()))
  })

  it('counts warnings of one message together, and names five of them', () => {
    const warnings = Array.from({ length: 40 }, (_, i) => ({
      ...{ at: NOW - 100 + i, level: 'warn' as const, fields: { long: 'x'.repeat(300) } },
      message: `number ${i % 8}`,
    }))
    const text = statusText({ ...told(), warnings })
    assert.match(text, /recent warnings of the log, 40 in all, the last 5 kinds of 8:/)
    assert.deepEqual(
      text.match(/number \d \(5 times\)/g),
      [3, 4, 5, 6, 7].map((i) => `number ${i} (5 times)`),
    )
    assert.match(text, /long=x{155}…/)
  })

  it('knows a node of before, which tells less, and refuses what is no answer', () => {
    const status = told().status as unknown as Record<string, unknown>
    const { risk: _, chains: __, ...rest } = status
    const services = [{ name: 'prices', health: { epoch: null, member: false, latestSlot: null } }]
    const old = { ...told(), warnings: [], status: { ...rest, services } }
    assert.match(statusText(old), /^prices +no epoch, no certificate yet$/m)
    assert.match(statusText(old), /^stake +not read yet$/m)
    assert.doesNotMatch(statusText(old), /warnings/)
    assert.throws(() => statusText({ ...told(), status: {} }), /use the version that runs/)
  })
})
