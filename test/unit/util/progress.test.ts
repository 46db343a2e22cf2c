import assert from 'node:assert/strict'
import { hasColours, painter } from '../../../src/util/colours.ts'
import { PROGRESS_MARK, startProgress, whileAsking, withProgress } from '../../../src/util/progress.ts'
import { SimClock } from '../../../src/util/simclock.ts'

function output(isTTY: boolean) {
  let text = ''
  return {
    isTTY,
    columns: 40,
    write: (more: string) => {
      text += more
      return true
    },
    text: () => text,
  }
}

describe('progress', () => {
  it('is one plain line where there is no terminal, and nothing for what is done at once', async () => {
    const [out, clock] = [output(false), new SimClock(0)]
    assert.equal(await withProgress('thinking', async () => 7, out, clock), 7)
    await clock.advance(5_000)
    assert.equal(out.text(), '')
    await withProgress('reading the chain', () => clock.advance(5_000), out, clock)
    assert.equal(out.text(), `${PROGRESS_MARK}reading the chain\n`)
  })

  it('moves on a terminal, keeps off it while somebody is asked, and is gone at the end', async () => {
    const [out, clock] = [output(true), new SimClock(0)]
    const end = startProgress('a name that is far too long for a terminal of forty columns', out, clock)
    await clock.advance(900)
    assert.equal(out.text(), '')
    await clock.advance(500)
    await whileAsking(async () => {
      const before = out.text()
      assert.ok(before.endsWith('\r\u001b[K'))
      await clock.advance(2_000)
      assert.equal(out.text(), before)
    }, out)
    const drawn = out.text().length
    await clock.advance(500)
    assert.ok(out.text().length > drawn)
    end()
    assert.ok(out.text().endsWith('\r\u001b[K'))
    for (const line of out.text().split('\r\u001b[K')) assert.ok(line.length < 40, line)
  })
})

describe('colours', () => {
  it('are for terminals, unless the environment says otherwise', () => {
    const cases: readonly (readonly [boolean, NodeJS.ProcessEnv, boolean])[] = [
      [true, {}, true],
      [false, {}, false],
      [true, { NO_COLOR: '1' }, false],
      [true, { NO_COLOR: '' }, true],
      [false, { FORCE_COLOR: '1' }, true],
      [true, { FORCE_COLOR: '0' }, false],
      [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
      [true, { TERM: 'dumb' }, false],
    ]
    for (const [isTTY, env, has] of cases) assert.equal(hasColours({ isTTY }, env), has, JSON.stringify([isTTY, env]))
    assert.equal(painter({ isTTY: true }, {})('red', 'fail'), '\u001b[31mfail\u001b[0m')
    assert.equal(painter({ isTTY: false }, {})('red', 'fail'), 'fail')
  })
})
