import type { ExitCode } from '../../node/exit.ts'
import { openLog } from '../../node/logging.ts'
import { untilStopped } from '../../node/untilStopped.ts'
import { LariatError } from '../../util/errors.ts'
import { startAnvil, TESTNET_BLOCKS } from '../anvil.ts'

/**
 * A chain of a testnet, until it is told to stop.
 * @param options `stateFile`: where it is kept from one run to the next; forgotten without
 */
export function runDevnetChain(options: {
  readonly host: string
  readonly port: number
  readonly chainId: number
  readonly stateFile?: string | undefined
}): Promise<ExitCode> {
  const { stateFile, ...rest } = options
  const log = openLog({ level: 'info', format: 'json' })
  return untilStopped('chain', log, async (lifecycle) => {
    const { rpcUrl } = await lifecycle.open(
      'anvil',
      () =>
        startAnvil({
          ...{ ...rest, ...TESTNET_BLOCKS },
          ...(stateFile === undefined ? {} : { stateFile }),
          // nobody waits for this: as an unexpected error it ends the process, which has nothing else to do
          onUnexpectedExit: (how) => {
            throw new LariatError('testnet.anvil', `the chain ended: ${how}`)
          },
        }),
      ({ stop }) => stop(),
    )
    log.info('the chain answers', { rpcUrl, chainId: options.chainId })
  })
}
