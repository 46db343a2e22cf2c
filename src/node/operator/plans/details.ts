import { parseAbiItem } from 'viem'
import { allocationManagerAbi } from '../../../chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../../chain/abi/delegationManager.ts'
import { readEvents } from '../../../chain/events.ts'
import { needOperator, positionOf, same } from '../find.ts'
import type { Planner } from '../perform.ts'
import type { OperatorSession, View } from '../session.ts'
import { atBlock, forBlocks } from '../words.ts'

const METADATA = parseAbiItem('event OperatorMetadataURIUpdated(address indexed operator, string metadataURI)')
/** Blocks in which we look for the last announcement: the core keeps it in events only, and most providers serve so many. */
const LOOK_BACK = 10_000n

/** Announces where people find the operator's name, logo and words. */
export function metadataPlanner(uri: string): Planner {
  return async (session, view) => {
    needOperator(await positionOf(session, view))
    if ((await announced(session, view)) === uri) {
      return { steps: [], notes: [`The operator's metadata is at ${uri} already.`], later: [] }
    }
    const { deployment, operator } = session
    return {
      steps: [
        {
          what: `announce that the operator's metadata is at ${uri}`,
          consequences: ['Wallets and explorers read name, website and logo there: keep it reachable, and as JSON.'],
          to: deployment.core.delegationManager,
          abi: delegationManagerAbi,
          functionName: 'updateOperatorMetadataURI',
          args: [operator, uri],
          by: 'appointee',
        },
      ],
      notes: [],
      later: [],
    }
  }
}

async function announced(
  { chain, deployment, operator }: OperatorSession,
  { block }: View,
): Promise<string | undefined> {
  const logs = await readEvents(chain, {
    address: deployment.core.delegationManager,
    event: METADATA,
    args: { operator },
    from: block.number - LOOK_BACK,
    to: block.number,
  })
  return logs.at(-1)?.args.metadataURI
}

/** Sets after how many blocks an allocation counts. */
export function allocationDelayPlanner(blocks: number): Planner {
  return async (session, view) => {
    const position = await positionOf(session, view)
    needOperator(position)
    const { deployment, operator } = session
    const pending = await pendingDelay(session, view, position.configurationDelay)
    if (pending === undefined ? position.allocationDelay === blocks : pending.delay === blocks) {
      const when = pending === undefined ? 'is' : `will be, from ${atBlock(pending.effectBlock, view)} on,`
      return { steps: [], notes: [`The allocation delay ${when} ${forBlocks(blocks, view)}.`], later: [] }
    }
    const effect = Number(view.now.number) + position.configurationDelay + 2
    return {
      steps: [
        {
          what: `set the allocation delay to ${forBlocks(blocks, view)}`,
          consequences: [
            `From about ${atBlock(effect, view)} on, what is allocated can be slashed ${blocks === 0 ? 'at once' : `after ${forBlocks(blocks, view)}`}; until then the delay stays ${position.allocationDelay === undefined ? 'unset, and nothing can be allocated' : forBlocks(position.allocationDelay, view)}.`,
            'A long delay leaves time to regret an allocation, but no set counts the stake before it is over.',
          ],
          to: deployment.core.allocationManager,
          abi: allocationManagerAbi,
          functionName: 'setAllocationDelay',
          args: [operator, blocks],
          by: 'appointee',
        },
      ],
      notes: [],
      later: [],
    }
  }
}

const DELAY_SET = parseAbiItem('event AllocationDelaySet(address operator, uint32 delay, uint32 effectBlock)')

/** A change that was asked for and does not count yet: the core has no view function for it. */
async function pendingDelay(
  { chain, deployment, operator }: OperatorSession,
  { block }: View,
  configurationDelay: number,
): Promise<{ delay: number; effectBlock: number } | undefined> {
  const logs = await readEvents(chain, {
    address: deployment.core.allocationManager,
    event: DELAY_SET,
    from: block.number - BigInt(configurationDelay) - 1n,
    to: block.number,
  })
  const last = logs.findLast(({ args }) => same(args.operator, operator))?.args
  return last === undefined || last.effectBlock <= Number(block.number) ? undefined : last
}
