// Generated from LrtLens by `npm run abi`. Do not edit.
export const lrtLensAbi = [
  {"type":"function","name":"backingRatio","inputs":[{"name":"vault","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"completable","inputs":[{"name":"vault","type":"address"},{"name":"operator","type":"address"}],"outputs":[{"name":"roots","type":"bytes32[]"}],"stateMutability":"view"},
  {"type":"function","name":"redistributing","inputs":[{"name":"vault","type":"address"}],"outputs":[{"name":"found","type":"tuple[]","components":[{"name":"operator","type":"address"},{"name":"avs","type":"address"},{"name":"operatorSetId","type":"uint32"},{"name":"recipient","type":"address"},{"name":"magnitude","type":"uint64"}]}],"stateMutability":"view"},
  {"type":"function","name":"stakeByOperator","inputs":[{"name":"vault","type":"address"}],"outputs":[{"name":"operators","type":"address[]"},{"name":"values","type":"uint256[]"}],"stateMutability":"view"},
  {"type":"error","name":"LrtVaultUnknownOperator","inputs":[{"name":"operator","type":"address"}]},
] as const
