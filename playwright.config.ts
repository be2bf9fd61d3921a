import { resolve } from 'node:path'
import { defineConfig, devices } from '@playwright/test'
import type { WorkerOptions } from './e2e/journey.ts'

const results = resolve(import.meta.dirname, '.cache/e2e')

/** What people do with one hand; `npm run nightly` walks every journey on a phone. */
const onPhones =
  /\/(set-up|sign-in|run|offline|executions|inside|approvals|clean-up|schedules|whole-house|first-hour)\.test\.ts$/

/**
 * Journeys through the built product. A desk and a phone, and with them the two places it stands at: the root, and a
 * path behind nginx.
 */
export default defineConfig<object, WorkerOptions>({
  testDir: 'e2e',
  testMatch: '**/*.test.ts',
  outputDir: resolve(results, 'traces'),
  globalSetup: './e2e/global-setup.ts',
  // Each worker starts a server, SSH and a browser of its own. Half of a journey is waiting, so two share two cores.
  workers: 2,
  forbidOnly: true,
  // The first journey of a worker waits for a server, SSH and a browser to start, perhaps on a busy machine.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['line'], ['json', { outputFile: process.env.E2E_RESULT ?? resolve(results, 'result.json') }]],
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    // It would fetch the whole dashboard anew for each journey; offline.test.ts is about it.
    serviceWorkers: 'block',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
    },
  },
  projects: [
    {
      name: 'desktop',
      use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 800 }, basePath: '' },
    },
    {
      name: 'phone',
      // The demo is the same wherever its browser stands.
      ...(process.env.E2E_EVERYWHERE ? { testIgnore: 'demo.test.ts' } : { testMatch: onPhones }),
      use: { ...devices['Pixel 7'], basePath: '/lab/runner' },
    },
  ],
})
