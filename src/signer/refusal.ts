import type { GuardRefusal, SignRequest } from './signer.ts'

/** How loudly a refusal is logged: what may mean a second self, a wrong chain or a broken disk is an error. */
export function logLevel(reason: GuardRefusal): 'debug' | 'warn' | 'error' {
  switch (reason) {
    case 'conflict':
    case 'foreign-domain':
    case 'unavailable':
      return 'error'
    case 'below-watermark':
    case 'outside-window':
      return 'warn'
    case 'before-floor':
      return 'debug' // every start passes through it
  }
}

/** What is wrong, where, and how to mend it. @param floor ms since the epoch */
export function explainRefusal(reason: GuardRefusal, { statement, window }: SignRequest, floor: number): string {
  const where = `slot ${statement.slot} attempt ${statement.attempt} of service ${statement.service}`
  switch (reason) {
    case 'conflict':
      return `another payload is on record for ${where}: signing this one would be slashable. Look for a second instance of this operator`
    case 'below-watermark':
      return `${where} lies below what the record remembers, so it may have been signed before`
    case 'outside-window':
      return `${where} is outside the slots ${window.from}..${window.to} that may be signed now: check the clock and the chain`
    case 'before-floor':
      return `${where} was triggered before ${new Date(floor).toISOString()}: an earlier run may have signed it`
    case 'foreign-domain':
      return `the record belongs to another chain of the same id (its genesis differs): use a dataDir and keys of their own for ${where}`
    case 'unavailable':
      return `the record could not be read or written for ${where}: check the disk under dataDir`
  }
}
