import { describe, expect, test } from 'vitest'
import { missingEntries, type Packages } from './complete-lock.ts'

describe('completing the lock file', () => {
  test.each([
    ['@oxlint/binding-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@biomejs/cli-win32-x64', { os: ['win32'], cpu: ['x64'] }],
    ['@rolldown/binding-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@rolldown/binding-linux-arm64-gnu', { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] }],
    ['@rolldown/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
    ['@rolldown/binding-wasm32-wasi', { cpu: ['wasm32'] }],
  ])('%s is entered for its own platform only', (name, platform) => {
    const packages: Packages = {
      'node_modules/tool': { version: '2.0.0', optionalDependencies: { [name]: '2.0.0' } },
    }
    expect(missingEntries(packages)).toEqual({
      [`node_modules/${name}`]: { version: '2.0.0', optional: true, ...platform },
    })
  })

  test('what is there is left alone, and so is a range', () => {
    const packages: Packages = {
      'node_modules/tool': { optionalDependencies: { 'tool-linux-x64': '1.0.0', fsevents: '^2.0.0' } },
      'node_modules/tool-linux-x64': { version: '1.0.0' },
    }
    expect(missingEntries(packages)).toEqual({})
  })

  test('another version further up does not count; the right one goes below the package that asks', () => {
    const packages: Packages = {
      'node_modules/a/node_modules/tool': { dev: true, optionalDependencies: { 'tool-linux-x64': '2.0.0' } },
      'node_modules/tool-linux-x64': { version: '1.0.0' },
    }
    expect(Object.entries(missingEntries(packages))).toEqual([
      [
        'node_modules/a/node_modules/tool/node_modules/tool-linux-x64',
        { version: '2.0.0', dev: true, optional: true, cpu: ['x64'], os: ['linux'] },
      ],
    ])
  })
})
