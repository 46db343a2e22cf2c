import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { problemOf } from '../../../scripts/lib/commandLines.ts'
import { pathOf } from '../../../scripts/lib/docsCommands.ts'
import { ELSEWHERE, type JsonNet, WHEN_IT_STOPPED, WHILE_IT_RUNS } from '../../../scripts/lib/jsonCommands.ts'
import { shapesIn } from '../../../scripts/lib/jsonShape.ts'
import { aboutOf } from '../../../src/cli/about.ts'
import { PLUGINS } from '../../../src/node/plugins.ts'
import { commandTree } from '../../support/shapes.ts'

const ROOT = join(import.meta.dirname, '../../..')
const NET: JsonNet = {
  ...{ net: 'net', out: 'out', message: '3f'.repeat(32) },
  summary: {
    ...{ rpcUrl: 'http://127.0.0.1:8545', folder: 'net', staker: { config: 'staker.yaml', address: '0x' } },
    nodes: [1, 2, 3, 4].map((i) => ({ config: `${i}.yaml`, operator: '0x', api: 'http://127.0.0.1:9520' })),
  },
}

describe('commands that print JSON', () => {
  it('are all run where what they print is compared with their shapes', async () => {
    const commands = await commandTree()
    const declared = [...commands].flatMap(([path, command]) => {
      const { json, jsonLines } = aboutOf(command) ?? {}
      return json === undefined && jsonLines === undefined ? [] : [path]
    })
    const compared = [WHILE_IT_RUNS, WHEN_IT_STOPPED, ELSEWHERE].flatMap((list) => Object.keys(list))
    assert.deepEqual(compared.sort(), declared.sort())
    for (const [path, why] of Object.entries(ELSEWHERE)) {
      const [file = ''] = /test\/\S+\.test\.ts/.exec(why) ?? []
      assert.ok(existsSync(join(ROOT, file)), `${path}: ${why}`)
      // the helpers that run commands compare
      const text = readFileSync(join(ROOT, file), 'utf8')
      assert.match(text, new RegExp(`'${path.split(' ').at(-1)}'.*'--json'`), path)
    }
  })

  it('are run by lines that there are', async () => {
    const paths = [...(await commandTree()).keys()]
    for (const list of [WHILE_IT_RUNS, WHEN_IT_STOPPED]) {
      for (const [path, linesOf] of Object.entries(list)) {
        const lines = linesOf(NET)
        assert.ok(lines.length > 0, path)
        for (const words of lines) {
          assert.equal(pathOf(words, paths), path)
          assert.equal(await problemOf([...words, '--json']), undefined, words.join(' '))
        }
      }
    }
  })

  it('have plug-ins beside them whose facts have shapes', async () => {
    const plugins = await Promise.all(Object.values(PLUGINS).map((load) => load()))
    const shapes = plugins.flatMap(({ status }) => (status === undefined ? [] : [status.json]))
    assert.ok(shapes.length >= 2)
    for (const shape of shapes) assert.ok(shapesIn(shape).length > 0)
  })
})
