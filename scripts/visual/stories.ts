import { resolve } from 'node:path'

/** Where pictures are kept. */
export const pictures = resolve(import.meta.dirname, '../../e2e/pictures')

/** Whether the stories of a file are drawn: those of pages, and of the parts that fill a page or a tab of one. */
export const isDrawn = (file: string): boolean =>
  !file.startsWith('web/ui/') &&
  (file.endsWith('page.stories.tsx') ||
    /^web\/(settings|setup|account|shell)\//.test(file) ||
    parts.has(file))

const parts = new Set([
  'web/executions/log/log-pane.stories.tsx',
  'web/executions/run-dialog.stories.tsx',
  'web/executions/timeline/timeline.stories.tsx',
  'web/nodes/node-form.stories.tsx',
  'web/nodes/topology/topology.stories.tsx',
  'web/palette/palette.stories.tsx',
  'web/schedules/form.stories.tsx',
  'web/schedules/triggers/triggers.stories.tsx',
])
