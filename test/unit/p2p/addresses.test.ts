import assert from 'node:assert/strict'
import { dialable } from '../../../src/p2p/addresses.ts'

const ID = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const OTHER = '12D3KooWNvSZnPi3RrhrTwEY4LuuBeB6K6facKUCJcyWG1aoDd2p'
const dial = (...addresses: string[]) => dialable({ id: ID, addresses }).map((address) => address.toString())

describe('addresses of a peer', () => {
  it('are dialled as that peer', () => {
    assert.deepEqual(dial('/ip4/10.0.0.1/tcp/4001', '/dns4/a.example/tcp/1', `/ip6/::1/tcp/2/p2p/${ID}`), [
      `/ip4/10.0.0.1/tcp/4001/p2p/${ID}`,
      `/dns4/a.example/tcp/1/p2p/${ID}`,
      `/ip6/::1/tcp/2/p2p/${ID}`,
    ])
  })

  it('are left out when they are no plain TCP address of that peer', () => {
    const wrong = [
      '',
      'rubbish',
      '/ip4/10.0.0.1',
      '/ip4/10.0.0.1/udp/1',
      '/ip4/10.0.0.1/tcp/1/ws',
      '/dnsaddr/a.example',
      '/unix/tmp/socket',
      `/ip4/10.0.0.1/tcp/1/p2p/${OTHER}`,
      `/ip4/10.0.0.1/tcp/1/p2p/${OTHER}/p2p-circuit`,
      `/dns4/${'a'.repeat(130)}/tcp/1`,
    ]
    for (const address of wrong) assert.deepEqual(dial(address), [], address)
  })

  it('are at most eight', () => {
    assert.equal(dial(...Array.from({ length: 20 }, (_, i) => `/ip4/10.0.0.1/tcp/${i + 1}`)).length, 8)
  })
})
