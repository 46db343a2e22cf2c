import assert from 'node:assert/strict'
import { clockTime, count, duration, ether, ms, percent, price, short } from '../../../web/src/format.ts'
import { absentOf, MAX_SLOTS, quantile, summaryOf, withSlot } from '../../../web/src/slots.ts'
import type { Member, Slot } from '../../../web/src/types.ts'

const slot = (number: number, more: Partial<Slot> = {}): Slot => ({
  ...{ slot: `${number}`, outcome: 'certified', reason: null, triggeredAt: number, certificateMs: 10 * number },
  ...{ signers: ['0xAA', '0xbb'] },
  ...more,
})
const member = (operator: string): Member => ({ operator, share: 0.5, revoked: false, self: false, peerId: null })

describe('slots of the status page', () => {
  it('are kept in order, replaced when they land, and bounded', () => {
    const numbers = (slots: readonly Slot[]) => slots.map((one) => Number(one.slot))
    const slots = [9, 7, 10, 8].map((number) => slot(number)).reduce(withSlot, [] as readonly Slot[])
    assert.deepEqual(numbers(slots), [7, 8, 9, 10])
    const landed = withSlot(slots, slot(8, { outcome: 'landed' }))
    assert.deepEqual(
      landed.map(({ outcome }) => outcome),
      ['certified', 'landed', 'certified', 'certified'],
    )
    const many = Array.from({ length: MAX_SLOTS + 5 }, (_, i) => slot(i)).reduce(withSlot, [] as readonly Slot[])
    assert.deepEqual([many.length, many[0]?.slot], [MAX_SLOTS, '5'])
  })

  it('are summed up', () => {
    const sum = summaryOf([slot(1), slot(2), slot(3, { outcome: 'missed', certificateMs: null }), slot(4)])
    assert.deepEqual([sum.total, sum.certified, sum.missed, sum.p50, sum.p95], [4, 3, 1, 20, 40])
    assert.equal(sum.latest?.slot, '4')
    assert.equal(quantile([], 0.5), undefined)
    assert.equal(quantile([5], 0.95), 5)
  })

  it('tell who is absent, in whatever case addresses are written; of a missed one nobody', () => {
    const members = [member('0xaa'), member('0xBB'), member('0xcc')]
    assert.deepEqual(
      absentOf(slot(1), members).map(({ operator }) => operator),
      ['0xcc'],
    )
    assert.deepEqual(absentOf(slot(1, { outcome: 'missed', signers: [] }), members), [])
  })
})

describe('numbers of the status page', () => {
  it('are written for people', () => {
    assert.equal(short('0x8EF48775fAe54C4Dcbf0bF67859b63e83c28CcE8'), '0x8EF4…CcE8')
    assert.equal(short('stake'), 'stake')
    assert.deepEqual([5, 130, 7_500, 400_000, -3].map(duration), ['5 s', '2 min', '2 h 5 min', '4 d 15 h', '0 s'])
    assert.deepEqual([4.25, 42.4, 12_345].map(ms), ['4.3 ms', '42 ms', '12.3 s'])
    assert.equal(ether('43276873003794610712'), '43.27')
    assert.equal(ether('1234567000000000000000000', 0), '1,234,567')
    assert.equal(ether('5', 6), '0.000000')
    assert.equal(percent(0.266599999), '26.7 %')
    assert.deepEqual(['39948.90695018', '1.000272500000000000', '12.5'].map(price), ['39,948.91', '1.00027', '12.500'])
    assert.deepEqual([count(1, 'check'), count(2, 'check')], ['1 check', '2 checks'])
    assert.match(clockTime(1_795_486_191), /^\d\d:\d\d:\d\d$/)
  })
})
