import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import { type NoiseComponents, noise } from '@libp2p/noise'

/** Bytes of the length before a noise packet. */
const LENGTH_BYTES = 2

/** What tells noise's decoder to wait for more; made once, because taking a stack costs more than decrypting a small packet. */
const NOT_YET = new RangeError('the length of a noise packet has not arrived')

/**
 * noise, without an exception made anew for each chunk. Its decoder asks for the next length until there is none, which it
 * learns by a RangeError: a sixth of all CPU that a small message takes. We answer with one that was made before. Should
 * noise's decoder not be where it is in the version we use, everything works as it does without us.
 */
export function encryption(): (components: NoiseComponents) => ConnectionEncrypter {
  const create = noise()
  return (components) => {
    const encrypter = create(components)
    const { secureInbound, secureOutbound } = encrypter
    encrypter.secureInbound = async (...args) => tuned(await secureInbound.apply(encrypter, args))
    encrypter.secureOutbound = async (...args) => tuned(await secureOutbound.apply(encrypter, args))
    return encrypter
  }
}

function tuned<Extension>(secured: SecuredConnection<Extension>): SecuredConnection<Extension> {
  const decoder = decoderOf(secured.connection)
  if (decoder !== undefined) {
    const decode = decoder.lengthDecoder
    decoder.lengthDecoder = (data) => {
      if (data.byteLength < LENGTH_BYTES) throw NOT_YET
      return decode(data)
    }
  }
  return secured
}

interface LengthDecoder {
  lengthDecoder(data: { readonly byteLength: number }): number
}

function decoderOf(stream: MessageStream): LengthDecoder | undefined {
  if (!('decoder' in stream)) return undefined
  const { decoder } = stream
  const fits = typeof decoder === 'object' && decoder !== null && 'lengthDecoder' in decoder
  return fits && typeof decoder.lengthDecoder === 'function' ? (decoder as LengthDecoder) : undefined
}
