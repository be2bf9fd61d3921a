import { useQuery } from '@tanstack/react-query'
import { LockKeyhole } from 'lucide-react'
import { useCan } from '../../account/use-session.ts'
import { useMessages } from '../../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { providerQuery } from '../queries.ts'
import { ProviderForm } from './provider-form.tsx'
import { RulesForm } from './rules-form.tsx'
import { TryOut } from './try-out.tsx'

/** How people sign in with an account they have elsewhere, and who of them gets in. */
export function SignInSettings() {
  const t = useMessages('signIn')
  const { tabs, readOnly } = useMessages('settings')
  const mayRead = useCan('provider.read')
  const setup = useQuery({ ...providerQuery, enabled: mayRead })
  if (!mayRead) return <EmptyState icon={LockKeyhole} title={tabs['sign-in']} text={readOnly} />
  if (setup.isPending) {
    return (
      <Card>
        <SkeletonRows rows={6} />
      </Card>
    )
  }
  if (setup.isError) return <ErrorPanel error={setup.error} onRetry={() => void setup.refetch()} />
  const { provider, rules, redirectUri, signedOutUri, trustsProxy } = setup.data
  return (
    <div className="space-y-4">
      <p className="max-w-prose text-muted-foreground text-pretty">{t.text}</p>
      <ToRegister redirectUri={redirectUri} signedOutUri={signedOutUri} />
      {/* Somebody else's change begins the form anew. */}
      <ProviderForm key={provider?.updatedAt ?? 'none'} provider={provider} />
      <RulesForm key={JSON.stringify(rules)} rules={rules} trustsProxy={trustsProxy} />
      {provider && <TryOut provider={provider} />}
    </div>
  )
}

function ToRegister({ redirectUri, signedOutUri }: { redirectUri: string; signedOutUri: string }) {
  const t = useMessages('signIn').register
  // From the root, where the server was not told its address.
  const isGuessed = redirectUri.startsWith('/')
  const whole = (address: string) => (isGuessed ? `${location.origin}${address}` : address)
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
        <p className="text-sm text-muted-foreground text-pretty">{t.text}</p>
      </CardHeader>
      <CardContent className="grid gap-4 pt-2 lg:grid-cols-2">
        <div className="min-w-0 space-y-1.5">
          <p className="font-medium">{t.redirect}</p>
          <CodeBlock code={whole(redirectUri)} label={t.redirect} wrap />
        </div>
        <div className="min-w-0 space-y-1.5">
          <p className="font-medium">{t.signedOut}</p>
          <CodeBlock code={whole(signedOutUri)} label={t.signedOut} wrap />
          <p className="text-sm text-muted-foreground">{t.signedOutHint}</p>
        </div>
        {isGuessed && <p className="text-sm text-muted-foreground lg:col-span-2">{t.guessed}</p>}
      </CardContent>
    </Card>
  )
}
