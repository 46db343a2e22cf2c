import assert from 'node:assert/strict'
import { isOwnHost } from '../../../src/node/api/host.ts'

describe('names by which a node on loopback is asked', () => {
  const own = (header: string | undefined, bound = '127.0.0.1') => isOwnHost(header, bound, ['node.example'])

  it('are addresses, localhost, and those of the configuration', () => {
    for (const header of ['127.0.0.1:9520', 'localhost:9520', '[::1]:9520', 'LOCALHOST', 'a.localhost:1', '10.0.0.1']) {
      assert.equal(own(header), true, header)
    }
    assert.equal(own('node.example:9520'), true)
    assert.equal(own(undefined), true)
  })

  it('are no others: those may be of a page that has its name resolve to here', () => {
    for (const header of [
      'evil.example',
      'evil.example:9520',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '',
    ]) {
      assert.equal(own(header), false, header)
      assert.equal(own(header, '::1'), false, header)
      assert.equal(own(header, 'localhost'), false, header)
    }
  })

  it('are any where others reach it anyway', () => {
    assert.equal(own('node.internal:9520', '0.0.0.0'), true)
    assert.equal(own('node.internal:9520', '192.168.1.4'), true)
  })
})
