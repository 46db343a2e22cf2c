import assert from 'node:assert/strict'
import { eventually } from '../../support/eventually.ts'
import { median, square } from '../../support/services.ts'
import { castOf, SERVICE } from '../../support/simnet.ts'
import { startTcpNet, type TcpNet } from '../../support/tcpnet.ts'

const INTERVAL = 0.5
const WANTED = 6

describe('four operators over libp2p and loopback TCP', () => {
  let net: TcpNet
  afterEach(() => net.stop())

  for (const [name, definition] of [
    ['identical', square({ observe: (_, slot) => slot ** 2n })],
    ['report', median({ observe: (operator, slot) => slot + BigInt(operator.slice(-1)) })],
  ] as const) {
    it(`certify slots under the ${name} agreement, and all of them learn of it`, async () => {
      net = await startTcpNet(castOf(4), definition, INTERVAL)
      const certified = () =>
        net.nodes.map(({ data }) => data.certificates.list({ service: SERVICE, limit: 100 }).map(({ slot }) => slot))
      await eventually(() => certified().every((slots) => slots.length >= WANTED), 'too few certificates')
      const [first = [], ...others] = certified()
      for (const slots of others) {
        assert.ok(first.filter((slot) => slots.includes(slot)).length >= WANTED - 1)
      }
      for (const slot of first) {
        const payloads = net.nodes.flatMap(({ data }) => data.certificates.get(SERVICE, slot)?.payload ?? [])
        assert.equal(new Set(payloads).size, 1, `slot ${slot}`)
      }
    })
  }
})
