import * as z from 'zod'
import type { Hex } from '../util/hex.ts'

/** Bytes as hexadecimal. */
export const hexText = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value))

/** A number of the chain, below 2^256, which JSON holds as decimal text. */
export const integerText = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt)

/** What every record of a signed transaction holds of it. */
export const signedShape = {
  what: z.string(),
  call: z.strictObject({
    to: hexText.optional(),
    from: hexText.optional(),
    data: hexText.optional(),
    value: integerText.optional(),
    gas: integerText,
  }),
  nonce: integerText,
  fees: z.strictObject({ maxFeePerGas: integerText, maxPriorityFeePerGas: integerText }),
  raw: hexText,
}
