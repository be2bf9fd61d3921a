import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative as pathFrom } from 'node:path'
import Eleventy, { type EleventyConfig } from '@11ty/eleventy'
import { version } from '../../server/version.ts'
import { problemsOf, problemsOfStyle } from './links.ts'
import { headingsOf, teach } from './markdown.ts'
import { navigationOf, placeOf } from './navigation.ts'
import { agentsPage } from './pages/agents.ts'
import { apiPage } from './pages/api.ts'
import { commandsPage } from './pages/commands.ts'
import { errorsPage } from './pages/errors.ts'
import { wordsPage } from './pages/words.ts'
import { searchIndexOf } from './search-index.ts'
import { drawPage, relative } from './theme/page.ts'

const fonts = [
  '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
]

/** Files of the repository that are pages of the site, by their path. Tools of the project describe themselves elsewhere. */
export function writtenSources(root: string): Map<string, string> {
  const files = globSync(
    [
      'docs/**/*.md',
      'agents/README.md',
      'agents/*/README.md',
      '{README,CHANGELOG,CONTRIBUTING,SECURITY,CODE_OF_CONDUCT}.md',
    ],
    { cwd: root },
  )
  return new Map(files.sort().map((file) => [file, readFileSync(join(root, file), 'utf8')]))
}

/** Pages that are made from the code, by the path they would have. */
export async function madeSources(root: string): Promise<Map<string, string>> {
  return new Map([
    ['docs/reference/api.md', apiPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/commands.md', await commandsPage()],
    ['docs/reference/agents.md', agentsPage(root)],
    ['docs/reference/words.md', wordsPage(root)],
  ])
}

export interface BuiltSite {
  readonly folder: string
  readonly pages: number
  readonly problems: readonly string[]
}

/** Builds the site into a folder that is emptied before, and says which of its links lead nowhere. */
export async function buildSite(root: string, folder = join(root, 'dist/docs')): Promise<BuiltSite> {
  const sources = new Map([...writtenSources(root), ...(await madeSources(root))])
  rmSync(folder, { recursive: true, force: true })
  // Everything is handed over in memory, so that what is made needs no place among what is written.
  const empty = join(root, `.cache/docs-input.${process.pid}`)
  mkdirSync(empty, { recursive: true })
  const before = process.cwd()
  process.chdir(root)
  try {
    const eleventy = new Eleventy(pathFrom(root, empty), folder, {
      quietMode: true,
      configPath: null,
      config: (config) => configure(config, root, sources, pathFrom(root, empty)),
    })
    await eleventy.write()
  } finally {
    process.chdir(before)
    rmSync(empty, { recursive: true, force: true })
  }
  writeFileSync(join(folder, 'assets/site.css'), styleOf(root))
  return look(folder, sources)
}

function configure(
  config: EleventyConfig,
  root: string,
  sources: ReadonlyMap<string, string>,
  input: string,
): object {
  const navigation = navigationOf(new Set(sources.keys()))
  const titles = new Map([...sources].map(([source, text]) => [source, headingsOf(text)[0]?.text ?? source]))
  const assets = new Set(globSync('docs/{images,grafana}/*', { cwd: root }))
  const titleOf = (source: string) => titles.get(source) ?? source
  // Eleventy names inputs from the folder of the project.
  const sourceOf = (inputPath: string) => inputPath.replace(/^\.\//, '').slice(input.length + 1)
  const placeIn = (path: string) => {
    if (sources.has(path)) return placeOf(path)
    return assets.has(path) ? path.slice('docs/'.length) : null
  }

  config.setTemplateFormats(['md'])
  config.setUseGitIgnore(false)
  for (const [source, text] of sources) {
    config.addTemplate(source, text, { permalink: placeOf(source), templateEngineOverride: 'md' })
  }
  config.amendLibrary('md', (markdown) =>
    teach(markdown, {
      sourceOf,
      addressOf: (from, path) => {
        const place = placeIn(path.replace(/\/$/, '/README.md'))
        return place === null ? null : relative(placeOf(from), place)
      },
    }),
  )
  config.addTransform('page', function draw(content) {
    const source = sourceOf(this.page.inputPath)
    return drawPage({ source, place: placeOf(source), content }, { navigation, version, titleOf, placeOf })
  })
  config.addPassthroughCopy({
    'docs/images': 'images',
    'docs/grafana': 'grafana',
    'scripts/docs/theme/site.js': 'assets/site.js',
    'web/public/icon.svg': 'assets/icon.svg',
    ...Object.fromEntries(fonts.map((font) => [`node_modules/${font}`, `assets/${font.split('/').at(-1)}`])),
  })
  return { markdownTemplateEngine: false }
}

/** The colours of the dashboard, and what the pages make of them. */
function styleOf(root: string): string {
  const dashboard = readFileSync(join(root, 'web/styles.css'), 'utf8')
  const colours = [":root,\n[data-theme='light']", "[data-theme='dark']"].map((selector) => {
    const from = dashboard.indexOf(`${selector} {`)
    if (from < 0) throw new Error(`web/styles.css has no ${selector}`)
    return dashboard.slice(from, dashboard.indexOf('\n}', from) + 2)
  })
  return [...colours, readFileSync(join(root, 'scripts/docs/theme/site.css'), 'utf8')].join('\n')
}

/** Writes what the search looks in, and follows every link. */
function look(folder: string, sources: ReadonlyMap<string, string>): BuiltSite {
  const pages = new Map(
    globSync('**/*.html', { cwd: folder }).map((place) => [place, readFileSync(join(folder, place), 'utf8')]),
  )
  const places = new Map([...sources].map(([source, text]) => [placeOf(source), text]))
  writeFileSync(
    join(folder, 'assets/search.js'),
    `globalThis.carlSearch = ${JSON.stringify(searchIndexOf(places))}\n`,
  )
  const files = new Set(globSync('**/*.*', { cwd: folder }))
  const style = readFileSync(join(folder, 'assets/site.css'), 'utf8')
  const missing = [...places.keys()]
    .filter((place) => !pages.has(place))
    .map((place) => `${place} was not built`)
  return {
    folder,
    pages: pages.size,
    problems: [
      ...missing,
      ...problemsOf({ pages, files }),
      ...problemsOfStyle('assets/site.css', style, files),
    ],
  }
}
