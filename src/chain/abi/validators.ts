// Generated from Validators by `npm run abi`. Do not edit.
export const validatorsAbi = [
  {"type":"constructor","inputs":[{"name":"chain_","type":"address"}],"stateMutability":"nonpayable"},
  {"type":"receive","stateMutability":"payable"},
  {"type":"function","name":"chain","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"penalize","inputs":[{"name":"eth","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"function","name":"pool","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"withdraw","inputs":[{"name":"eth","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"event","name":"Penalized","inputs":[{"name":"eth","type":"uint256","indexed":false}],"anonymous":false},
  {"type":"error","name":"FailedCall","inputs":[]},
  {"type":"error","name":"InsufficientBalance","inputs":[{"name":"balance","type":"uint256"},{"name":"needed","type":"uint256"}]},
  {"type":"error","name":"OnlyChain","inputs":[{"name":"caller","type":"address"}]},
  {"type":"error","name":"OnlyPool","inputs":[{"name":"caller","type":"address"}]},
] as const
