import assert from 'node:assert/strict'
import { screenOf, svgOf, untilLastTable } from '../../../scripts/lib/terminal.ts'

const textOf = (output: string) => screenOf(output).map((cells) => cells.map(({ character }) => character).join(''))

describe('a recorded terminal', () => {
  it('shows what was written last, where it was written', () => {
    assert.deepEqual(textOf('one\r\ntwo'), ['one', 'two'])
    assert.deepEqual(textOf('abc\rx'), ['xbc'])
    // as listr draws: lines are erased going up, and written anew
    assert.deepEqual(textOf('⠋ a\r\n◼ b\r\n\u001b[2K\u001b[1A\u001b[2K\u001b[1A\u001b[2K\u001b[G✔ a\r\n⠋ b'), [
      '✔ a',
      '⠋ b',
    ])
    // and as the table is: up, and all below erased
    assert.deepEqual(textOf('kept\r\nold 1\r\nold 2\r\n\u001b[2A\u001b[Jnew\r\n'), ['kept', 'new'])
    assert.deepEqual(textOf('abcdef\r\u001b[3Gx\u001b[K'), ['abx'])
    assert.deepEqual(textOf('\u001b[?25la\u001b[3Bb'), ['a', '', '', ' b'])
  })

  it('keeps the colours', () => {
    const [cells = []] = screenOf('\u001b[32m✔\u001b[39m a\u001b[90;31mx\u001b[0my')
    assert.deepEqual(
      cells.map(({ colour }) => colour),
      ['#7ee787', '#c9d1d9', '#c9d1d9', '#ff7b72', '#c9d1d9'],
    )
  })

  it('becomes a picture, cut off at its width', () => {
    const picture = svgOf('a <title>', screenOf('\u001b[32m✔\u001b[39m a<b&c, and more'), 7)
    assert.match(picture, /<title>a &lt;title&gt;<\/title>/)
    assert.match(picture, /width="103" height="58"/)
    assert.match(
      picture,
      /<text y="30" xml:space="preserve"><tspan x="20" fill="#7ee787">✔<\/tspan><tspan x="29" fill="#c9d1d9"> a&lt;b&amp;c<\/tspan><\/text>/,
    )
  })

  it('is taken from a testnet’s first line to its last whole table', () => {
    const tables = ['one', 'two', 'cut o'].map((text) => `${text}\r\n`)
    const output = `built\r\nMarkets of staked tokens are\r\n${tables.join('\u001b[1A\u001b[J')}`
    assert.deepEqual(textOf(untilLastTable(output)), ['Markets of staked tokens are', 'two'])
    assert.throws(() => untilLastTable('Markets of staked tokens are\r\n'), /no table/)
    assert.throws(() => untilLastTable('x\u001b[1A\u001b[J'), /no table/)
  })
})
