import { parseAbi } from 'viem'

// What is read of a Mailbox and its MerkleTreeHook, ours or Hyperlane's.

export const mailboxAbi = parseAbi([
  'event Dispatch(address indexed sender, uint32 indexed destination, bytes32 indexed recipient, bytes message)',
  'function localDomain() view returns (uint32)',
])

export const treeHookAbi = parseAbi([
  'event InsertedIntoTree(bytes32 messageId, uint32 index)',
  'function mailbox() view returns (address)',
  'function tree() view returns ((bytes32[32] branch, uint256 count))',
])
