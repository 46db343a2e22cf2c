import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { declareAll } from '../../scripts/lib/pages.ts'
import { RULES } from '../support/prometheus.ts'

const TESTS = fileURLToPath(new URL('../../docker/prometheus/tests/', import.meta.url))

describe('promtool', () => {
  function promtool(args: readonly string[], input = ''): string {
    const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' })
    assert.equal(error, undefined)
    assert.equal(status, 0, `promtool ${args.join(' ')}:\n${stdout}${stderr}`)
    return stdout + stderr
  }

  it('takes the rules', () => {
    for (const name of readdirSync(RULES))
      assert.match(promtool(['check', 'rules', RULES + name]), /SUCCESS: \d+ rules/)
  })

  it('sees each alert fire on its cause, and be silent before and after', () => {
    const names = readdirSync(TESTS)
    assert.ok(names.length >= 4)
    promtool(['test', 'rules', ...names.map((name) => TESTS + name)])
  })

  it('has nothing to say against names and units of the metrics that a node declares', async () => {
    const { body } = await declareAll().expose()
    assert.equal(promtool(['check', 'metrics'], body), '')
  })
})
