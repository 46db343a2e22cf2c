/** SGR codes of the colours that are used. */
const CODES = { red: 31, green: 32, yellow: 33, grey: 90, bold: 1 } as const
export type Colour = keyof typeof CODES

/** Where text goes. */
export interface ColourOutput {
  readonly isTTY?: boolean | undefined
}

/** Whether text for `out` has colours: NO_COLOR forbids them, FORCE_COLOR wants them (0 forbids), else a terminal has them. */
export function hasColours(out: ColourOutput, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return out.isTTY === true && TERM !== 'dumb'
}

/** Puts colours on text that goes to `out`, or leaves it as it is. */
export function painter(
  out: ColourOutput,
  env: NodeJS.ProcessEnv = process.env,
): (colour: Colour, text: string) => string {
  return hasColours(out, env) ? (colour, text) => `\u001b[${CODES[colour]}m${text}\u001b[0m` : (_colour, text) => text
}
