import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { processPrompt } from '../../../src/util/prompt.ts'

/** A terminal: what is written to `input` is typed, `screen` gives what is shown; `raw` how its mode changed. */
function terminal({ isTTY = true } = {}) {
  const raw: boolean[] = []
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: (on: boolean) => raw.push(on) })
  const output = Object.assign(new PassThrough(), { isTTY })
  const screen = () => String(output.read() ?? '')
  return { input, output, screen, raw, prompt: processPrompt(input, output) }
}

describe('the prompt', () => {
  it('shows what is typed, but not where it is hidden', async () => {
    const { input, screen, raw, prompt } = terminal()
    assert.ok(prompt.interactive)
    const answer = prompt.ask('Name: ')
    input.write('añb\r')
    assert.equal(await answer, 'añb')
    assert.equal(screen(), 'Name: añb\n')
    const hidden = prompt.askHidden('Password: ')
    input.write('hunter2')
    input.write('\r')
    assert.equal((await hidden).reveal(), 'hunter2')
    assert.equal(screen(), 'Password: \n')
    assert.deepEqual(raw, [true, false, true, false])
  })

  it('takes the echo away before it asks', async () => {
    const { input, output, raw, prompt } = terminal()
    const modes: (boolean | undefined)[] = []
    output.on('data', () => modes.push(raw.at(-1)))
    const answer = prompt.askHidden('Password: ')
    input.write('x\r')
    await answer
    assert.equal(modes[0], true)
  })

  it('takes characters back, and keeps what was pasted beyond a line for the next question', async () => {
    const { input, prompt } = terminal()
    const first = prompt.askHidden('One: ')
    input.write('ab\x7f\x7fç\x08c\r\ntwo\nthree')
    assert.equal((await first).reveal(), 'c')
    assert.equal(await prompt.ask('Two: '), 'two')
    const third = prompt.ask('Three: ')
    input.write('!\r')
    assert.equal(await third, 'three!')
  })

  it('is cancelled by Ctrl-C, Ctrl-D and the end of the terminal', async () => {
    for (const key of ['\x03', '\x04', undefined]) {
      const { input, raw, prompt } = terminal()
      const answer = prompt.ask('Sure? ')
      if (key === undefined) input.end()
      else input.write(`yes${key}`)
      await assert.rejects(answer, { code: 'usage.cancelled' })
      assert.equal(raw.at(-1), false)
    }
  })

  it('takes a bounded answer, without control keys', async () => {
    const { input, prompt } = terminal()
    const answer = prompt.ask('Long: ')
    input.write(`\x1b${'x'.repeat(10_000)}\r`)
    assert.equal((await answer).length, 4_096)
  })

  it('asks nobody when there is no terminal', async () => {
    const { prompt } = terminal({ isTTY: false })
    assert.equal(prompt.interactive, false)
    await assert.rejects(prompt.ask('Name: '), { code: 'usage.no-terminal', message: /nobody is at a terminal/ })
    await assert.rejects(prompt.askHidden('Name: '), { code: 'usage.no-terminal' })
  })
})
