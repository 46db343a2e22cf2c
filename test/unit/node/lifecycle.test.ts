import assert from 'node:assert/strict'
import type { Part } from '../../../src/avs/api.ts'
import { Exit, exitCodeOf } from '../../../src/node/exit.ts'
import { createLifecycle, type LifecycleOptions } from '../../../src/node/lifecycle.ts'
import { LariatError } from '../../../src/util/errors.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'

describe('lifecycle', () => {
  const setUp = () => {
    const seen: string[] = []
    const part = (name: string, over: Partial<Part> = {}): Part => ({
      name,
      start: async () => void seen.push(`+${name}`),
      stop: async () => void seen.push(`-${name}`),
      ...over,
    })
    const clock = new SimClock()
    const controller = new AbortController()
    const options = { log: silentLog, clock, signal: controller.signal, stopTimeoutMs: 1_000 }
    return { seen, part, clock, controller, options }
  }
  const of = (parts: Part[], options: LifecycleOptions) => {
    const lifecycle = createLifecycle(options)
    lifecycle.add(...parts)
    return lifecycle
  }

  it('starts in order and stops in reverse, once', async () => {
    const { seen, part, options } = setUp()
    const lifecycle = of([part('a'), part('b'), part('c')], options)
    await lifecycle.start()
    await Promise.all([lifecycle.stop(), lifecycle.stop()])
    await lifecycle.stop()
    assert.deepEqual(seen, ['+a', '+b', '+c', '-c', '-b', '-a'])
  })

  it('stops what had started when a start fails, and says which and why', async () => {
    const { seen, part, options } = setUp()
    const cause = new LariatError('keystore.password', 'wrong password')
    const bad = part('b', { start: () => Promise.reject(cause) })
    const lifecycle = of([part('a'), bad, part('c')], options)
    await assert.rejects(lifecycle.start(), (error: LariatError) => {
      assert.equal(error.code, 'lifecycle.start-failed')
      assert.equal(error.message, 'b did not start: wrong password')
      assert.equal(exitCodeOf(error), Exit.identity)
      return true
    })
    assert.deepEqual(seen, ['+a', '-a'])
  })

  it('stops what had started when it is aborted in the middle', async () => {
    const { seen, part, options, controller } = setUp()
    const waiting = part('b', {
      start: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    const starting = of([part('a'), waiting, part('c')], options).start()
    const reason = new Error('interrupted')
    controller.abort(reason)
    await assert.rejects(starting, reason)
    assert.deepEqual(seen, ['+a', '-a'])
  })

  it('does not wait for what is being opened when it is aborted, and closes it when it comes', async () => {
    const { seen, options, controller } = setUp()
    const lifecycle = createLifecycle(options)
    const slow = Promise.withResolvers<string>()
    const closed = Promise.withResolvers<void>()
    const opening = lifecycle.open(
      'a',
      () => slow.promise,
      (opened) => {
        seen.push(`close ${opened}`)
        closed.resolve()
      },
    )
    const reason = new Error('interrupted')
    controller.abort(reason)
    await assert.rejects(opening, reason)
    await assert.rejects(
      lifecycle.open(
        'b',
        () => assert.fail('opened although it was told to stop'),
        () => {},
      ),
      reason,
    )
    slow.resolve('handle')
    await closed.promise
    assert.deepEqual(seen, ['close handle'])
  })

  it('closes what was opened for the parts, after them, in reverse', async () => {
    const { seen, part, options } = setUp()
    const lifecycle = createLifecycle(options)
    const opened = await lifecycle.open(
      'db',
      () => 'handle',
      (handle) => void seen.push(`close ${handle}`),
    )
    lifecycle.add(part(opened))
    await lifecycle.start()
    await lifecycle.stop()
    assert.deepEqual(seen, ['+handle', '-handle', 'close handle'])
  })

  it('names what did not open, and closes what had', async () => {
    const { seen, options } = setUp()
    const lifecycle = createLifecycle(options)
    await lifecycle.open(
      'a',
      () => 1,
      () => void seen.push('close a'),
    )
    const failing = lifecycle.open(
      'b',
      () => Promise.reject(new LariatError('store.locked', 'taken')),
      () => {},
    )
    await assert.rejects(failing, (error: LariatError) => {
      assert.equal(error.message, 'b did not start: taken')
      assert.equal(exitCodeOf(error), Exit.locked)
      return true
    })
    await lifecycle.stop()
    assert.deepEqual(seen, ['close a'])
  })

  it('goes on when a part hangs or fails to stop, and tells', async () => {
    const { seen, part, options, clock } = setUp()
    const hangs = part('b', { stop: () => new Promise(() => {}) })
    const fails = part('c', { stop: () => Promise.reject(new Error('no')) })
    const lifecycle = of([part('a'), hangs, fails, part('d')], options)
    await lifecycle.start()
    const outcome = assert.rejects(lifecycle.stop(), (error: LariatError) => {
      assert.equal(error.code, 'lifecycle.stop-timeout')
      assert.deepEqual(error.details.parts, ['b', 'c'])
      assert.equal(exitCodeOf(error), Exit.unclean)
      return true
    })
    await clock.advance(1_000)
    await outcome
    assert.deepEqual(seen, ['+a', '+b', '+c', '+d', '-d', '-a'])
  })
})

describe('exit codes', () => {
  it('come from the first known code along the causes', () => {
    assert.equal(exitCodeOf(new LariatError('config.invalid', 'x')), Exit.usage)
    assert.equal(exitCodeOf(new LariatError('a.b', 'x', {}, new LariatError('store.locked', 'y'))), Exit.locked)
    assert.equal(exitCodeOf(new LariatError('store.failed', 'x')), Exit.failure)
    assert.equal(exitCodeOf(new Error('x')), Exit.failure)
    assert.equal(exitCodeOf('x'), Exit.failure)
  })
})
