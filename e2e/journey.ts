import { test as base, expect } from '@playwright/test'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'
import type { Canary } from '../testbed/canaries.ts'
import { findLeaks, plantCanaries, watchForCanaries } from './canaries.ts'
import { findKept } from './kept.ts'
import { type Product, startProduct } from './product.ts'
import { type Troubles, watchForTroubles } from './troubles.ts'

interface Options {
  /** Whether the journey begins behind the sign-in page. Yes, when nothing is said. */
  isSignedIn: boolean
}

interface Leaks {
  /** Expects a secret where it belongs, as it is written down. */
  allow(leak: RegExp): void
}

interface Fixtures {
  /** Fails the journey for whatever the browser finds wrong and the journey does not allow. */
  troubles: Troubles
  /** Fails the journey when a planted secret comes to the browser. */
  leaks: Leaks
  /** A server that nobody has claimed yet, for this journey alone. */
  unclaimed: Product
}

export interface WorkerOptions {
  /** Path below which the server is reached, through nginx; empty for the server itself. */
  basePath: string
}

interface WorkerFixtures {
  /** The server that the journeys of a worker share. */
  product: Product
  /** A real SSH server to be a node. */
  sshd: TestSshd
  /** Secrets that lie in every field that takes one; at the end of all journeys they are looked for everywhere. */
  canaries: readonly Canary[]
}

/** `test` of every journey: a browser in front of the built server. */
export const test = base.extend<Options & Fixtures, WorkerOptions & WorkerFixtures>({
  isSignedIn: [true, { option: true }],
  basePath: ['', { option: true, scope: 'worker' }],

  product: [
    async ({ basePath }, use) => {
      const product = await startProduct({ basePath, isClaimed: true })
      await use(product)
      await product.stop()
    },
    { scope: 'worker' },
  ],
  sshd: [
    // Playwright reads here which fixtures are wanted, and takes no empty list.
    async ({ browserName: _ }, use) => {
      const sshd = await startSshd()
      await use(sshd)
      await sshd.stop()
    },
    { scope: 'worker' },
  ],

  canaries: [
    async ({ product, sshd }, use) => {
      const canaries = await plantCanaries(product, sshd)
      await use(canaries)
      expect(await findLeaks(product, sshd, canaries)).toEqual([])
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ product }, use) => use(product.url),
  context: async ({ context, product, isSignedIn }, use) => {
    if (isSignedIn) await context.addCookies([await product.signIn()])
    await use(context)
  },
  troubles: [
    async ({ context }, use) => {
      const troubles = watchForTroubles(context)
      await use(troubles)
      expect(troubles.left()).toEqual([])
    },
    { auto: true },
  ],
  leaks: [
    async ({ context, product, canaries }, use) => {
      const watch = watchForCanaries(context, canaries)
      const allowed: RegExp[] = []
      await use({ allow: (leak) => void allowed.push(leak) })
      const found = [...(await watch.found()), ...(await findKept(context, product.url, canaries))]
      const left = found.filter((leak) => !allowed.some((pattern) => pattern.test(leak)))
      expect(left).toEqual([])
    },
    { auto: true },
  ],
  unclaimed: async ({ basePath, page }, use) => {
    const product = await startProduct({ basePath, isClaimed: false })
    await use(product)
    // A page that is still open would look for its server, in vain, and call that a trouble.
    await page.close()
    await product.stop()
  },
})
export { expect }
