import assert from 'node:assert/strict'
import { differences, shapesIn } from '../../../scripts/lib/jsonShape.ts'

describe('shapes of JSON', () => {
  it('are kept by values that have every field and no other', () => {
    const shape =
      '{ name, count: number, kind: "a" | "b", note?, inner: { at: number } | null, list: [{ x }], by: { [name]: boolean } }'
    const right = { name: 'n', count: 1, kind: 'a', inner: null, list: [{ x: null }, { x: 'y' }], by: { p: true } }
    assert.deepEqual(differences(right, shape), [])
    assert.deepEqual(differences({ ...right, inner: { at: 3 }, note: 'n' }, shape), [])
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ count: '1' }, /count is "1", and no number/],
      [{ kind: 'c' }, /kind is "c", not "a"/],
      [{ inner: {} }, /inner\.at is missing/],
      [{ list: [{ x: [] }] }, /list\[0\]\.x is \[\], and no plain/],
      [{ list: {} }, /list is \{\}, and no list/],
      [{ by: { p: 1 } }, /by\.p is 1, and no boolean/],
      [{ more: 1 }, /more is not in the shape/],
    ]
    for (const [change, says] of cases) assert.match(differences({ ...right, ...change }, shape).join(), says)
    const { name: _, ...without } = right
    assert.deepEqual(differences(without, shape), ['name is missing'])
  })

  it('may be several, with words between and after them', () => {
    const text = '{ a }; of another kind { b: number } or [{ c }]: amounts in wei'
    assert.equal(shapesIn(text).length, 3)
    assert.deepEqual(differences({ b: 1 }, text), [])
    assert.deepEqual(differences([{ c: 1 }], text), [])
    assert.deepEqual(differences({ b: 'x' }, text), ['b is "x", and no number'])
    assert.deepEqual(differences(null, '{ a } | null: nothing waits'), [])
  })

  it('know decimal strings, hexadecimal ones and literals', () => {
    assert.deepEqual(differences({ d: '-12', h: '0x00ff', v: 1 }, '{ d: decimal, h: hex, v: 1 }'), [])
    assert.equal(differences({ d: 12, h: '0xf', v: 2 }, '{ d: decimal, h: hex, v: 1 }').length, 3)
  })

  it('are refused when they are none', () => {
    for (const wrong of ['{ a', '{ a: }', '{ a: thing }', '[a', 'words', '{ a b }', '{ [x] }']) {
      assert.throws(() => shapesIn(wrong), SyntaxError, wrong)
    }
  })
})
