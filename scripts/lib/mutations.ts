import { stripVTControlCharacters } from 'node:util'

/** A defence taken out: a patch of one hunk, and the test that must notice. */
export interface Mutation {
  readonly name: string
  /** What the defence was for. */
  readonly finding: string
  /** File of forge tests, and a test in it. */
  readonly file: string
  readonly test: string
}

/**
 * Reads the head of a mutation: `Finding: …` and `Turns red: contracts/test/….t.sol:testName`, then one file's diff.
 * @throws Error naming what is missing, or when there is not exactly one hunk, of contracts/ and not of its tests
 */
export function readMutation(name: string, patch: string): Mutation {
  const finding = /^Finding: (.+)$/m.exec(patch)?.[1]
  const red = /^Turns red: (contracts\/test\/\S+\.t\.sol):(test\w+)$/m.exec(patch)
  if (finding === undefined) throw new Error(`${name} has no line "Finding: …"`)
  if (red === null) throw new Error(`${name} has no line "Turns red: contracts/test/….t.sol:testName"`)
  const hunks = patch.match(/^@@ /gm)?.length ?? 0
  if (hunks !== 1) throw new Error(`${name} has ${hunks} hunks, not one`)
  const target = /^\+\+\+ b\/(\S+)$/m.exec(patch)?.[1] ?? ''
  if (!target.startsWith('contracts/') || target.startsWith('contracts/test/')) {
    throw new Error(`${name} changes ${target}, which is no contract of ours`)
  }
  return { name, finding, file: red[1] ?? '', test: red[2] ?? '' }
}

/** What forge's report says of a test: `absent` if it did not run, as when `setUp` failed or nothing compiled. */
export function verdictOf(report: string, test: string): 'green' | 'red' | 'absent' {
  const plain = stripVTControlCharacters(report)
  const verdicts = [...plain.matchAll(/^\[(PASS|FAIL)[^\n]*?\] (\w+)\(/gm)].filter(([, , name]) => name === test)
  if (verdicts.length === 0) return 'absent'
  return verdicts.every(([, verdict]) => verdict === 'PASS') ? 'green' : 'red'
}
