import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface StatementMessage {
  service: Uint8Array<ArrayBuffer>
  kind: number
  epoch: bigint
  slot: bigint
  attempt: number
  payload: Uint8Array<ArrayBuffer>
}

export namespace StatementMessage {
  let _codec: Codec<StatementMessage>

  export const codec = (): Codec<StatementMessage> => {
    if (_codec == null) {
      _codec = message<StatementMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.service != null && obj.service.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.service)
        }

        if ((obj.kind != null && obj.kind !== 0)) {
          w.uint32(16)
          w.uint32(obj.kind)
        }

        if ((obj.epoch != null && obj.epoch !== 0n)) {
          w.uint32(24)
          w.uint64(obj.epoch)
        }

        if ((obj.slot != null && obj.slot !== 0n)) {
          w.uint32(32)
          w.uint64(obj.slot)
        }

        if ((obj.attempt != null && obj.attempt !== 0)) {
          w.uint32(40)
          w.uint32(obj.attempt)
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.payload)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          service: uint8ArrayAlloc(0),
          kind: 0,
          epoch: 0n,
          slot: 0n,
          attempt: 0,
          payload: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.service = reader.bytes()
              break
            }
            case 2: {
              obj.kind = reader.uint32()
              break
            }
            case 3: {
              obj.epoch = reader.uint64()
              break
            }
            case 4: {
              obj.slot = reader.uint64()
              break
            }
            case 5: {
              obj.attempt = reader.uint32()
              break
            }
            case 6: {
              obj.payload = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.service`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.kind`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.epoch`,
                value: reader.uint64()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.slot`,
                value: reader.uint64()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.attempt`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.payload`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface StatementMessageServiceFieldEvent {
    field: '$.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StatementMessageKindFieldEvent {
    field: '$.kind'
    value: number
  }

  export interface StatementMessageEpochFieldEvent {
    field: '$.epoch'
    value: bigint
  }

  export interface StatementMessageSlotFieldEvent {
    field: '$.slot'
    value: bigint
  }

  export interface StatementMessageAttemptFieldEvent {
    field: '$.attempt'
    value: number
  }

  export interface StatementMessagePayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<StatementMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StatementMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatementMessage>): StatementMessage {
    return decodeMessage(buf, StatementMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatementMessage>): Generator<StatementMessageServiceFieldEvent | StatementMessageKindFieldEvent | StatementMessageEpochFieldEvent | StatementMessageSlotFieldEvent | StatementMessageAttemptFieldEvent | StatementMessagePayloadFieldEvent> {
    return streamMessage(buf, StatementMessage.codec(), opts)
  }
}

export interface ObservationMessage {
  statement?: StatementMessage
  author: number
  signature: Uint8Array<ArrayBuffer>
  body: Uint8Array<ArrayBuffer>
}

export namespace ObservationMessage {
  let _codec: Codec<ObservationMessage>

