import type { Context, ServiceConfig } from '../../src/avs/api.ts'

type Uses = Pick<
  Context<ServiceConfig>,
  'chains' | 'messages' | 'peerTime' | 'epochs' | 'certificates' | 'store' | 'shares' | 'checkpoints' | 'deal'
>

const refuse = (): never => {
  throw new Error('this service sends, keeps and deals nothing')
}

/** What the context of a service has that declares neither messages nor stores nor keys, and uses one chain. */
export const bareContext: Uses = {
  chains: new Map(),
  messages: {
    self: 'peer',
    send: refuse,
    publish: refuse,
    penalize: refuse,
    peerOf: refuse,
    operatorOf: refuse,
    connected: refuse,
    keep: refuse,
  },
  peerTime: { now: () => undefined },
  epochs: { at: () => undefined, byNumber: () => undefined, onChange: () => () => undefined },
  certificates: { list: () => [] },
  store: refuse,
  shares: new Proxy({} as Uses['shares'], { get: refuse }),
  checkpoints: new Proxy({} as Uses['checkpoints'], { get: refuse }),
  deal: refuse,
}
