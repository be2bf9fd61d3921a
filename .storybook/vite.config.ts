import { defineConfig } from 'vite'

/** Nothing: main.ts says what stories need, in the browser and in tests alike. */
export default defineConfig({})
