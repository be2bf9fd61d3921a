import { expect, test } from 'vitest'
import { type Command, toCommand } from './keyboard.ts'

const press = (keys: string) => {
  const parts = keys.split('+')
  return {
    key: parts.at(-1) ?? '',
    ctrlKey: parts.includes('Ctrl'),
    metaKey: parts.includes('Meta'),
    altKey: parts.includes('Alt'),
    shiftKey: parts.includes('Shift'),
  }
}

test.each<[keys: string, command: Command | null]>([
  ['ArrowUp', 'lineUp'],
  ['ArrowDown', 'lineDown'],
  ['PageUp', 'pageUp'],
  ['PageDown', 'pageDown'],
  ['Home', 'toStart'],
  ['End', 'toEnd'],
  ['f', 'follow'],
  ['w', 'wrap'],
  ['/', 'search'],
  ['Shift+/', 'search'],
  ['Ctrl+f', 'search'],
  ['Meta+f', 'search'],
  ['n', 'nextHit'],
  ['Shift+N', 'previousHit'],
  ['m', 'mark'],
  ['Shift+ArrowDown', 'extendDown'],
  ['Shift+ArrowUp', 'extendUp'],
  ['Ctrl+c', 'copy'],
  ['Escape', 'leave'],
  ['x', null],
  ['Ctrl+w', null],
  ['Alt+ArrowUp', null],
])('in the lines, %s means %s', (keys, command) => {
  expect(toCommand(press(keys), false)).toBe(command)
})

test.each<[keys: string, command: Command | null]>([
  ['Enter', 'nextHit'],
  ['Shift+Enter', 'previousHit'],
  ['Escape', 'leave'],
  ['f', null],
  ['/', null],
  ['Home', null],
  ['Ctrl+c', null],
  // A second time, it is the search of the browser.
  ['Ctrl+f', null],
])('while typing into the search, %s means %s', (keys, command) => {
  expect(toCommand(press(keys), true)).toBe(command)
})
