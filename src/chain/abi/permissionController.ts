// Generated from PermissionController by `npm run abi`. Do not edit.
export const permissionControllerAbi = [
  {"type":"function","name":"canCall","inputs":[{"name":"account","type":"address"},{"name":"caller","type":"address"},{"name":"target","type":"address"},{"name":"selector","type":"bytes4"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"},
  {"type":"function","name":"getAppointeePermissions","inputs":[{"name":"account","type":"address"},{"name":"appointee","type":"address"}],"outputs":[{"name":"targets","type":"address[]"},{"name":"selectors","type":"bytes4[]"}],"stateMutability":"view"},
  {"type":"function","name":"getAppointees","inputs":[{"name":"account","type":"address"},{"name":"target","type":"address"},{"name":"selector","type":"bytes4"}],"outputs":[{"name":"","type":"address[]"}],"stateMutability":"view"},
  {"type":"function","name":"isAdmin","inputs":[{"name":"account","type":"address"},{"name":"caller","type":"address"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"pure"},
  {"type":"function","name":"removeAppointee","inputs":[{"name":"account","type":"address"},{"name":"appointee","type":"address"},{"name":"target","type":"address"},{"name":"selector","type":"bytes4"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"function","name":"setAppointee","inputs":[{"name":"account","type":"address"},{"name":"appointee","type":"address"},{"name":"target","type":"address"},{"name":"selector","type":"bytes4"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"event","name":"AppointeeRemoved","inputs":[{"name":"account","type":"address","indexed":true},{"name":"appointee","type":"address","indexed":true},{"name":"target","type":"address","indexed":false},{"name":"selector","type":"bytes4","indexed":false}],"anonymous":false},
  {"type":"event","name":"AppointeeSet","inputs":[{"name":"account","type":"address","indexed":true},{"name":"appointee","type":"address","indexed":true},{"name":"target","type":"address","indexed":false},{"name":"selector","type":"bytes4","indexed":false}],"anonymous":false},
  {"type":"error","name":"AppointeeAlreadySet","inputs":[]},
  {"type":"error","name":"AppointeeNotSet","inputs":[]},
  {"type":"error","name":"InvalidPermissions","inputs":[]},
  {"type":"error","name":"NotAdmin","inputs":[]},
] as const
