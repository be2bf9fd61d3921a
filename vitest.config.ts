import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: [
      'contract/**/*.test.ts',
      'server/**/*.test.ts',
      'scripts/**/*.test.ts',
      'testbed/**/*.test.ts',
      'bench/**/*.test.ts',
      'agents/**/*.test.ts',
    ],
    // Tests start real servers, send signals and change folders: each file gets a process of its own.
    pool: 'forks',
    // Half of what they do is waiting for sshd and Python, so one more than the two cores of a small machine.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // An unhandled rejection is a bug even when every assertion holds.
    dangerouslyIgnoreUnhandledErrors: false,
    passWithNoTests: false,
    // A test left on `.only` would silence all others.
    allowOnly: false,
    restoreMocks: true,
    unstubEnvs: true,
  },
})
