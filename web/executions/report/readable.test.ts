import { beforeAll, describe, expect, test } from 'vitest'
import { loadRestOfMessages } from '../../lib/messages.ts'
import { toReadable } from './readable.ts'

beforeAll(loadRestOfMessages)

describe('a value reads as its name says', () => {
  test.each<[string, unknown, string]>([
    ['used', 97_000_000_000, '97 GB'],
    ['size_bytes', 1_500, '1.5 kB'],
    ['used', 12, '12'],
    ['pct', 97, '97%'],
    ['inodes_used', 465_399_000, '465,399,000'],
    ['skew_s', 0.29, '290 ms'],
    ['uptime_s', 3_567_600, '41 d 7 h'],
    ['rtt_ms', 2.31, '2.3 ms'],
    ['age_d', 0, '0 d'],
    ['pid', 28_915, '28915'],
    ['port', 8_080, '8080'],
    ['exit_status', 7, '7'],
    ['c', 71.4, '71.4 °C'],
    ['psi_some_total', 1_233_093_525, '1,233,093,525'],
    ['load_memory_total', 16_700_000_000, '16.7 GB'],
    ['sensor_c', 71.4, '71.4 °C'],
    ['synced', false, 'no'],
    ['crucial', ['libssl3', 'openssl'], 'libssl3, openssl'],
    ['victims', [{ name: 'hog', pid: 4_355 }], 'hog 4355'],
    ['nothing', null, 'none'],
    ['failed', [], 'none'],
    ['text', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('%s %j', (name, value, expected) => {
    expect(toReadable(name, value)).toBe(expected)
  })

  test('of a long list only the beginning is named', () => {
    const items = Array.from({ length: 30 }, (_, index) => `p${index}`)
    expect(toReadable('packages', items)).toMatch(/p19 and 10 more$/)
  })
})
