import { expect, test } from 'vitest'
import { shortcutOf } from './shortcuts.ts'

const where = { isWaiting: false, isBusy: false, hasShortcuts: true }
const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
})

test.each([
  ['Ctrl K opens the palette', press('k', { ctrlKey: true }), {}, { kind: 'palette' }],
  ['so does ⌘ K', press('k', { metaKey: true }), {}, { kind: 'palette' }],
  ['also from a field', press('K', { ctrlKey: true }), { isBusy: true }, { kind: 'palette' }],
  ['r runs', press('r'), {}, { kind: 'run' }],
  ['Ctrl R stays with the browser', press('r', { ctrlKey: true }), {}, null],
  ['r in a field is a letter', press('r'), { isBusy: true }, null],
  ['r is nothing when single keys are off', press('r'), { hasShortcuts: false }, null],
  ['but Ctrl K stays', press('k', { ctrlKey: true }), { hasShortcuts: false }, { kind: 'palette' }],
  ['g waits for a second key', press('g'), {}, { kind: 'wait' }],
  ['g n goes to the nodes', press('n'), { isWaiting: true }, { kind: 'go', to: '/nodes' }],
  ['n alone is nothing', press('n'), {}, null],
  ['g r is nothing', press('r'), { isWaiting: true }, null],
  ['/ searches', press('/'), {}, { kind: 'search' }],
  ['? shows the sheet', press('?'), {}, { kind: 'sheet' }],
])('%s', (_, pressed, there, wanted) => {
  expect(shortcutOf(pressed, { ...where, ...there })).toEqual(wanted)
})
