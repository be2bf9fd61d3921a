import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A machine that works less than this share of its time is quiet enough. */
const quietBelow = 0.2
const watchMs = 300

/**
 * Waits for quiet moments before figures are taken, and remembers how often there was none: figures of a noisy
 * machine are told as such.
 */
export function createQuiet({ patienceMs }: { patienceMs: number }) {
  let asked = 0
  let noisy = 0

  async function wait(): Promise<void> {
    asked++
    const until = performance.now() + patienceMs
    do {
      if ((await busyShare()) < quietBelow) return
    } while (performance.now() < until)
    noisy++
  }

  return {
    wait,
    /** How many of the moments asked for were not quiet. */
    tally: () => ({ asked, noisy }),
  }
}
export type Quiet = ReturnType<typeof createQuiet>

/** Which share of the time the processors were busy just now, with whatever. */
async function busyShare(): Promise<number> {
  const before = readTicks()
  await sleep(watchMs)
  const after = readTicks()
  return 1 - (after.idle - before.idle) / (after.all - before.all)
}

function readTicks() {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  // user nice system idle iowait irq softirq steal; guest time is within user time already.
  const ticks = first.split(/\s+/).slice(1, 9).map(Number)
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0)
  return { idle, all: ticks.reduce((sum, one) => sum + one, 0) }
}
