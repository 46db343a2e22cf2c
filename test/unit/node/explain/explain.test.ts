import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REASONS } from '../../../../src/avs/reasons.ts'
import { ERRORS } from '../../../../src/node/explain/errors.ts'
import { catalogue, catalogueText, explain, explainedText } from '../../../../src/node/explain/explain.ts'
import { SELF_CHECKS } from '../../../../src/node/selfcheck/catalogue.ts'

const SRC = join(import.meta.dirname, '../../../../src')
/** Text of every source but the catalogue's own. */
const SOURCES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/Errors\.ts$/.test(name))
  .map((name) => readFileSync(join(SRC, name), 'utf8'))

describe('the catalogue of codes', () => {
  it('has every code that an error of the sources is made with', () => {
    const thrown = SOURCES.flatMap((text) => [
      ...[
        ...text.matchAll(
          /(?:LariatError(?:<[^>]*>)?|keystoreError|fail|need|leave)\(\s*(?:[\w.]+,\s*)*'([a-z0-9-]+\.[a-z0-9-]+)'/g,
        ),
      ],
    ]).map(([, code]) => code ?? '')
    assert.ok(thrown.length > 250, `${thrown.length}`)
    const missing = new Set(thrown.filter((code) => !Object.hasOwn(ERRORS, code) && !Object.hasOwn(REASONS, code)))
    assert.deepEqual([...missing], [], 'add them to src/node/explain')
  })

  it('has no code that the sources do not know', () => {
    const literals = new Set(SOURCES.flatMap((text) => [...text.matchAll(/'([a-z0-9.-]+)'/g)].map(([, word]) => word)))
    const unknown = Object.keys(ERRORS).filter((code) => {
      // shares.… are put together from the reason alone
      const isReason = code.startsWith('shares.') && literals.has(code.slice('shares.'.length))
      return !literals.has(code) && !isReason
    })
    assert.deepEqual(unknown, [])
  })

  it('says in sentences what each means and what to do, and names documents that exist', () => {
    const docs = new Set(readdirSync(join(SRC, '../docs')))
    for (const { code, what, mend } of catalogue()) {
      for (const text of [what, mend]) assert.match(text, /^(?:\p{Lu}|[a-z]\w+ ).*[.:]$/u, `${code}: ${text}`)
      for (const [, page] of mend.matchAll(/docs\/([a-z-]+\.md)/g)) assert.ok(docs.has(page ?? ''), `${code}: ${page}`)
    }
  })

  it('explains reasons, self-checks, errors and exit codes', () => {
    const conflict = explain('guard.conflict')
    assert.deepEqual(conflict, { code: 'guard.conflict', kind: 'reason', ...REASONS['guard.conflict'] })
    assert.match(explainedText(conflict), /^guard\.conflict \(reason, step guard\)\n {2}what {2}.+\n {2}mend {2}.+$/)
    assert.equal(explain('Second Self').bears, SELF_CHECKS['second self'].bears)
    assert.equal(explain('store.locked').exitCode, 3)
    assert.equal(explain('6').kind, 'exit code')
    assert.match(
      catalogueText(catalogue()),
      /^reasons\n[\s\S]*\n\nself-checks\n[\s\S]*\n\nerrors\n[\s\S]*\n\nexit codes\n/,
    )
  })

  it('suggests what is near a code that it does not have', () => {
    assert.throws(() => explain('guard.conflikt'), { code: 'explain.unknown', message: /did you mean guard\.conflict/ })
    assert.throws(() => explain('watermark'), /did you mean guard\.below-watermark/)
    assert.throws(() => explain('qqqqqqqqqqqq'), /lariat explain lists all codes/)
  })
})