  export const codec = (): Codec<ObservationMessage> => {
    if (_codec == null) {
      _codec = message<ObservationMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.statement != null) {
          w.uint32(10)
          StatementMessage.codec().encode(obj.statement, w)
        }

        if ((obj.author != null && obj.author !== 0)) {
          w.uint32(16)
          w.uint32(obj.author)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.body)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          author: 0,
          signature: uint8ArrayAlloc(0),
          body: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.statement = StatementMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.statement
              })
              break
            }
            case 2: {
              obj.author = reader.uint32()
              break
            }
            case 3: {
              obj.signature = reader.bytes()
              break
            }
            case 4: {
              obj.body = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * StatementMessage.codec().stream(reader, reader.uint32(), `${prefix}.statement`, {
                limits: opts.limits?.statement
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.author`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.body`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ObservationMessageStatementServiceFieldEvent {
    field: '$.statement.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ObservationMessageStatementKindFieldEvent {
    field: '$.statement.kind'
    value: number
  }

  export interface ObservationMessageStatementEpochFieldEvent {
    field: '$.statement.epoch'
    value: bigint
  }

  export interface ObservationMessageStatementSlotFieldEvent {
    field: '$.statement.slot'
    value: bigint
  }

  export interface ObservationMessageStatementAttemptFieldEvent {
    field: '$.statement.attempt'
    value: number
  }

  export interface ObservationMessageStatementPayloadFieldEvent {
    field: '$.statement.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ObservationMessageAuthorFieldEvent {
    field: '$.author'
    value: number
  }

  export interface ObservationMessageSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ObservationMessageBodyFieldEvent {
    field: '$.body'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ObservationMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ObservationMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ObservationMessage>): ObservationMessage {
    return decodeMessage(buf, ObservationMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ObservationMessage>): Generator<ObservationMessageStatementServiceFieldEvent | ObservationMessageStatementKindFieldEvent | ObservationMessageStatementEpochFieldEvent | ObservationMessageStatementSlotFieldEvent | ObservationMessageStatementAttemptFieldEvent | ObservationMessageStatementPayloadFieldEvent | ObservationMessageAuthorFieldEvent | ObservationMessageSignatureFieldEvent | ObservationMessageBodyFieldEvent> {
    return streamMessage(buf, ObservationMessage.codec(), opts)
  }
}

export interface ProposalMessage {
  statement?: StatementMessage
  author: number
  signature: Uint8Array<ArrayBuffer>
  observations: ProposedObservation[]
}

export namespace ProposalMessage {
  let _codec: Codec<ProposalMessage>

  export const codec = (): Codec<ProposalMessage> => {
    if (_codec == null) {
      _codec = message<ProposalMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.statement != null) {
          w.uint32(10)
          StatementMessage.codec().encode(obj.statement, w)
        }

        if ((obj.author != null && obj.author !== 0)) {
          w.uint32(16)
          w.uint32(obj.author)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
        }

        if (obj.observations != null && obj.observations.length > 0) {
          for (const value of obj.observations) {
            w.uint32(34)
            ProposedObservation.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          author: 0,
          signature: uint8ArrayAlloc(0),
          observations: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.statement = StatementMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.statement
              })
              break
            }
            case 2: {
              obj.author = reader.uint32()
              break
            }
            case 3: {
              obj.signature = reader.bytes()
              break
            }
            case 4: {
              if (opts.limits?.observations != null && obj.observations.length === opts.limits.observations) {
                throw new MaxLengthError('Decode error - repeated field "observations" had too many elements')
              }

              if (obj.observations.length === 1000) {
                throw new MaxLengthError('Decode error - repeated field "observations" had too many elements')
              }

              obj.observations.push(ProposedObservation.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.observations$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          observations: 1000
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * StatementMessage.codec().stream(reader, reader.uint32(), `${prefix}.statement`, {
                limits: opts.limits?.statement
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.author`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              if (opts.limits?.observations != null && obj.observations === opts.limits.observations) {
                throw new MaxLengthError('Streaming decode error - repeated field "observations" had too many elements')
              }

              if (obj.observations === 1000) {
                throw new MaxLengthError('Streaming decode error - repeated field "observations" had too many elements')
              }

              for (const evt of ProposedObservation.codec().stream(reader, reader.uint32(), `${prefix}.observations[]`, {
                limits: opts.limits?.observations$
              })) {
                yield {
                  ...evt,
                  index: obj.observations
                }
              }

              obj.observations++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ProposalMessageStatementServiceFieldEvent {
    field: '$.statement.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposalMessageStatementKindFieldEvent {
    field: '$.statement.kind'
    value: number
  }

  export interface ProposalMessageStatementEpochFieldEvent {
    field: '$.statement.epoch'
    value: bigint
  }

  export interface ProposalMessageStatementSlotFieldEvent {
    field: '$.statement.slot'
    value: bigint
  }

  export interface ProposalMessageStatementAttemptFieldEvent {
    field: '$.statement.attempt'
    value: number
  }

  export interface ProposalMessageStatementPayloadFieldEvent {
    field: '$.statement.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposalMessageAuthorFieldEvent {
    field: '$.author'
    value: number
  }

  export interface ProposalMessageSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposalMessageObservationsAuthorFieldEvent {
    field: '$.observations[].author'
    value: number
    index: number
  }

  export interface ProposalMessageObservationsSignatureFieldEvent {
    field: '$.observations[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ProposalMessageObservationsBodyFieldEvent {
    field: '$.observations[].body'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode (obj: Partial<ProposalMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ProposalMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposalMessage>): ProposalMessage {
    return decodeMessage(buf, ProposalMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposalMessage>): Generator<ProposalMessageStatementServiceFieldEvent | ProposalMessageStatementKindFieldEvent | ProposalMessageStatementEpochFieldEvent | ProposalMessageStatementSlotFieldEvent | ProposalMessageStatementAttemptFieldEvent | ProposalMessageStatementPayloadFieldEvent | ProposalMessageAuthorFieldEvent | ProposalMessageSignatureFieldEvent | ProposalMessageObservationsAuthorFieldEvent | ProposalMessageObservationsSignatureFieldEvent | ProposalMessageObservationsBodyFieldEvent> {
    return streamMessage(buf, ProposalMessage.codec(), opts)
  }
}

export interface ProposedObservation {
  author: number
  signature: Uint8Array<ArrayBuffer>
  body: Uint8Array<ArrayBuffer>
}

export namespace ProposedObservation {
  let _codec: Codec<ProposedObservation>

  export const codec = (): Codec<ProposedObservation> => {
    if (_codec == null) {
      _codec = message<ProposedObservation>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.author != null && obj.author !== 0)) {
          w.uint32(8)
          w.uint32(obj.author)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.signature)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.body)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          author: 0,
          signature: uint8ArrayAlloc(0),
          body: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.author = reader.uint32()
              break
            }
            case 2: {
              obj.signature = reader.bytes()
              break
            }
            case 3: {
              obj.body = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.author`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.body`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ProposedObservationAuthorFieldEvent {
    field: '$.author'
    value: number
  }

  export interface ProposedObservationSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposedObservationBodyFieldEvent {
    field: '$.body'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ProposedObservation>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ProposedObservation.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposedObservation>): ProposedObservation {
    return decodeMessage(buf, ProposedObservation.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposedObservation>): Generator<ProposedObservationAuthorFieldEvent | ProposedObservationSignatureFieldEvent | ProposedObservationBodyFieldEvent> {
    return streamMessage(buf, ProposedObservation.codec(), opts)
  }
}

export interface PartialMessage {
  statement?: StatementMessage
  author: number
  signature: Uint8Array<ArrayBuffer>
}

export namespace PartialMessage {
  let _codec: Codec<PartialMessage>

  export const codec = (): Codec<PartialMessage> => {
    if (_codec == null) {
      _codec = message<PartialMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.statement != null) {
          w.uint32(10)
          StatementMessage.codec().encode(obj.statement, w)
        }

        if ((obj.author != null && obj.author !== 0)) {
          w.uint32(16)
          w.uint32(obj.author)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          author: 0,
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.statement = StatementMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.statement
              })
              break
            }
            case 2: {
              obj.author = reader.uint32()
              break
            }
            case 3: {
              obj.signature = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * StatementMessage.codec().stream(reader, reader.uint32(), `${prefix}.statement`, {
                limits: opts.limits?.statement
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.author`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface PartialMessageStatementServiceFieldEvent {
    field: '$.statement.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PartialMessageStatementKindFieldEvent {
    field: '$.statement.kind'
    value: number
  }

  export interface PartialMessageStatementEpochFieldEvent {
    field: '$.statement.epoch'
    value: bigint
  }

  export interface PartialMessageStatementSlotFieldEvent {
    field: '$.statement.slot'
    value: bigint
  }

  export interface PartialMessageStatementAttemptFieldEvent {
    field: '$.statement.attempt'
    value: number
  }

  export interface PartialMessageStatementPayloadFieldEvent {
    field: '$.statement.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PartialMessageAuthorFieldEvent {
    field: '$.author'
    value: number
  }

  export interface PartialMessageSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<PartialMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PartialMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PartialMessage>): PartialMessage {
    return decodeMessage(buf, PartialMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PartialMessage>): Generator<PartialMessageStatementServiceFieldEvent | PartialMessageStatementKindFieldEvent | PartialMessageStatementEpochFieldEvent | PartialMessageStatementSlotFieldEvent | PartialMessageStatementAttemptFieldEvent | PartialMessageStatementPayloadFieldEvent | PartialMessageAuthorFieldEvent | PartialMessageSignatureFieldEvent> {
    return streamMessage(buf, PartialMessage.codec(), opts)
  }
}

export interface CertificateMessage {
  statement?: StatementMessage
  absent: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
  value: Uint8Array<ArrayBuffer>
}

export namespace CertificateMessage {
  let _codec: Codec<CertificateMessage>

  export const codec = (): Codec<CertificateMessage> => {
    if (_codec == null) {
      _codec = message<CertificateMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.statement != null) {
          w.uint32(10)
          StatementMessage.codec().encode(obj.statement, w)
        }

        if ((obj.absent != null && obj.absent.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.absent)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
        }

        if ((obj.value != null && obj.value.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.value)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          absent: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          value: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.statement = StatementMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.statement
              })
              break
            }
            case 2: {
              obj.absent = reader.bytes()
              break
            }
            case 3: {
              obj.signature = reader.bytes()
              break
            }
            case 4: {
              obj.value = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * StatementMessage.codec().stream(reader, reader.uint32(), `${prefix}.statement`, {
                limits: opts.limits?.statement
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.absent`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.value`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface CertificateMessageStatementServiceFieldEvent {
    field: '$.statement.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CertificateMessageStatementKindFieldEvent {
    field: '$.statement.kind'
    value: number
  }

  export interface CertificateMessageStatementEpochFieldEvent {
    field: '$.statement.epoch'
    value: bigint
  }

  export interface CertificateMessageStatementSlotFieldEvent {
    field: '$.statement.slot'
    value: bigint
  }

  export interface CertificateMessageStatementAttemptFieldEvent {
    field: '$.statement.attempt'
    value: number
  }

  export interface CertificateMessageStatementPayloadFieldEvent {
    field: '$.statement.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CertificateMessageAbsentFieldEvent {
    field: '$.absent'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CertificateMessageSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CertificateMessageValueFieldEvent {
    field: '$.value'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<CertificateMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CertificateMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CertificateMessage>): CertificateMessage {
    return decodeMessage(buf, CertificateMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CertificateMessage>): Generator<CertificateMessageStatementServiceFieldEvent | CertificateMessageStatementKindFieldEvent | CertificateMessageStatementEpochFieldEvent | CertificateMessageStatementSlotFieldEvent | CertificateMessageStatementAttemptFieldEvent | CertificateMessageStatementPayloadFieldEvent | CertificateMessageAbsentFieldEvent | CertificateMessageSignatureFieldEvent | CertificateMessageValueFieldEvent> {
    return streamMessage(buf, CertificateMessage.codec(), opts)
  }
}

export interface Envelope {
  version: number
  observation?: ObservationMessage
  proposal?: ProposalMessage
  partial?: PartialMessage
  certificate?: CertificateMessage
}

export namespace Envelope {
  let _codec: Codec<Envelope>

  export const codec = (): Codec<Envelope> => {
    if (_codec == null) {
      _codec = message<Envelope>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if (obj.observation != null) {
          w.uint32(18)
          ObservationMessage.codec().encode(obj.observation, w)
        }

        if (obj.proposal != null) {
          w.uint32(26)
          ProposalMessage.codec().encode(obj.proposal, w)
        }

        if (obj.partial != null) {
          w.uint32(34)
          PartialMessage.codec().encode(obj.partial, w)
        }

        if (obj.certificate != null) {
          w.uint32(42)
          CertificateMessage.codec().encode(obj.certificate, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.observation = ObservationMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.observation
              })
              break
            }
            case 3: {
              obj.proposal = ProposalMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.proposal
              })
              break
            }
            case 4: {
              obj.partial = PartialMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.partial
              })
              break
            }
            case 5: {
              obj.certificate = CertificateMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.certificate
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield * ObservationMessage.codec().stream(reader, reader.uint32(), `${prefix}.observation`, {
                limits: opts.limits?.observation
              })

              break
            }
            case 3: {
              yield * ProposalMessage.codec().stream(reader, reader.uint32(), `${prefix}.proposal`, {
                limits: opts.limits?.proposal
              })

              break
            }
            case 4: {
              yield * PartialMessage.codec().stream(reader, reader.uint32(), `${prefix}.partial`, {
                limits: opts.limits?.partial
              })

              break
            }
            case 5: {
              yield * CertificateMessage.codec().stream(reader, reader.uint32(), `${prefix}.certificate`, {
                limits: opts.limits?.certificate
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface EnvelopeVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface EnvelopeObservationStatementServiceFieldEvent {
    field: '$.observation.statement.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeObservationStatementKindFieldEvent {
    field: '$.observation.statement.kind'
    value: number
  }

  export interface EnvelopeObservationStatementEpochFieldEvent {
    field: '$.observation.statement.epoch'
    value: bigint
  }

  export interface EnvelopeObservationStatementSlotFieldEvent {
    field: '$.observation.statement.slot'
    value: bigint
  }

  export interface EnvelopeObservationStatementAttemptFieldEvent {
    field: '$.observation.statement.attempt'
    value: number
  }

  export interface EnvelopeObservationStatementPayloadFieldEvent {
    field: '$.observation.statement.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeObservationAuthorFieldEvent {
    field: '$.observation.author'
    value: number
  }

  export interface EnvelopeObservationSignatureFieldEvent {
    field: '$.observation.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeObservationBodyFieldEvent {
    field: '$.observation.body'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeProposalStatementServiceFieldEvent {
    field: '$.proposal.statement.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeProposalStatementKindFieldEvent {
    field: '$.proposal.statement.kind'
    value: number
  }

  export interface EnvelopeProposalStatementEpochFieldEvent {
    field: '$.proposal.statement.epoch'
    value: bigint
  }

  export interface EnvelopeProposalStatementSlotFieldEvent {
    field: '$.proposal.statement.slot'
    value: bigint
  }

  export interface EnvelopeProposalStatementAttemptFieldEvent {
    field: '$.proposal.statement.attempt'
    value: number
  }

  export interface EnvelopeProposalStatementPayloadFieldEvent {
    field: '$.proposal.statement.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeProposalAuthorFieldEvent {
    field: '$.proposal.author'
    value: number
  }

  export interface EnvelopeProposalSignatureFieldEvent {
    field: '$.proposal.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeProposalObservationsAuthorFieldEvent {
    field: '$.proposal.observations[].author'
    value: number
    index: number
  }

  export interface EnvelopeProposalObservationsSignatureFieldEvent {
    field: '$.proposal.observations[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface EnvelopeProposalObservationsBodyFieldEvent {
    field: '$.proposal.observations[].body'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface EnvelopePartialStatementServiceFieldEvent {
    field: '$.partial.statement.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopePartialStatementKindFieldEvent {
    field: '$.partial.statement.kind'
    value: number
  }

  export interface EnvelopePartialStatementEpochFieldEvent {
    field: '$.partial.statement.epoch'
    value: bigint
  }

  export interface EnvelopePartialStatementSlotFieldEvent {
    field: '$.partial.statement.slot'
    value: bigint
  }

  export interface EnvelopePartialStatementAttemptFieldEvent {
    field: '$.partial.statement.attempt'
    value: number
  }

  export interface EnvelopePartialStatementPayloadFieldEvent {
    field: '$.partial.statement.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopePartialAuthorFieldEvent {
    field: '$.partial.author'
    value: number
  }

  export interface EnvelopePartialSignatureFieldEvent {
    field: '$.partial.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeCertificateStatementServiceFieldEvent {
    field: '$.certificate.statement.service'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeCertificateStatementKindFieldEvent {
    field: '$.certificate.statement.kind'
    value: number
  }

  export interface EnvelopeCertificateStatementEpochFieldEvent {
    field: '$.certificate.statement.epoch'
    value: bigint
  }

  export interface EnvelopeCertificateStatementSlotFieldEvent {
    field: '$.certificate.statement.slot'
    value: bigint
  }

  export interface EnvelopeCertificateStatementAttemptFieldEvent {
    field: '$.certificate.statement.attempt'
    value: number
  }

  export interface EnvelopeCertificateStatementPayloadFieldEvent {
    field: '$.certificate.statement.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeCertificateAbsentFieldEvent {
    field: '$.certificate.absent'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeCertificateSignatureFieldEvent {
    field: '$.certificate.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EnvelopeCertificateValueFieldEvent {
    field: '$.certificate.value'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Envelope>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Envelope.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Envelope>): Envelope {
    return decodeMessage(buf, Envelope.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Envelope>): Generator<EnvelopeVersionFieldEvent | EnvelopeObservationStatementServiceFieldEvent | EnvelopeObservationStatementKindFieldEvent | EnvelopeObservationStatementEpochFieldEvent | EnvelopeObservationStatementSlotFieldEvent | EnvelopeObservationStatementAttemptFieldEvent | EnvelopeObservationStatementPayloadFieldEvent | EnvelopeObservationAuthorFieldEvent | EnvelopeObservationSignatureFieldEvent | EnvelopeObservationBodyFieldEvent | EnvelopeProposalStatementServiceFieldEvent | EnvelopeProposalStatementKindFieldEvent | EnvelopeProposalStatementEpochFieldEvent | EnvelopeProposalStatementSlotFieldEvent | EnvelopeProposalStatementAttemptFieldEvent | EnvelopeProposalStatementPayloadFieldEvent | EnvelopeProposalAuthorFieldEvent | EnvelopeProposalSignatureFieldEvent | EnvelopeProposalObservationsAuthorFieldEvent | EnvelopeProposalObservationsSignatureFieldEvent | EnvelopeProposalObservationsBodyFieldEvent | EnvelopePartialStatementServiceFieldEvent | EnvelopePartialStatementKindFieldEvent | EnvelopePartialStatementEpochFieldEvent | EnvelopePartialStatementSlotFieldEvent | EnvelopePartialStatementAttemptFieldEvent | EnvelopePartialStatementPayloadFieldEvent | EnvelopePartialAuthorFieldEvent | EnvelopePartialSignatureFieldEvent | EnvelopeCertificateStatementServiceFieldEvent | EnvelopeCertificateStatementKindFieldEvent | EnvelopeCertificateStatementEpochFieldEvent | EnvelopeCertificateStatementSlotFieldEvent | EnvelopeCertificateStatementAttemptFieldEvent | EnvelopeCertificateStatementPayloadFieldEvent | EnvelopeCertificateAbsentFieldEvent | EnvelopeCertificateSignatureFieldEvent | EnvelopeCertificateValueFieldEvent> {
    return streamMessage(buf, Envelope.codec(), opts)
  }
}
