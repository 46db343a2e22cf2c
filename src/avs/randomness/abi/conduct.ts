import { parseAbi } from 'viem'

/** What the conduct reports need of RandomnessService. */
export const conductAbi = parseAbi([
  'function genesis() view returns (uint64)',
  'function windowSeconds() view returns (uint32)',
  'function keyGeneration() view returns (address)',
  'function conductReported(uint64 window) view returns (bool)',
  'function isOperator(address account) view returns (bool)',
  'function epochRows(uint64 epoch, uint256 from, uint256 count) view returns (address[] operators, bytes[] publicKeys, uint64[] weights)',
  'struct Certificate { bytes absent; bytes signature; }',
  'function reportConduct(uint64 epoch, uint64 window, uint16 attempt, Certificate certificate, address[] operators)',
])
