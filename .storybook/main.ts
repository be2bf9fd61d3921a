import type { StorybookConfig } from '@storybook/react-vite'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { mergeConfig } from 'vite'
import { apiTable } from '../vite.config.ts'

/** Only some files, where `npm run visual` names them. */
const only = process.env.STORIES?.split(' ').map((file) => `../${file}`)

const config: StorybookConfig = {
  stories: only ?? ['../web/**/*.stories.tsx'],
  addons: ['@storybook/addon-a11y', '@storybook/addon-vitest'],
  framework: {
    name: '@storybook/react-vite',
    // The build of the product knows a base path that only its server fills in; stories have no server.
    options: { builder: { viteConfigPath: '.storybook/vite.config.ts' } },
  },
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
  typescript: { reactDocgen: 'react-docgen' },
  viteFinal: (given) =>
    mergeConfig(given, {
      plugins: [react(), tailwind(), apiTable()],
      // All of it before the first story: a library found later is prepared anew, with a second React.
      optimizeDeps: { entries: ['web/**/*.stories.tsx'] },
    }),
}

export default config
