import {
  Activity,
  ArchiveRestore,
  Bot,
  CalendarClock,
  CheckCheck,
  Coins,
  GitCompareArrows,
  House,
  type LucideIcon,
  Play,
  Search,
  Server,
  Settings,
  TriangleAlert,
} from 'lucide-react'
import type { Permission } from '../../contract/permissions.ts'

export interface Place {
  readonly name:
    | 'home'
    | 'executions'
    | 'findings'
    | 'approvals'
    | 'nodes'
    | 'agents'
    | 'schedules'
    | 'backups'
    | 'costs'
    | 'audit'
    | 'compare'
    | 'search'
    | 'settings'
  readonly to:
    | '/'
    | '/executions'
    | '/findings'
    | '/approvals'
    | '/nodes'
    | '/agents'
    | '/schedules'
    | '/backups'
    | '/costs'
    | '/activity'
    | '/compare'
    | '/search'
    | '/settings'
  readonly icon: LucideIcon
  readonly permission: Permission | null
  /** After g, it goes there. */
  readonly key: string
  /** Among the four of a phone's bottom bar. */
  readonly isMain: boolean
}

/** Where one can go, in the order of the rail. */
export const places: readonly Place[] = [
  { name: 'home', key: 'h', to: '/', icon: House, permission: null, isMain: true },
  { name: 'executions', key: 'e', to: '/executions', icon: Play, permission: 'execution.read', isMain: true },
  {
    name: 'findings',
    key: 'f',
    to: '/findings',
    icon: TriangleAlert,
    permission: 'finding.read',
    isMain: false,
  },
  { name: 'approvals', key: 'p', to: '/approvals', icon: CheckCheck, permission: 'plan.read', isMain: true },
  { name: 'nodes', key: 'n', to: '/nodes', icon: Server, permission: 'node.read', isMain: true },
  { name: 'agents', key: 'a', to: '/agents', icon: Bot, permission: 'agent.read', isMain: false },
  {
    name: 'schedules',
    key: 't',
    to: '/schedules',
    icon: CalendarClock,
    permission: 'schedule.read',
    isMain: false,
  },
  {
    name: 'backups',
    key: 'b',
    to: '/backups',
    icon: ArchiveRestore,
    permission: 'repository.read',
    isMain: false,
  },
  { name: 'costs', key: 'c', to: '/costs', icon: Coins, permission: 'cost.read', isMain: false },
  { name: 'audit', key: 'y', to: '/activity', icon: Activity, permission: 'audit.read', isMain: false },
  {
    name: 'compare',
    key: 'm',
    to: '/compare',
    icon: GitCompareArrows,
    permission: 'execution.read',
    isMain: false,
  },
  { name: 'search', key: 'x', to: '/search', icon: Search, permission: 'search.read', isMain: false },
  { name: 'settings', key: 's', to: '/settings', icon: Settings, permission: 'settings.read', isMain: false },
]
