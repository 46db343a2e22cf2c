import assert from 'node:assert/strict'
import { format, inspect } from 'node:util'
import { toJson } from '../../../src/util/json.ts'
import { Secret } from '../../../src/util/secret.ts'

describe('Secret', () => {
  const text = new Secret('hunter2-hunter2')
  const bytes = new Secret(Uint8Array.of(0xde, 0xad, 0xbe, 0xef))

  it('gives its value only when asked', () => {
    assert.equal(text.reveal(), 'hunter2-hunter2')
    assert.deepEqual(bytes.reveal(), Uint8Array.of(0xde, 0xad, 0xbe, 0xef))
  })

  const ways: Record<string, (secret: unknown) => string> = {
    'String()': (secret) => String(secret),
    'a template string': (secret) => `${secret}`,
    concatenation: (secret) => ['x', secret].join(''),
    JSON: (secret) => JSON.stringify({ nested: [secret] }),
    'our JSON': (secret) => toJson({ nested: [secret] }),
    inspect: (secret) => inspect(secret, { depth: null, showHidden: true, customInspect: true }),
    'inspect of what holds it': (secret) => inspect({ deep: { deeper: [secret] } }, { depth: null, showHidden: true }),
    'inspect without custom inspection': (secret) => inspect(secret, { customInspect: false, showHidden: true }),
    'console format': (secret) => format('%s %o %O %j', secret, secret, secret, secret),
    'its keys': (secret) => JSON.stringify(Object.entries(secret as object)) + Reflect.ownKeys(secret as object).join(),
    'a copy by spread': (secret) => inspect({ ...(secret as object) }),
    'an error message': (secret) => inspect(new Error(`failed with ${secret}`, { cause: secret })),
  }
  for (const [way, show] of Object.entries(ways)) {
    it(`does not show in ${way}`, () => {
      for (const secret of [text, bytes]) {
        const shown = show(secret)
        assert.doesNotMatch(shown, /hunter2|222|deadbeef|3q2-7w|3q2\+7w/i)
      }
    })
  }
})
