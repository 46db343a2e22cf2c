import { parseAbi } from 'viem'

/** What the conduct reports need of RandomnessService. */
export const conductAbi = parseAbi([
  'function genesis() view returns (uint64)',
  'function windowSeconds() view returns (uint32)',
  'function keyGeneration() view returns (address)',
  'function conductReported(uint64 window) view returns (bool)',
  'struct Certificate { bytes absent; bytes signature; }',
  'function reportConduct(uint64 epoch, uint64 window, uint16 attempt, Certificate certificate, address[] operators)',
])
