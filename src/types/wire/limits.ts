/** Version of the wire format (`Envelope.version`). A change that an older node would misread bumps it. */
export const WIRE_VERSION = 2

/**
 * Bytes of one message. The largest is a proposal: 1,000 observations of about 100 bytes of frame and signature and
 * 400 of body come to half of it.
 */
export const MAX_MESSAGE_BYTES = 1024 * 1024

/** Bytes of an observation's body: some hundred feeds of a name's hash and a price. A proposal repeats one for each operator. */
export const MAX_BODY_BYTES = 4 * 1024

/** Bytes of the value behind a certificate: a report of several hundred feeds. It is gossiped once a slot. */
export const MAX_VALUE_BYTES = 64 * 1024

/** Observations in one proposal: as many as an epoch may have operators. lariat.proto states it too. */
export const MAX_OBSERVATIONS = 1_000

/** Bytes of an absentee bitmap: one bit for each of 1,000 operators. */
export const MAX_ABSENT_BYTES = 125

/** Rows of an epoch table are told as uint16. */
export const MAX_AUTHOR = 0xffff

/** `Statement.attempt` is a uint16. */
export const MAX_ATTEMPT = 0xffff

/** `Statement.epoch` and `Statement.slot` are uint64. */
export const MAX_UINT64 = 2n ** 64n - 1n

/** Bytes of `Statement.service` and `Statement.payload` (bytes32). */
export const HASH_BYTES = 32

/** Bytes of a compressed G2 point. */
export const SIGNATURE_BYTES = 96
