import type { Messages } from '../../lib/messages.ts'

export const executions: Messages['executions'] = {
  title: 'Ausführungen',
}
