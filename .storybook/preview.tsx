import '../web/styles.css'
import type { Decorator, Preview } from '@storybook/react-vite'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterContextProvider,
} from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { loadMessages, loadRestOfMessages } from '../web/lib/messages.ts'
import { type Locale, setPreferences } from '../web/lib/preferences.ts'
import { clearToasts } from '../web/ui/toaster.tsx'

type Side = 'light' | 'dark'

/** Every story in both themes beside each other. What floats above the page lives once, so such stories choose one. */
const inThemes: Decorator = (Story, { globals, parameters }) => {
  const theme = (globals.theme ?? 'both') as Side | 'both'
  const density = String(globals.density ?? 'comfortable')
  const sides: readonly Side[] = theme === 'both' ? ['light', 'dark'] : [theme]
  useEffect(() => {
    document.documentElement.dataset.theme = theme === 'both' ? 'light' : theme
    document.documentElement.dataset.density = density
  }, [theme, density])
  const isPage = parameters.isPage === true
  return (
    // Styled by hand: the classes of the product are gathered from web/ alone.
    <div
      style={{
        display: 'grid',
        gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 480px), 1fr))',
        minHeight: '100dvh',
      }}
    >
      {sides.map((side) => (
        <div
          key={side}
          data-theme={side}
          style={{
            minWidth: 0,
            padding: isPage ? 0 : 24,
            background: 'var(--background)',
            color: 'var(--foreground)',
          }}
        >
          <Story />
        </div>
      ))}
    </div>
  )
}

/** What a page finds around it: queries that are answered from the story alone, and links that lead nowhere. */
const inDashboard: Decorator = (Story, { parameters, globals }) => {
  const locale = globals.locale as Locale
  const [queries] = useState(() => {
    const made = new QueryClient({
      defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
    })
    const known = (parameters.queries ?? []) as readonly (readonly [readonly unknown[], unknown])[]
    for (const [key, reply] of known) made.setQueryData(key, reply)
    return made
  })
  const [router] = useState(() => {
    const root = createRootRoute()
    const anywhere = createRoute({ getParentRoute: () => root, path: '$' })
    return createRouter({
      routeTree: root.addChildren([anywhere]),
      history: createMemoryHistory({ initialEntries: [String(parameters.path ?? '/')] }),
    })
  })
  useEffect(() => setPreferences({ locale }), [locale])
  return (
    <QueryClientProvider client={queries}>
      <RouterContextProvider router={router as never}>
        <Story />
      </RouterContextProvider>
    </QueryClientProvider>
  )
}

/** A console error is a defect, also where everything looks right. */
const heard: string[] = []
const say = console.error
console.error = (...words: unknown[]) => {
  heard.push(words.map(String).join(' '))
  say(...words)
}

const preview: Preview = {
  decorators: [inThemes, inDashboard],
  loaders: [
    async () => {
      await languages
      return {}
    },
  ],
  beforeEach: () => {
    heard.length = 0
    // What the story before told is not told again.
    clearToasts()
  },
  afterEach: () => {
    if (heard.length > 0) throw new Error(`The console said:\n${heard.join('\n')}`)
  },
  initialGlobals: { theme: 'both', density: 'comfortable', locale: 'en' },
  globalTypes: {
    theme: toolbar('Theme', 'contrast', { both: 'Both', light: 'Light', dark: 'Dark' }),
    density: toolbar('Density', 'component', { comfortable: 'Comfortable', compact: 'Compact' }),
    locale: toolbar('Language', 'globe', {
      en: 'English',
      de: 'Deutsch',
      'en-XA': 'Longer English',
      'ar-XB': 'From right to left',
    }),
  },
  parameters: {
    layout: 'fullscreen',
    controls: { disableSaveFromUI: true },
    a11y: {
      test: 'error',
      options: {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      },
    },
  },
}

const languages = loadMessages().then(loadRestOfMessages)

function toolbar(title: string, icon: 'contrast' | 'component' | 'globe', titles: Record<string, string>) {
  return {
    toolbar: {
      title,
      icon,
      items: Object.entries(titles).map(([value, text]) => ({ value, title: text })),
      dynamicTitle: true,
    },
  }
}

export default preview
