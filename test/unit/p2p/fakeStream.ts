import { type Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'

/** As much of a libp2p stream as our sender and receiver use, with its state in the test's hands. */
export class FakeStream extends EventTarget {
  status = 'open'
  paused = false
  writableNeedsDrain = false
  readonly written: Uint8Array[] = []

  asStream(): Stream {
    return this as unknown as Stream
  }

  send(data: Uint8Array): boolean {
    if (this.status !== 'open') throw new Error('the stream is closed')
    this.written.push(data)
    return !this.writableNeedsDrain
  }

  abort(reason: Error): void {
    if (this.status !== 'open') return
    this.status = 'aborted'
    this.dispatchEvent(new StreamCloseEvent(true, reason))
  }

  async close(): Promise<void> {
    this.abort(new Error('closed'))
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  arrive(data: Uint8Array): void {
    this.dispatchEvent(new StreamMessageEvent(data))
  }

  drain(): void {
    this.writableNeedsDrain = false
    this.dispatchEvent(new Event('drain'))
  }
}
