// A bare host of guard and signer: eight services that sign slot after slot at once, until the process is killed or the
// rounds are over. It is bundled, so that it starts quickly. Each incarnation wants a payload of its own for every slot.
import { writeSync } from 'node:fs'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { LariatError } from '../../../src/util/errors.ts'
import type { Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import {
  domain,
  guardKeyOf,
  type HostSetup,
  KEEP_SLOTS,
  operator,
  payloadOf,
  SERVICES,
  secret,
  statementOf,
} from './law.ts'

const { folder, incarnation, from, rounds }: HostSetup = JSON.parse(process.argv[2] ?? '')

/** Written at once and in order; what is in the pipe survives this process. */
function tell(line: string): void {
  const bytes = Buffer.from(`${line}\n`)
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
}

const store = openGuardStore(`${folder}/guard.sqlite`, { create: true })
const signer = createLocalSigner({
  ...{ domain, operator, secret, store },
  clock: systemClock,
  log: silentLog,
  metrics: createMetrics(),
  keepSlots: KEEP_SLOTS,
})

async function attempt(service: number, slot: bigint, payload: Hex): Promise<void> {
  try {
    // Triggered at the floor: this is about the record, which must hold without the floor's help.
    const signature = await signer.sign({
      statement: statementOf(service, slot, payload),
      triggeredAt: signer.floor,
      window: { from: slot, to: slot },
    })
    tell(`S ${service} ${slot} ${payload} ${Buffer.from(signature).toString('hex')}`)
  } catch (error) {
    if (!(error instanceof LariatError)) throw error
    tell(`R ${service} ${slot} ${payload} ${error.code}`)
  }
}

tell('started')
await Promise.all(
  Array.from({ length: SERVICES }, async (_, service) => {
    let slot = BigInt(from[service] ?? 0)
    for (let round = 0; rounds === undefined || round < rounds; round++, slot++) {
      const recorded = store.find(guardKeyOf(service, slot))?.payload
      await attempt(service, slot, payloadOf(incarnation))
      if (recorded) await attempt(service, slot, recorded)
    }
  }),
)
store.close()
