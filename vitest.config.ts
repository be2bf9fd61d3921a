import { storybookTest } from '@storybook/addon-vitest/vitest-plugin'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { apiTable } from './vite.config.ts'

/** The browser of the system; nothing is downloaded. */
const browser = () => ({
  enabled: true,
  headless: true,
  provider: playwright({
    // What fades in is there at once; a test looks at what is shown, not at how it comes.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
    },
  }),
  instances: [{ browser: 'chromium' as const, viewport: { width: 1280, height: 800 } }],
  screenshotFailures: false,
})

/** What holds for every kind of test. */
const always = {
  // Generous, for machines that do other work as well: a test that hangs still ends.
  testTimeout: 90_000,
  hookTimeout: 90_000,
  // An unhandled rejection is a bug even when every assertion holds.
  dangerouslyIgnoreUnhandledErrors: false,
  // A test left on `.only` would silence all others.
  allowOnly: false,
  restoreMocks: true,
  unstubEnvs: true,
}

export default defineConfig({
  test: {
    passWithNoTests: false,
    // Half of what they do is waiting for sshd and Python, so one more than the two cores of a small machine.
    maxWorkers: 3,
    projects: [
      {
        plugins: [apiTable()],
        test: {
          ...always,
          name: 'node',
          environment: 'node',
          // Style sheets are read as what they are, to be tested.
          css: true,
          include: [
            'contract/**/*.test.ts',
            'server/**/*.test.ts',
            'web/**/*.test.ts',
            'scripts/**/*.test.ts',
            'testbed/**/*.test.ts',
            'bench/**/*.test.ts',
            'agents/**/*.test.ts',
          ],
          // Tests start real servers, send signals and change folders: each file gets a process of its own.
          pool: 'forks',
        },
      },
      {
        // Behaviour of parts of the dashboard, in a real browser.
        plugins: [react(), tailwind(), apiTable()],
        test: { ...always, name: 'web', include: ['web/**/*.test.tsx'], browser: browser() },
      },
      {
        // Every story draws in both themes, says nothing on the console, and holds WCAG 2.2 AA.
        plugins: [storybookTest({ configDir: '.storybook' })],
        test: { ...always, name: 'storybook', browser: browser() },
      },
    ],
  },
})
