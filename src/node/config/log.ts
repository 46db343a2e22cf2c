import * as z from 'zod'
import { LOG_FORMATS, LOG_LEVELS } from '../logging.ts'

/** What is logged, and how; of the node and of the remote signer. */
export const logSchema = z
  .strictObject({
    level: z
      .enum(LOG_LEVELS)
      .default('info')
      .meta({ description: 'Least severe level that is logged', examples: ['info'] }),
    format: z
      .enum(LOG_FORMATS)
      .default('json')
      .meta({ description: 'One JSON object a line, or text for people', examples: ['json'] }),
  })
  .prefault({})
