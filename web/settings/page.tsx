import { useNavigate, useSearch } from '@tanstack/react-router'
import { LockKeyhole } from 'lucide-react'
import { type ComponentType, lazy, type ReactNode, Suspense } from 'react'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { AboutSettings } from './about.tsx'
import { AccountSettings } from './account.tsx'
import { AppearanceSettings } from './appearance.tsx'
import { MasterKeySettings } from './master-key.tsx'
import { OutgoingSettings } from './outgoing.tsx'
import { TokenSettings } from './tokens.tsx'
import { UserSettings } from './users.tsx'

// The first two bring schemas along; the last is seldom opened.
const GeneralSettings = lazy(() =>
  import('./general.tsx').then((file) => ({ default: file.GeneralSettings })),
)
const SignInSettings = lazy(() =>
  import('./sign-in/sign-in.tsx').then((file) => ({ default: file.SignInSettings })),
)
const NotificationSettings = lazy(() =>
  import('./notifications/notifications.tsx').then((file) => ({ default: file.NotificationSettings })),
)
const OwnBackupSettings = lazy(() =>
  import('./own-backups/own-backups.tsx').then((file) => ({ default: file.OwnBackupSettings })),
)
const ConfigurationCard = lazy(() =>
  import('./configuration/configuration.tsx').then((file) => ({ default: file.ConfigurationCard })),
)
const AiSettings = lazy(() => import('./ai.tsx').then((file) => ({ default: file.AiSettings })))
const Credentials = lazy(() => import('./credentials.tsx').then((file) => ({ default: file.Credentials })))

const tabs = [
  'general',
  'ai',
  'credentials',
  'master-key',
  'users',
  'sign-in',
  'notifications',
  'outgoing',
  'own-backups',
  'account',
  'tokens',
  'appearance',
  'about',
] as const
type Tab = (typeof tabs)[number]

const contents: Record<Tab, ComponentType> = {
  general: GeneralSettings,
  ai: AiSettings,
  credentials: Credentials,
  'master-key': MasterKeySettings,
  users: UserSettings,
  'sign-in': SignInSettings,
  notifications: NotificationSettings,
  outgoing: OutgoingSettings,
  'own-backups': OwnBackupSettings,
  account: AccountSettings,
  tokens: TokenSettings,
  appearance: AppearanceSettings,
  about: AboutSettings,
}

export function SettingsPage() {
  const { tab = 'general' } = useSearch({ from: '/inside/settings' })
  const navigate = useNavigate()
  const Content = contents[tab]
  const mayApply = useCan('schedule.write')
  return (
    <SettingsFrame tab={tab} onTab={(next) => void navigate({ to: '/settings', search: { tab: next } })}>
      <Suspense fallback={<SkeletonRows rows={6} />}>
        <Content />
        {tab === 'general' && mayApply && (
          <div className="mt-4">
            <ConfigurationCard />
          </div>
        )}
      </Suspense>
    </SettingsFrame>
  )
}

interface SettingsFrameProps {
  readonly tab: Tab
  readonly onTab: (tab: Tab) => void
  readonly children: ReactNode
}

function SettingsFrame({ tab, onTab, children }: SettingsFrameProps) {
  const t = useMessages('settings')
  const hidden = new Set<Tab>([
    ...(useCan('credential.read') ? [] : (['credentials'] as const)),
    ...(useCan('master-key.read') ? [] : (['master-key'] as const)),
    ...(useCan('user.read') ? [] : (['users'] as const)),
    ...(useCan('provider.read') ? [] : (['sign-in'] as const)),
    ...(useCan('notification.read') ? [] : (['notifications'] as const)),
    ...(useCan('outgoing.read') ? [] : (['outgoing'] as const)),
    ...(useCan('own-backup.read') ? [] : (['own-backups'] as const)),
  ])
  return (
    <>
      <PageHeader title={t.title} />
      <Tabs
        label={t.title}
        value={tab}
        onChange={onTab}
        tabs={tabs.filter((key) => !hidden.has(key)).map((key) => ({ key, label: t.tabs[key] }))}
      >
        {/* Who came by a link must not meet a refusal. */}
        <TabPanel tab={tab}>
          {hidden.has(tab) ? (
            <EmptyState icon={LockKeyhole} title={t.tabs[tab]} text={t.notForYou} />
          ) : (
            children
          )}
        </TabPanel>
      </Tabs>
    </>
  )
}
