import type { Driver } from '../driver.ts'

/** Nobody is asked, and nothing leaves the server. */
export const noDriver: Driver = {
  kind: 'none',
  mayRepair: false,
  inputBound: () => 0,
  run: async () => ({
    kind: 'failed',
    reason: 'bad-request',
    wasBilled: 'no',
    retryAfterMs: null,
    detail: 'No model is chosen.',
  }),
  check: async () => [
    { step: 'model', state: 'failed', detail: 'No model is chosen.', fix: 'Choose one, and save.' },
  ],
}
