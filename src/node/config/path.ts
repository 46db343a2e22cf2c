import { resolve } from 'node:path'
import * as z from 'zod'

/** Bytes of a path: what Linux takes. */
const MAX_PATH_BYTES = 4_096

/** A path in a configuration file, made absolute. @param folder relative ones are relative to it */
export const pathSchema = (folder: string) =>
  z
    .string()
    .min(1, 'expected a path')
    .max(MAX_PATH_BYTES)
    .transform((text) => resolve(folder, text))
