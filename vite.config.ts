import { resolve } from 'node:path'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { api } from './contract/api.ts'
import { createClient, tableOf } from './contract/client.ts'
import { firstCalls } from './web/first-calls.ts'

/** Stand for base path and nonce in what is built; server/http/dashboard.ts puts the real ones in their place. */
const placeholder = '/__carl_base__/'
const noncePlaceholder = '__carl_nonce__'

/** `virtual:api-table`: method and path of every call, so that neither schemas nor zod come into the first load. */
export function apiTable(): Plugin {
  const name = 'virtual:api-table'
  return {
    name,
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? `export default ${JSON.stringify(tableOf(api).calls)}` : undefined),
  }
}

/** Writes into the page what each page asks for first: the very calls, so that they are what the code asks later. */
function askAhead(): Plugin {
  function pathsOf(ask: (typeof firstCalls)[string]): string[] {
    const paths: string[] = []
    const unanswered = (url: string) => {
      paths.push(url)
      return new Promise<never>(() => {})
    }
    void ask(createClient({ baseUrl: '', table: tableOf(api), fetch: unanswered }))
    return paths
  }
  const calls = Object.fromEntries(Object.entries(firstCalls).map(([path, ask]) => [path, pathsOf(ask)]))
  const written = JSON.stringify(calls).replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  return {
    name: 'ask-ahead',
    transformIndexHtml: (html) => html.replace('data-ahead=""', `data-ahead="${written}"`),
  }
}

export default defineConfig(({ command }) => ({
  root: resolve(import.meta.dirname, 'web'),
  base: command === 'build' ? placeholder : '/',
  // Only the server can make a nonce for each reply. Vite's own pages come without a policy, and need none.
  ...(command === 'build' && { html: { cspNonce: noncePlaceholder } }),
  plugins: [react(), tailwind(), apiTable(), askAhead()],
  build: {
    outDir: resolve(import.meta.dirname, 'dist/web'),
    emptyOutDir: true,
    // What lies within a style is no file of ours to the policy of the page, which takes fonts and pictures from here alone.
    assetsInlineLimit: 0,
    target: 'es2023',
    sourcemap: true,
    // Which file imports which: e2e/weight.test.ts weighs what each page brings along.
    manifest: true,
    rolldownOptions: {
      // Schemas are values without side effects: whoever imports a rule from the contract does not get zod with it.
      treeshake: {
        manualPureFunctions: ['z', 'defineApi', 'download', 'pageOf'],
        moduleSideEffects: [{ test: /[\\/]contract[\\/]/, sideEffects: false }],
      },
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              // Without what only single pages use of them.
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack[\\/](react-)?(router|query|history|store)(-core)?)[\\/](?!.*([uU]seBlocker|InfiniteQuery|infiniteQueryObserver))/,
            },
            // The frame and the first page with all that they import: one file, and no second round for the page.
            { name: 'first', test: /[\\/]web[\\/]router\.tsx$/ },
            // Asked for by itself once the first page stands.
            { name: 'offline', test: /[\\/]web[\\/]lib[\\/](offline[\\/]|worker\.ts)/ },
            // What the other pages draw with beside: one file, where each piece had been one of its own.
            { name: 'ui', test: /[\\/]web[\\/]ui[\\/]|lucide-react/ },
          ],
        },
      },
    },
  },
  experimental: {
    renderBuiltUrl: (file, { hostType }) =>
      hostType === 'js'
        ? { runtime: `globalThis.carlAsset(${JSON.stringify(file)})` }
        : hostType === 'css'
          ? { relative: true }
          : undefined,
  },
}))
