import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ClientFrame, ServerFrame, Topic } from '../../contract/live.ts'
import type { ConnectionState } from './connection.ts'
import { createLiveSocket, type Follower } from './live-socket.ts'

const log = `log:exe_${'0'.repeat(26)}` as Topic

/** A socket whose other end is the test. */
class FakeSocket extends EventTarget {
  readyState = 0
  readonly sent: ClientFrame[] = []
  isLetGo = false

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame)
  }
  close(): void {
    // As with a dead line: no close event for a long time.
    this.readyState = 2
    this.isLetGo = true
  }

  opens(): void {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  says(frame: ServerFrame): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }))
  }
  breaks(): void {
    this.readyState = 3
    this.dispatchEvent(new Event('close'))
  }
  asked = () => this.sent.filter(({ type }) => type === 'subscribe')
}

function bench({
  ticket = async () => 'pass',
  isAway = () => false,
}: {
  ticket?: () => Promise<string>
  isAway?: () => boolean
} = {}) {
  const sockets: FakeSocket[] = []
  const states: ConnectionState[] = []
  let wake = () => {}
  const live = createLiveSocket({
    ticket,
    open: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket as unknown as WebSocket
    },
    isSignedOut: (error) => error === 'signed out',
    tell: (state) => states.push(state),
    isAway,
    onWake: (call) => {
      wake = call
      return () => (wake = () => {})
    },
  })
  return {
    live,
    sockets,
    states,
    wake: () => wake(),
    last: () => sockets.at(-1) as FakeSocket,
    /** Lets the ticket arrive and the socket open. */
    async opened(): Promise<FakeSocket> {
      await vi.advanceTimersByTimeAsync(0)
      const socket = sockets.at(-1) as FakeSocket
      socket.opens()
      return socket
    },
  }
}

/** Follows like the log does, and keeps the numbers it hears. */
function follower(from = 0) {
  let after = from
  const heard: number[] = []
  const codes: string[] = []
  const self: Follower = {
    after: () => after,
    hear: (frame) => {
      if (frame.type === 'log')
        heard.push(...frame.entries.map(({ seq }) => seq).filter((seq) => seq > after))
      if (frame.type === 'log') after = Math.max(after, frame.entries.at(-1)?.seq ?? 0)
      if (frame.type === 'gap') after = Math.max(after, frame.to)
    },
    refused: (code) => codes.push(code),
  }
  return { self, heard, codes }
}

const entries = (...seqs: number[]): ServerFrame => ({
  type: 'log',
  topic: log as never,
  entries: seqs.map((seq) => ({
    seq,
    at: '2026-03-01T12:00:00.000Z',
    stream: 'out',
    level: 'info',
    text: '',
    message: null,
  })),
})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('following', () => {
  test('a topic is asked for when the socket opens, and goes on from the last number after a break', async () => {
    const { live, opened } = bench()
    const { self, heard } = follower()
    live.follow(log, self)
    live.start()
    const first = await opened()
    expect(first.asked()).toEqual([{ type: 'subscribe', topic: log, after: 0 }])
    first.says(entries(1, 2, 3))
    first.breaks()
    await vi.advanceTimersByTimeAsync(250)
    const second = await opened()
    expect(second.asked()).toEqual([{ type: 'subscribe', topic: log, after: 3 }])
    second.says(entries(4))
    expect(heard).toEqual([1, 2, 3, 4])
  })

  test('after a gap it goes on behind the gap', async () => {
    const { live, opened } = bench()
    const { self } = follower()
    live.follow(log, self)
    live.start()
    const first = await opened()
    first.says({ type: 'gap', topic: log as never, from: 1, to: 900 })
    first.breaks()
    await vi.advanceTimersByTimeAsync(250)
    expect((await opened()).asked()).toEqual([{ type: 'subscribe', topic: log, after: 900 }])
  })

  test('several on one topic are served from the one that has least, and none misses or doubles anything', async () => {
    const { live, opened } = bench()
    const early = follower(10)
    live.follow(log, early.self)
    live.start()
    const socket = await opened()
    socket.says(entries(11, 12))
    const late = follower(5)
    live.follow(log, late.self)
    expect(socket.asked().at(-1)).toEqual({ type: 'subscribe', topic: log, after: 5 })
    socket.says(entries(6, 7, 8, 9, 10, 11, 12))
    socket.says(entries(13))
    expect(early.heard).toEqual([11, 12, 13])
    expect(late.heard).toEqual([6, 7, 8, 9, 10, 11, 12, 13])
  })

  test('the topic is left with the last who follows it, and once only', async () => {
    const { live, opened } = bench()
    const stops = [live.follow(log, follower().self), live.follow(log, follower().self)]
    live.start()
    const socket = await opened()
    stops[0]?.()
    stops[0]?.()
    expect(socket.sent.some(({ type }) => type === 'unsubscribe')).toBe(false)
    stops[1]?.()
    expect(socket.sent.at(-1)).toEqual({ type: 'unsubscribe', topic: log })
    socket.breaks()
    await vi.advanceTimersByTimeAsync(250)
    expect((await opened()).asked()).toEqual([])
  })

  test('a refusal is told to whoever follows the topic', async () => {
    const { live, opened } = bench()
    const { self, codes } = follower()
    live.follow(log, self)
    live.start()
    const socket = await opened()
    socket.says({ type: 'refused', topic: log, code: 'execution.not_found', detail: '' })
    socket.says({ type: 'refused', topic: '', code: 'request.invalid', detail: '' })
    expect(codes).toEqual(['execution.not_found'])
  })

  test('whoever stops following while hearing does not stop the others', async () => {
    const { live, opened } = bench()
    const one = follower()
    const stop = live.follow(log, { ...one.self, hear: () => stop() })
    const other = follower()
    live.follow(log, other.self)
    live.start()
    ;(await opened()).says(entries(1))
    expect(other.heard).toEqual([1])
  })
})

