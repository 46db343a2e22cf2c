// Generated from IPriceFeeds by `npm run abi`. Do not edit.
export const priceFeedsAbi = [
  {"type":"function","name":"SERVICE","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"},
  {"type":"function","name":"feedCount","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"feeds","inputs":[{"name":"from","type":"uint256"},{"name":"count","type":"uint256"}],"outputs":[{"name":"","type":"tuple[]","components":[{"name":"facade","type":"address"},{"name":"config","type":"tuple","components":[{"name":"description","type":"string"},{"name":"decimals","type":"uint8"},{"name":"deviationBps","type":"uint16"},{"name":"heartbeat","type":"uint32"},{"name":"minAnswer","type":"int192"},{"name":"maxAnswer","type":"int192"}]},{"name":"roundId","type":"uint32"},{"name":"answer","type":"int192"},{"name":"startedAt","type":"uint64"},{"name":"updatedAt","type":"uint64"}]}],"stateMutability":"view"},
  {"type":"function","name":"genesis","inputs":[],"outputs":[{"name":"","type":"uint64"}],"stateMutability":"view"},
  {"type":"function","name":"interval","inputs":[],"outputs":[{"name":"","type":"uint32"}],"stateMutability":"view"},
  {"type":"function","name":"latestSlot","inputs":[],"outputs":[{"name":"","type":"uint64"}],"stateMutability":"view"},
  {"type":"function","name":"update","inputs":[{"name":"epoch","type":"uint64"},{"name":"slot","type":"uint64"},{"name":"attempt","type":"uint16"},{"name":"certificate","type":"tuple","components":[{"name":"absent","type":"bytes"},{"name":"signature","type":"bytes"}]},{"name":"feedIndices","type":"uint16[]"},{"name":"answers","type":"int192[]"},{"name":"proof","type":"bytes32[]"},{"name":"proofFlags","type":"bool[]"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"event","name":"FeedAdded","inputs":[{"name":"feedIndex","type":"uint256","indexed":true},{"name":"facade","type":"address","indexed":true},{"name":"description","type":"string","indexed":false}],"anonymous":false},
  {"type":"event","name":"ReportAccepted","inputs":[{"name":"slot","type":"uint64","indexed":true},{"name":"epoch","type":"uint64","indexed":true},{"name":"attempt","type":"uint16","indexed":false},{"name":"root","type":"bytes32","indexed":false},{"name":"feeds","type":"uint256","indexed":false}],"anonymous":false},
] as const
