import * as z from 'zod'
import { pathSchema } from './path.ts'

/** File descriptors of a process; 0 to 2 are its input and outputs. */
const MAX_DESCRIPTOR = 65_535

/** Where a password comes from: a file, a descriptor, or, with neither, a prompt. @param folder relative paths are relative to it */
export function passwordSchema(folder: string) {
  return z.strictObject({
    passwordFile: pathSchema(folder)
      .optional()
      .meta({
        description:
          'File with its password; one line end at the end is left out. Without it and `passwordFd` the password is asked for at the terminal',
        examples: ['./keys/password.txt'],
      }),
    passwordFd: z
      .int()
      .min(3)
      .max(MAX_DESCRIPTOR)
      .optional()
      .meta({
        description: 'Instead, a file descriptor that the process is started with; each key needs its own',
        examples: [3],
      }),
  })
}

/**
 * A keystore and where its password comes from: a file, a descriptor, or, with neither, a prompt. That it is not both is for
 * `checkPasswords`.
 * @param folder relative paths are relative to it
 * @param what kind of keystore, for the reference
 */
export function keyFilesSchema(folder: string, what: string) {
  return z.strictObject({
    keystore: pathSchema(folder).meta({ description: `${what} keystore`, examples: ['./keys/keystore.json'] }),
    ...passwordSchema(folder).shape,
  })
}
