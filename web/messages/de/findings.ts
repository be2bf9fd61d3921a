import type { Messages } from '../../lib/messages.ts'

export const findings: Messages['findings'] = {
  title: 'Befunde',
}
