import { wordlist } from '@scure/bip39/wordlists/english'
import type { KnownSecrets } from '../../signer/knownSecrets.ts'

/** What was taken out of one file. */
export interface Redacted {
  readonly secrets: number
  readonly urls: number
  readonly addresses: number
}

const WORDS = new Set(wordlist)
/** Words in a row that are a mnemonic: the shortest has twelve. */
const MNEMONIC_WORDS = 12

/** `https://user:token@host:8545/path?key=…`; of a URL only scheme, host and port are kept. */
const URL_PATTERN = /\b((?:https?|wss?):\/\/)(?:[^\s"'`<>/@]*@)?([^\s"'`<>/?#@]+)([/?#][^\s"'`<>]*)?/gi
/** `password=…`, `"token": "…"`, `Authorization: Bearer …`; not `passwordFile`. */
const NAMED_PATTERN =
  /((?:pass(?:word|phrase)|secret|token|mnemonic|api[-_]?key|private[-_]?key|authorization|cookie)["']?\s*[=:]\s*["']?)(?:(?:bearer|basic)\s+)?([^\s"',;}\]]{3,})/gi
const BEARER_PATTERN = /\b(bearer|basic)\s+([A-Za-z0-9._~+/=-]{8,})/gi
const TOKEN_PATTERN = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g
/** Networks that are nobody else's business: RFC 1918, 6598 and 3927, and their counterparts of IPv6. */
const PRIVATE_V4 =
  /\b(?:10\.\d{1,3}|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.\d{1,3}\.\d{1,3}\b/g
const PRIVATE_V6 = /\b(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f])(?::[0-9a-f]{0,4}){2,7}/gi
const PRIVATE_HOST = /\b[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.(?:internal|local|lan|home|corp|intranet)\b/gi

/**
 * A text without secrets: those that are known, in every spelling; what follows a word such as password; tokens; mnemonics; all
 * of URLs but scheme, host and port. Private addresses only stay when they are asked for.
 */
export function redact(
  text: string,
  known: KnownSecrets,
  options: { readonly addresses: boolean },
): { readonly text: string; readonly redacted: Redacted } {
  const counts = { secrets: 0, urls: 0, addresses: 0 }
  const count = (kind: keyof typeof counts, replacement: string) => {
    counts[kind]++
    return replacement
  }
  // URLs first: what is known may be a part of one
  let left = text.replace(URL_PATTERN, (whole, scheme: string, host: string, rest: string | undefined) =>
    whole === `${scheme}${host}` || rest === '/' ? whole : count('urls', `${scheme}${host}/[redacted]`),
  )
  const removed = known.remove(left)
  counts.secrets += removed.count
  left = removed.text
    .replace(NAMED_PATTERN, (whole, name: string, value: string) =>
      value.startsWith('[') || isHarmless(value) ? whole : count('secrets', `${name}[secret]`),
    )
    .replace(BEARER_PATTERN, (_, scheme: string) => count('secrets', `${scheme} [secret]`))
    .replace(TOKEN_PATTERN, () => count('secrets', '[secret]'))
  left = withoutMnemonics(left, () => count('secrets', '[mnemonic]'))
  if (!options.addresses) {
    for (const pattern of [PRIVATE_V4, PRIVATE_V6, PRIVATE_HOST]) {
      left = left.replace(pattern, () => count('addresses', '[private address]'))
    }
  }
  return { text: left, redacted: counts }
}

/** What may follow such a word and says nothing: numbers, yes and no. */
function isHarmless(value: string): boolean {
  return /^(?:true|false|null|undefined|\d{1,4})$/.test(value)
}

function withoutMnemonics(text: string, replace: () => string): string {
  return text.replace(/[a-z]{3,8}(?:[\s,"']+[a-z]{3,8}){11,}/g, (run) => {
    const parts = run.split(/([\s,"']+)/)
    let from = 0
    while (from < parts.length) {
      let to = from
      while (to < parts.length && WORDS.has(parts[to] ?? '')) to += 2
      if ((to - from) / 2 >= MNEMONIC_WORDS) parts.splice(from, to - from - 1, replace())
      else if (to > from) from = to
      from += 2
    }
    return parts.join('')
  })
}
