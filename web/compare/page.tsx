import { getRouteApi } from '@tanstack/react-router'
import { useMessages } from '../lib/messages.ts'
import { PageHeader } from '../ui/page-header.tsx'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { ChangesTab } from './changes-tab.tsx'
import { ExecutionsTab } from './executions-tab.tsx'
import { FactsTab } from './facts-tab.tsx'

const route = getRouteApi('/inside/compare')
const tabKeys = ['changes', 'facts', 'executions'] as const

/** What is compared, as the address has it. */
export interface Compared {
  readonly tab?: (typeof tabKeys)[number] | undefined
  readonly a?: string | undefined
  readonly b?: string | undefined
  readonly agent?: string | undefined
  readonly path?: string | undefined
  readonly since?: '1' | '3' | '7' | '30' | undefined
  readonly node?: string | undefined
}

export interface CompareProps {
  readonly compared: Compared
  readonly onCompare: (changed: Compared) => void
}

export function ComparePage() {
  const compared = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <CompareView
      compared={compared}
      onCompare={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
      }
    />
  )
}

/** What is different: since a moment, between nodes, and between two runs. */
export function CompareView({ compared, onCompare }: CompareProps) {
  const t = useMessages('compare')
  const tab = compared.tab ?? 'changes'
  return (
    <>
      <PageHeader title={t.title} subtitle={t.subtitle} />
      <Tabs
        label={t.tabsLabel}
        tabs={tabKeys.map((key) => ({ key, label: t.tabs[key] }))}
        value={tab}
        onChange={(key) => onCompare({ tab: key })}
      >
        <TabPanel tab="changes">
          <ChangesTab compared={compared} onCompare={onCompare} />
        </TabPanel>
        <TabPanel tab="facts">
          <FactsTab compared={compared} onCompare={onCompare} />
        </TabPanel>
        <TabPanel tab="executions">
          <ExecutionsTab compared={compared} onCompare={onCompare} />
        </TabPanel>
      </Tabs>
    </>
  )
}