describe('the line itself', () => {
  test('waits grow while the server is out of reach, and the page hears that it is offline', async () => {
    const ticket = vi.fn<() => Promise<string>>(() => Promise.reject(new Error('no answer')))
    const { live, states } = bench({ ticket })
    live.start()
    await vi.advanceTimersByTimeAsync(250 + 500 + 1_000)
    expect(ticket).toHaveBeenCalledTimes(4)
    expect(states).toEqual(['reconnecting', 'reconnecting', 'reconnecting', 'offline'])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(ticket).toHaveBeenCalledTimes(5)
  })

  test('a server known to be away is not called nearly there before it answers', async () => {
    const ticket = vi.fn<() => Promise<string>>(() => Promise.reject(new Error('no answer')))
    const { live, states } = bench({ ticket, isAway: () => true })
    live.start()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(states).toEqual(['offline', 'offline'])
  })

  test('a server that answers is not offline, though a proxy lets no socket through', async () => {
    const { live, sockets, states } = bench()
    live.start()
    for (const wait of [250, 500, 1_000, 2_000, 5_000]) {
      await vi.advanceTimersByTimeAsync(0)
      sockets.at(-1)?.breaks()
      await vi.advanceTimersByTimeAsync(wait)
    }
    expect(states).toEqual(Array.from({ length: 5 }, () => 'reconnecting'))
  })

  test('signed out, it waits for somebody to sign in', async () => {
    const ticket = vi.fn<() => Promise<string>>(() => Promise.reject('signed out'))
    const { live, states } = bench({ ticket })
    live.start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ticket).toHaveBeenCalledTimes(1)
    expect(states).toEqual(['offline'])
    live.stop()
    live.start()
    await vi.advanceTimersByTimeAsync(0)
    expect(ticket).toHaveBeenCalledTimes(2)
  })

  test('a proxy that opens and closes at once is not asked four times a second', async () => {
    const { live, sockets, opened } = bench()
    live.start()
    for (const wait of [250, 500, 1_000, 2_000]) {
      ;(await opened()).breaks()
      const before = sockets.length
      await vi.advanceTimersByTimeAsync(wait - 1)
      expect(sockets).toHaveLength(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(sockets).toHaveLength(before + 1)
    }
  })

  test('a socket that is cut every ten seconds comes back at once each time', async () => {
    const { live, sockets, opened } = bench()
    live.start()
    for (let cut = 0; cut < 5; cut++) {
      const socket = await opened()
      await vi.advanceTimersByTimeAsync(10_000)
      socket.breaks()
      await vi.advanceTimersByTimeAsync(250)
    }
    expect(sockets).toHaveLength(6)
  })

  test('a quiet line is asked for a sign of life and kept when it gives one', async () => {
    const { live, sockets, opened } = bench()
    live.start()
    const socket = await opened()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(socket.sent).toEqual([{ type: 'ping' }])
    socket.says({ type: 'pong' })
    await vi.advanceTimersByTimeAsync(15_000)
    expect(socket.isLetGo).toBe(false)
    expect(sockets).toHaveLength(1)
  })

  test('a dead line is let go of without waiting for its goodbye', async () => {
    const { live, sockets, states, opened } = bench()
    live.start()
    const dead = await opened()
    await vi.advanceTimersByTimeAsync(20_000 + 10_000)
    expect(dead.isLetGo).toBe(true)
    expect(states.at(-1)).toBe('reconnecting')
    await vi.advanceTimersByTimeAsync(250)
    expect(sockets).toHaveLength(2)
    // Its late goodbye and last words mean nothing any more.
    const { self, heard } = follower()
    live.follow(log, self)
    dead.says(entries(1))
    dead.breaks()
    await vi.advanceTimersByTimeAsync(0)
    expect(heard).toEqual([])
    expect(sockets).toHaveLength(2)
  })

  test('a socket that never opens is given up', async () => {
    const { live, sockets } = bench()
    live.start()
    await vi.advanceTimersByTimeAsync(10_000 + 250)
    expect(sockets).toHaveLength(2)
    expect(sockets[0]?.isLetGo).toBe(true)
  })

  test('a phone that wakes up trusts no old socket', async () => {
    const { live, sockets, opened, wake } = bench()
    live.start()
    const old = await opened()
    wake()
    expect(old.sent).toEqual([{ type: 'ping' }])
    await vi.advanceTimersByTimeAsync(10_000 + 250)
    expect(sockets).toHaveLength(2)
  })

  test('when the network is back, the next attempt does not wait', async () => {
    let isUp = false
    const { live, sockets, wake } = bench({
      ticket: async () => {
        if (!isUp) throw new Error('no answer')
        return 'pass'
      },
    })
    live.start()
    await vi.advanceTimersByTimeAsync(30_000)
    isUp = true
    wake()
    wake()
    await vi.advanceTimersByTimeAsync(0)
    expect(sockets).toHaveLength(1)
  })

  test('stopped while the ticket is on its way, no socket opens; started again, one', async () => {
    const { live, sockets, states } = bench()
    live.start()
    live.stop()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sockets).toHaveLength(0)
    live.start()
    live.stop()
    live.start()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sockets).toHaveLength(1)
    live.stop()
    expect(states.at(-1)).toBe('connecting')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sockets).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
