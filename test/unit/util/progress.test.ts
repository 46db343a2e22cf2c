import assert from 'node:assert/strict'
import { hasColours, painter } from '../../../src/util/colours.ts'
import { ProgressLine, withProgress } from '../../../src/util/progress.ts'
import { SimClock } from '../../../src/util/simclock.ts'

const CLEAR = '\r\u001b[K'

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
    /** What stands on the terminal. */
    shown: () => text.split(CLEAR).at(-1) ?? '',
  }
}

describe('progress', () => {
  it('is nothing where there is no terminal, and nothing for what is done at once', async () => {
    const clock = new SimClock(0)
    for (const isTTY of [false, true]) {
      const out = output(isTTY)
      const line = new ProgressLine(out, clock)
      assert.equal(await withProgress('thinking', async () => 7, line), 7)
      await clock.advance(5_000)
      assert.equal(out.text(), '')
      await withProgress('reading the chain', () => clock.advance(5_000), line)
      assert.equal(out.text().includes('reading the chain (4 s)'), isTTY)
      assert.equal(out.shown(), '')
    }
  })

  it('moves on a terminal, keeps off it while somebody is asked, and is gone at the end', async () => {
    const [out, clock] = [output(true), new SimClock(0)]
    const line = new ProgressLine(out, clock)
    const end = line.start('a name that is far too long for a terminal of forty columns')
    await clock.advance(900)
    assert.equal(out.text(), '')
    await clock.advance(500)
    await line.whileAsking(async () => {
      const before = out.text()
      assert.ok(before.endsWith(CLEAR))
      await clock.advance(2_000)
      assert.equal(out.text(), before)
    })
    const drawn = out.text()
    await clock.advance(900)
    assert.equal(out.text(), drawn, 'the time of the answer does not count')
    await clock.advance(500)
    assert.ok(out.text().length > drawn.length)
    end()
    assert.equal(out.shown(), '')
    for (const drawing of out.text().split(CLEAR)) assert.ok(drawing.length < 40, drawing)
    const all = out.text()
    await clock.advance(5_000)
    assert.equal(out.text(), all)
  })

  it('tells what a command does until it shows something, and then only what goes on within it', async () => {
    const [out, clock] = [output(true), new SimClock(0)]
    const line = new ProgressLine(out, clock)
    line.begin('reading the chain')
    await clock.advance(1_200)
    assert.match(out.shown(), /reading the chain \(1 s\)/)
    const end = line.start('opening a key')
    await clock.advance(1_200)
    assert.match(out.shown(), /opening a key \(1 s\)/)
    end()
    await clock.advance(100)
    assert.match(out.shown(), /reading the chain \(2 s\)/)
    line.output()
    assert.equal(out.shown(), '')
    await clock.advance(5_000)
    assert.equal(out.shown(), '')
    await withProgress('waiting for a block', () => clock.advance(1_500), line)
    assert.match(out.text(), /waiting for a block \(1 s\)/)
  })

  it('is silent for a command whose result is for programs, in all that it does', async () => {
    const [out, clock] = [output(true), new SimClock(0)]
    const line = new ProgressLine(out, clock)
    line.begin(undefined)
    await withProgress('reading the chain', () => clock.advance(5_000), line)
    line.drawNow('at once')
    assert.equal(out.text(), '')
    line.begin('reading the chain')
    await clock.advance(1_500)
    assert.match(out.shown(), /reading the chain/)
    line.output()
  })

  it('is drawn by work that lets no timer fire, and before what cannot be interrupted', () => {
    const out = output(true)
    let now = 0
    const clock = { now: () => now, after: () => ({ cancel() {} }) }
    const line = new ProgressLine(out, clock)
    line.begin('looking')
    now = 999
    line.tick('1 of 9')
    assert.equal(out.text(), '')
    now = 1_000
    line.tick('2 of 9')
    assert.match(out.shown(), /looking, 2 of 9 \(1 s\)/)
    now = 1_050
    line.tick('3 of 9')
    assert.match(out.shown(), /2 of 9/)
    now = 1_100
    line.tick('4 of 9')
    assert.match(out.shown(), /4 of 9/)
    line.output()
    line.tick('5 of 9')
    assert.equal(out.shown(), '')
    line.begin('looking again')
    line.drawNow('all')
    assert.match(out.shown(), /looking again, all \(0 s\)/)
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
