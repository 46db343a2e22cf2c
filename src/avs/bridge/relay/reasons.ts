/** Why a message waits, and what mends it. */
export const REASONS = {
  'not-attested': 'no certificate covers it yet: it comes after the block of the message is final',
  'epoch-not-here':
    'the certificates that cover it are of epochs that the destination’s module does not accept now: a hand-over is under way, or its epochs are over and its owner must recover it',
  contradicted:
    'what is certified is not what this node sees in the tree: this node’s providers of the origin are wrong, or the operators are; look at its health',
  'source-halted': 'this node halted the stream of its origin; GET /healthz says why, and how to go on',
  turn: 'it is another operator’s turn to deliver it; this node’s comes later',
  queued: 'it is about to be delivered; messages go one at a time',
  'in-order': 'messages of this origin are delivered in order, and one before it waits',
  'gas-price': 'gas is more expensive than `maxGasPriceGwei` of this destination allows',
  'gas-limit': 'its delivery takes more gas than `maxGas` of this destination allows',
  'no-funds': 'the operator’s account cannot pay for gas on the destination: send it ETH there',
  'not-mined': 'transactions to the destination are sent and not mined, or wait for others of the account',
  'recipient-reverts': 'its recipient reverts; it is tried again with growing pauses, for ten minutes each at the most',
  'rate-limited': 'its recipient takes no more for now than its rate limit lets in; it is tried again',
  'other-module': 'its recipient has chosen another security module, which this node has no metadata for',
  'module-paused': 'operators have paused the destination’s module; a quorum of them ends that',
  'route-closed': 'a fast checkpoint of its origin was corrected: the module’s owner must open the route again',
  'no-route': 'the destination’s module does not believe this tree of messages: its owner adds routes',
  'not-kept': 'its body is not kept here, as it is too long or too old: a node that has it must deliver it',
  refused: 'the destination’s module or mailbox refuses it; the detail has its error',
  'destination-down': 'the destination chain does not answer; deliveries go on when it does',
} as const

export type Reason = keyof typeof REASONS
