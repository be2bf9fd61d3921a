/** What a colour says. `ok` all well · `run` in motion · `wait` needs a person · `fail` · `missed` · `idle` nothing to say. */
export type Tone = 'ok' | 'run' | 'wait' | 'fail' | 'missed' | 'idle'

export const toneText: Record<Tone, string> = {
  ok: 'text-status-ok',
  run: 'text-status-run',
  wait: 'text-status-wait',
  fail: 'text-status-fail',
  missed: 'text-status-missed',
  idle: 'text-status-idle',
}

/** A light ground of the same colour, on which its text still has enough contrast. */
export const toneTint: Record<Tone, string> = {
  ok: 'bg-status-ok/8',
  run: 'bg-status-run/8',
  wait: 'bg-status-wait/8',
  fail: 'bg-status-fail/8',
  missed: 'bg-status-missed/8',
  idle: 'bg-status-idle/8',
}

export const toneFill: Record<Tone, string> = {
  ok: 'bg-status-ok',
  run: 'bg-status-run',
  wait: 'bg-status-wait',
  fail: 'bg-status-fail',
  missed: 'bg-status-missed',
  idle: 'bg-status-idle',
}

export const toneEdge: Record<Tone, string> = {
  ok: 'border-status-ok/35',
  run: 'border-status-run/35',
  wait: 'border-status-wait/35',
  fail: 'border-status-fail/35',
  missed: 'border-status-missed/35',
  idle: 'border-border',
}
